import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';

const command: Command = {
  name: 'create',
  use: 'create',
  short: '',
  run: async () => {
    throw new CommandError('kubectl create is not implemented yet');
  },
};

export default command;
