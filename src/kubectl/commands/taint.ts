import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'taint',
  use: 'taint',
  short: '',
  run: async () => {
    throw new CommandError('kubectl taint is not implemented yet');
  },
};

export default command;
