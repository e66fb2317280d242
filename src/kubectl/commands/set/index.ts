import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';

const command: Command = {
  name: 'set',
  use: 'set',
  short: '',
  run: async () => {
    throw new CommandError('kubectl set is not implemented yet');
  },
};

export default command;
