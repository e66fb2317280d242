import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { globalFlags } from '../flags/global.ts';
import { flagUsages } from '../help.ts';

const command: Command = {
  name: 'options',
  use: 'options',
  short: 'Print the list of flags inherited by all commands',
  examples: `
# Print flags inherited by all commands
kubectl options`,
  ownHelp: '',
  flagError: (message, path) => new CommandError(`${message}\nRun '${path}' without flags.`),
  run: async ({ environment }) => {
    const usages = flagUsages(globalFlags(environment.host));
    environment.io.out(`The following options can be passed to any command:\n\n${usages}\n`);
  },
};

export default command;
