import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';

const command: Command = {
  name: 'apply',
  use: 'apply',
  short: '',
  run: async () => {
    throw new CommandError('kubectl apply is not implemented yet');
  },
};

export default command;
