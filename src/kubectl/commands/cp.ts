import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'cp',
  use: 'cp',
  short: '',
  run: async () => {
    throw new CommandError('kubectl cp is not implemented yet');
  },
};

export default command;
