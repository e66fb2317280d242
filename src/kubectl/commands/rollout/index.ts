import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';

const command: Command = {
  name: 'rollout',
  use: 'rollout',
  short: '',
  run: async () => {
    throw new CommandError('kubectl rollout is not implemented yet');
  },
};

export default command;
