import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'scale',
  use: 'scale',
  short: '',
  run: async () => {
    throw new CommandError('kubectl scale is not implemented yet');
  },
};

export default command;
