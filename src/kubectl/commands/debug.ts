import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'debug',
  use: 'debug',
  short: '',
  run: async () => {
    throw new CommandError('kubectl debug is not implemented yet');
  },
};

export default command;
