import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'replace',
  use: 'replace',
  short: '',
  run: async () => {
    throw new CommandError('kubectl replace is not implemented yet');
  },
};

export default command;
