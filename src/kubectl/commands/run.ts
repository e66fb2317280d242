import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'run',
  use: 'run',
  short: '',
  run: async () => {
    throw new CommandError('kubectl run is not implemented yet');
  },
};

export default command;
