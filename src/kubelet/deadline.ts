import { parseTime } from '../base/time.ts';
import type { PodScope } from './pod/scope.ts';

const REASON = 'DeadlineExceeded';
const MESSAGE = 'Pod was active on the node longer than the specified deadline';

/** When activeDeadlineSeconds end the pod. */
export function deadline({ pod }: PodScope): number {
  const seconds = pod?.spec?.activeDeadlineSeconds;
  const started = pod?.status?.startTime;
  return seconds && started ? parseTime(started) + seconds * 1000 : Number.POSITIVE_INFINITY;
}

export const isOverdue = (scope: PodScope): boolean =>
  scope.worker.stage === 'sync' && !scope.worker.ended && deadline(scope) <= scope.now;

/** ShouldEvict of the active deadline handler: every status that is generated from the deadline on tells of it. */
export function heedDeadline(scope: PodScope): void {
  if (isOverdue(scope)) scope.worker.ended = { reason: REASON, message: MESSAGE };
  if (scope.worker.ended?.reason === REASON) scope.event('Normal', REASON, MESSAGE);
}
