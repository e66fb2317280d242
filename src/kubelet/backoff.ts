import {
  type Backoff,
  type BackoffLimits,
  isInBackoffSince,
  isInBackoffSinceUpdate,
  nextBackoff,
} from '../runtime/component-helpers/backoff.ts';
import { TIMING } from './timing.ts';

export type { Backoff };

/** Of containers that end and of images that cannot be pulled: 10 s, doubled up to 5 min, forgotten after ten quiet minutes. */
const LIMITS: BackoffLimits = { first: TIMING.firstBackOff, most: TIMING.maxBackOff };

export const isInBackOffSince = (entry: Backoff | undefined, since: number, now: number): boolean =>
  isInBackoffSince(entry, since, now, LIMITS);

export const isInBackOffSinceUpdate = (entry: Backoff | undefined, now: number): boolean =>
  isInBackoffSinceUpdate(entry, now, LIMITS);

export const nextBackOff = (entry: Backoff | undefined, eventTime: number, now: number): Backoff =>
  nextBackoff(entry, eventTime, now, LIMITS);
