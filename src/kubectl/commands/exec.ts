import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'exec',
  use: 'exec',
  short: '',
  run: async () => {
    throw new CommandError('kubectl exec is not implemented yet');
  },
};

export default command;
