import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'cordon',
  use: 'cordon',
  short: '',
  run: async () => {
    throw new CommandError('kubectl cordon is not implemented yet');
  },
};

export default command;
