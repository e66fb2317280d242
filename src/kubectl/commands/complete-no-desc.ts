import type { Command } from '../command.ts';
import completion, { complete } from './complete.ts';

/** What shells ask that show no descriptions. */
const command: Command = {
  ...completion,
  name: '__completeNoDesc',
  use: '__completeNoDesc [command-line]',
  run: (invocation) => complete(invocation, false),
};

export default command;
