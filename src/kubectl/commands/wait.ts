import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'wait',
  use: 'wait',
  short: '',
  run: async () => {
    throw new CommandError('kubectl wait is not implemented yet');
  },
};

export default command;
