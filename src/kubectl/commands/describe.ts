import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'describe',
  use: 'describe',
  short: '',
  run: async () => {
    throw new CommandError('kubectl describe is not implemented yet');
  },
};

export default command;
