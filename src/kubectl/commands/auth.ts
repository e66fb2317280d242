import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'auth',
  use: 'auth',
  short: '',
  run: async () => {
    throw new CommandError('kubectl auth is not implemented yet');
  },
};

export default command;
