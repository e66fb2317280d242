import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'edit',
  use: 'edit',
  short: '',
  run: async () => {
    throw new CommandError('kubectl edit is not implemented yet');
  },
};

export default command;
