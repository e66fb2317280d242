import type { FlagValues } from './command.ts';
import { CommandError } from './errors.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** The `propagationPolicy` that --cascade means; throws for any other value. */
export function cascadingStrategy(flags: FlagValues): Propagation {
  switch (flags.string('cascade')) {
    case 'background':
    case 'true':
      return 'Background';
    case 'foreground':
      return 'Foreground';
    case 'orphan':
    case 'false':
      return 'Orphan';
  }
  throw new CommandError(
    `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
  );
}

/** The DeleteOptions of a request; a negative grace period leaves it to the server. */
export const deleteOptions = (gracePeriodSeconds: number, propagationPolicy: Propagation) => ({
  ...(gracePeriodSeconds >= 0 && { gracePeriodSeconds }),
  propagationPolicy,
});

export const FORCE_WARNING =
  'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.';
