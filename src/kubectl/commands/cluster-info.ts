import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'cluster-info',
  use: 'cluster-info',
  short: '',
  run: async () => {
    throw new CommandError('kubectl cluster-info is not implemented yet');
  },
};

export default command;
