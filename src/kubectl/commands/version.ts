import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'version',
  use: 'version',
  short: '',
  run: async () => {
    throw new CommandError('kubectl version is not implemented yet');
  },
};

export default command;
