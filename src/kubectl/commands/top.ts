import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'top',
  use: 'top',
  short: '',
  run: async () => {
    throw new CommandError('kubectl top is not implemented yet');
  },
};

export default command;
