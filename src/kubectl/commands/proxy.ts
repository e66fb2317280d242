import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'proxy',
  use: 'proxy',
  short: '',
  run: async () => {
    throw new CommandError('kubectl proxy is not implemented yet');
  },
};

export default command;
