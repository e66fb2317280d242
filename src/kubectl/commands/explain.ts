import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'explain',
  use: 'explain',
  short: '',
  run: async () => {
    throw new CommandError('kubectl explain is not implemented yet');
  },
};

export default command;
