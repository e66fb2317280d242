import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'uncordon',
  use: 'uncordon',
  short: '',
  run: async () => {
    throw new CommandError('kubectl uncordon is not implemented yet');
  },
};

export default command;
