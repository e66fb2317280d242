import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'complete',
  use: 'complete',
  short: '',
  run: async () => {
    throw new CommandError('kubectl complete is not implemented yet');
  },
};

export default command;
