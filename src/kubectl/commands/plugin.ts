import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'plugin',
  use: 'plugin',
  short: '',
  run: async () => {
    throw new CommandError('kubectl plugin is not implemented yet');
  },
};

export default command;
