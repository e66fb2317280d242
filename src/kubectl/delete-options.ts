import type { FlagValues } from './command.ts';
import { CommandError } from './errors.ts';
import { boolOf } from './flags/values.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

const STRATEGIES: Record<string, Propagation> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
};

/** The `propagationPolicy` that --cascade means; throws for any other value. `warn` is told of the booleans of old. */
export function cascadingStrategy(flags: FlagValues, warn?: (text: string) => void): Propagation {
  const text = flags.string('cascade');
  const strategy = boolOf(text) === undefined ? text : boolOf(text) ? 'background' : 'orphan';
  if (!Object.hasOwn(STRATEGIES, strategy)) {
    throw new CommandError(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`);
  }
  if (strategy !== text) {
    warn?.(
      `warning: --cascade=${text} is deprecated (boolean value) and can be replaced with --cascade=${strategy}.\n`,
    );
  }
  return STRATEGIES[strategy]!;
}

/** The DeleteOptions of a request; a negative grace period leaves it to the server. */
export const deleteOptions = (gracePeriodSeconds: number, propagationPolicy: Propagation) => ({
  ...(gracePeriodSeconds >= 0 && { gracePeriodSeconds }),
  propagationPolicy,
});

export const FORCE_WARNING =
  'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.';
