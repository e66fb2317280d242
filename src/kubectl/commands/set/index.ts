import type { Command } from '../../command.ts';
import { dryRunStrategy } from '../../flags/common.ts';
import { printerFor } from '../../printers/print-flags.ts';
import { env } from './env.ts';
import { image } from './image.ts';
import { selector, serviceaccount, subject } from './others.ts';
import { resources } from './resources.ts';

/** What would print is looked at first of all. */
const afterPrinter = ({ run, ...subcommand }: Command): Command => ({
  ...subcommand,
  async run(invocation) {
    dryRunStrategy(invocation);
    await printerFor(invocation, '');
    return await run!(invocation);
  },
});

const command: Command = {
  name: 'set',
  use: 'set SUBCOMMAND',
  short: 'Set specific features on objects',
  long: 'Change parts of existing objects.\n\nThese commands help to change what an application runs with, without writing its whole configuration.',
  subcommands: [image, resources, selector, subject, serviceaccount, env].map(afterPrinter),
};

export default command;
