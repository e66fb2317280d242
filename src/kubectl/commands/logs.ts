import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'logs',
  use: 'logs',
  short: '',
  run: async () => {
    throw new CommandError('kubectl logs is not implemented yet');
  },
};

export default command;
