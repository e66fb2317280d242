import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'completion',
  use: 'completion',
  short: '',
  run: async () => {
    throw new CommandError('kubectl completion is not implemented yet');
  },
};

export default command;
