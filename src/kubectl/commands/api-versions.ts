import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'api-versions',
  use: 'api-versions',
  short: '',
  run: async () => {
    throw new CommandError('kubectl api-versions is not implemented yet');
  },
};

export default command;
