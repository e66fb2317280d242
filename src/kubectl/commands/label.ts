import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'label',
  use: 'label',
  short: '',
  run: async () => {
    throw new CommandError('kubectl label is not implemented yet');
  },
};

export default command;
