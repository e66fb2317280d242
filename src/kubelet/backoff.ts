import { TIMING } from './timing.ts';

/** client-go's flowcontrol.Backoff for one key, as plain data: the delay, and when it was last raised. */
export interface Backoff {
  delay: number;
  updated: number;
}

const expired = (entry: Backoff, at: number) => at - entry.updated > 2 * TIMING.maxBackOff;

/** Whether a retry must still wait, counted from `since` (the end of the last run). */
export const isInBackOffSince = (entry: Backoff | undefined, since: number, now: number): boolean =>
  entry !== undefined && !expired(entry, since) && now - since < entry.delay;

/** Whether a retry must still wait, counted from the back-off's last raise. */
export const isInBackOffSinceUpdate = (entry: Backoff | undefined, now: number): boolean =>
  entry !== undefined && !expired(entry, now) && now - entry.updated < entry.delay;

/** The next step: 10 s at first and after ten quiet minutes, otherwise twice the last up to 5 min. */
export const nextBackOff = (entry: Backoff | undefined, eventTime: number, now: number): Backoff => ({
  delay: !entry || expired(entry, eventTime) ? TIMING.firstBackOff : Math.min(entry.delay * 2, TIMING.maxBackOff),
  updated: now,
});
