import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'patch',
  use: 'patch',
  short: '',
  run: async () => {
    throw new CommandError('kubectl patch is not implemented yet');
  },
};

export default command;
