import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'autoscale',
  use: 'autoscale',
  short: '',
  run: async () => {
    throw new CommandError('kubectl autoscale is not implemented yet');
  },
};

export default command;
