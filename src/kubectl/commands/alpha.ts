import type { Command } from '../command.ts';

const command: Command = {
  name: 'alpha',
  use: 'alpha',
  short: 'Commands for features in alpha',
  run: async ({ environment }) => {
    environment.io.err('No alpha commands are available in this version of kubectl\n');
  },
};

export default command;
