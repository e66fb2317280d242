import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'certificate',
  use: 'certificate',
  short: '',
  run: async () => {
    throw new CommandError('kubectl certificate is not implemented yet');
  },
};

export default command;
