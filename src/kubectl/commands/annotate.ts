import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'annotate',
  use: 'annotate',
  short: '',
  run: async () => {
    throw new CommandError('kubectl annotate is not implemented yet');
  },
};

export default command;
