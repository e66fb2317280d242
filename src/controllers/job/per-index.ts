import type { Job, Pod } from '../../types/objects.ts';
import { judge } from './failure-policy.ts';
import { backOff, finishTime, hasFailed, indexOf } from './pods.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const isPerIndex = (job: Job): boolean => job.spec?.backoffLimitPerIndex !== undefined;

const count = (pod: Pod, annotation: string): number => Number(pod.metadata.annotations?.[annotation] ?? 0);
const allFailures = (pod: Pod): number => count(pod, FAILURES) + count(pod, IGNORED);

/** Whether this failure of an index is its last: its limit is reached, or the failure policy gives it up. */
function givesUp(pod: Pod, job: Job): boolean {
  const { action } = judge(job.spec!.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && count(pod, FAILURES) >= job.spec!.backoffLimitPerIndex!;
}

/** The indexes of `pods` that have failed for good. */
export const failedIndexes = (job: Job, pods: Pod[]): number[] =>
  pods.filter((pod) => isInRange(pod, job) && hasFailed(pod, job) && givesUp(pod, job)).map(indexOf);

const isInRange = (pod: Pod, job: Job): boolean => indexOf(pod) >= 0 && indexOf(pod) < job.spec!.completions!;

/**
 * By index, the failed pod that its next one replaces (getPodsWithDelayedDeletionPerIndex): it is neither counted nor let go before.
 * `settled`: indexes that need no more pods.
 */
export function awaitingReplacement(job: Job, pods: Pod[], active: Pod[], settled: Set<number>): Map<number, Pod> {
  const waiting = new Map<number, Pod>();
  for (const pod of pods) {
    const index = indexOf(pod);
    if (!isInRange(pod, job) || settled.has(index) || !hasFailed(pod, job)) continue;
    const other = waiting.get(index);
    if (!other || allFailures(other) <= allFailures(pod)) waiting.set(index, pod);
  }
  for (const pod of active) {
    const replaced = waiting.get(indexOf(pod));
    if (replaced && allFailures(pod) > allFailures(replaced)) waiting.delete(indexOf(pod));
  }
  return waiting;
}

/** The annotations that tell how often an index failed before, for the pod that comes after `replaced`. */
export function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (!replaced) return { [FAILURES]: '0' };
  const ignored = judge(job.spec!.podFailurePolicy, replaced).action === 'Ignore';
  const failures = count(replaced, FAILURES) + (ignored ? 0 : 1);
  const overlooked = count(replaced, IGNORED) + (ignored ? 1 : 0);
  return { [FAILURES]: String(failures), ...(overlooked > 0 && { [IGNORED]: String(overlooked) }) };
}

/** When an index may have its next pod after `replaced` failed, ms. */
export const indexRetryAt = (replaced: Pod | undefined, now: number): number =>
  replaced ? finishTime(replaced, now) + backOff(allFailures(replaced) + 1) : 0;
