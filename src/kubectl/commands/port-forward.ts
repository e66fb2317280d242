import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'port-forward',
  use: 'port-forward',
  short: '',
  run: async () => {
    throw new CommandError('kubectl port-forward is not implemented yet');
  },
};

export default command;
