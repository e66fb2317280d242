import type { ActorWorld } from '../../runtime/actor.ts';
import type { Pod } from '../../types/objects.ts';
import { backOff, finishTime } from './pods.ts';

/** How often in a row a job's pods failed, and when the last did, ms. */
export interface Failures {
  count: number;
  last: number;
}

const NONE: Failures = { count: 0, last: 0 };
const section = (world: ActorWorld) => world.state.section<Failures>('job-failures');

/** The failures after those of `fresh`, of which none has been looked at before (newBackoffRecord). */
export function failuresAfter(world: ActorWorld, key: string, fresh: { succeeded: Pod[]; failed: Pod[] }): Failures {
  const now = world.now();
  const times = (pods: Pod[]) => pods.map((pod) => finishTime(pod, now));
  const before = section(world).get(key) ?? NONE;
  const failed = times(fresh.failed);
  if (fresh.succeeded.length === 0)
    return failed.length === 0 ? before : { count: before.count + failed.length, last: Math.max(...failed) };
  const success = Math.max(...times(fresh.succeeded));
  const since = failed.filter((time) => time > success);
  return since.length === 0 ? NONE : { count: since.length, last: Math.max(...since) };
}

export function keepFailures(world: ActorWorld, key: string, failures: Failures): void {
  const kept = section(world);
  const before = kept.get(key) ?? NONE;
  if (failures.count === 0) kept.delete(key);
  else if (failures.count !== before.count || failures.last !== before.last) kept.set(key, failures);
}

export const forgetFailures = (world: ActorWorld, key: string): void => section(world).delete(key);

/** When the next pod may be made, ms: 10 s after a failure, doubled with each more in a row. */
export const retryAt = ({ count, last }: Failures): number => (count === 0 ? 0 : last + backOff(count));
