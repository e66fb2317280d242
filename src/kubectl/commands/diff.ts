import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'diff',
  use: 'diff',
  short: '',
  run: async () => {
    throw new CommandError('kubectl diff is not implemented yet');
  },
};

export default command;
