import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';

const command: Command = {
  name: 'config',
  use: 'config',
  short: '',
  run: async () => {
    throw new CommandError('kubectl config is not implemented yet');
  },
};

export default command;
