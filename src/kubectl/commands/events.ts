import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'events',
  use: 'events',
  short: '',
  run: async () => {
    throw new CommandError('kubectl events is not implemented yet');
  },
};

export default command;
