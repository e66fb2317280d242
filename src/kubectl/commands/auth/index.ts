import type { Command } from '../../command.ts';
import { canI } from './can-i.ts';
import { reconcile } from './reconcile.ts';
import { whoami } from './whoami.ts';

const command: Command = {
  name: 'auth',
  use: 'auth',
  flagsInUseLine: true,
  short: 'Inspect authorization',
  long: 'Inspect authorization.',
  subcommands: [canI, reconcile, whoami],
};

export default command;
