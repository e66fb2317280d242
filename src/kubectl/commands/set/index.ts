import type { Command } from '../../command.ts';
import { env } from './env.ts';
import { image } from './image.ts';
import { selector, serviceaccount, subject } from './others.ts';
import { resources } from './resources.ts';

const command: Command = {
  name: 'set',
  use: 'set SUBCOMMAND',
  short: 'Set specific features on objects',
  long: 'Change parts of existing objects.\n\nThese commands help to change what an application runs with, without writing its whole configuration.',
  subcommands: [image, resources, selector, subject, serviceaccount, env],
};

export default command;
