import type { Command } from '../command.ts';

const NONE = 'No alpha commands are available in this version of kubectl\n';

const command: Command = {
  name: 'alpha',
  use: 'alpha',
  short: 'Commands for features in alpha',
  ownHelp: NONE,
  run: async ({ environment }) => environment.io.err(NONE),
};

export default command;
