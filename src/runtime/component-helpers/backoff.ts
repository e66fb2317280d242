/** client-go's flowcontrol.Backoff for one key, as plain data: the delay, and when it was last raised; ms. */
export interface Backoff {
  delay: number;
  updated: number;
}

/** The first delay and the longest, ms. */
export interface BackoffLimits {
  first: number;
  most: number;
}

const expired = (entry: Backoff, at: number, { most }: BackoffLimits) => at - entry.updated > 2 * most;

/** Whether a retry must still wait, counted from `since` (the end of the last run). */
export const isInBackoffSince = (
  entry: Backoff | undefined,
  since: number,
  now: number,
  limits: BackoffLimits,
): boolean => entry !== undefined && !expired(entry, since, limits) && now - since < entry.delay;

/** Whether a retry must still wait, counted from the back-off's last raise. */
export const isInBackoffSinceUpdate = (entry: Backoff | undefined, now: number, limits: BackoffLimits): boolean =>
  entry !== undefined && !expired(entry, now, limits) && now - entry.updated < entry.delay;

/** The next step: `first` at first and after a long quiet time, otherwise twice the last up to `most`. */
export const nextBackoff = (
  entry: Backoff | undefined,
  eventTime: number,
  now: number,
  limits: BackoffLimits,
): Backoff => ({
  delay: !entry || expired(entry, eventTime, limits) ? limits.first : Math.min(entry.delay * 2, limits.most),
  updated: now,
});
