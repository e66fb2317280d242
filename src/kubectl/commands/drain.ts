import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'drain',
  use: 'drain',
  short: '',
  run: async () => {
    throw new CommandError('kubectl drain is not implemented yet');
  },
};

export default command;
