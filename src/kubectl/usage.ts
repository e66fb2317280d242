import type { Invocation } from './command.ts';
import { CommandError } from './errors.ts';

/** A wrong command line, with where to read how it should be (cmdutil.UsageErrorf). */
export const usageError = ({ commandPath }: Pick<Invocation, 'commandPath'>, message: string): CommandError =>
  new CommandError(`${message}\nSee '${commandPath} -h' for help and examples`);
