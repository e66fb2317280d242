import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'api-resources',
  use: 'api-resources',
  short: '',
  run: async () => {
    throw new CommandError('kubectl api-resources is not implemented yet');
  },
};

export default command;
