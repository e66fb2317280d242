import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'attach',
  use: 'attach',
  short: '',
  run: async () => {
    throw new CommandError('kubectl attach is not implemented yet');
  },
};

export default command;
