import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'delete',
  use: 'delete',
  short: '',
  run: async () => {
    throw new CommandError('kubectl delete is not implemented yet');
  },
};

export default command;
