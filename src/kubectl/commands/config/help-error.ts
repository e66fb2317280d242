import type { Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';

/** Wrong arguments: the command's help on standard output, and the error. */
export function helpError({ args, program, commandPath, environment }: Invocation, message?: string): CommandError {
  environment.io.out(program.helpOf(commandPath));
  return new CommandError(message ?? `Unexpected args: [${args.join(' ')}]`);
}
