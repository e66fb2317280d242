import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'expose',
  use: 'expose',
  short: '',
  run: async () => {
    throw new CommandError('kubectl expose is not implemented yet');
  },
};

export default command;
