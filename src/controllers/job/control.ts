import { formatTime, parseTime } from '../../base/time.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { Job, Pod } from '../../types/objects.ts';
import { claim } from '../shared/claim.ts';
import { sameJson } from '../shared/objects.ts';
import { isNotFound, PodControl } from '../shared/pod-control.ts';
import { byDeletionOrder, isPodActive, isPodReady } from '../shared/pods.ts';
import { judge } from './failure-policy.ts';
import { awaitingReplacement, failedIndexes, failureCounts, indexRetryAt, isPerIndex } from './per-index.ts';
import {
  formatIndexes,
  hasFailed,
  hasSucceeded,
  indexOf,
  isIndexed,
  isTerminating,
  isTracked,
  newPod,
  parseIndexes,
  retryAt,
  TRACKING,
} from './pods.ts';
import { successMessage } from './success-policy.ts';

export const COMPONENT = 'job-controller';

type Status = NonNullable<Job['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** How a job ends: the condition that says so at once, and the final one once its pods are gone. */
interface Ending {
  type: 'SuccessCriteriaMet' | 'FailureTarget';
  reason: string;
  message: string;
}

const COMPLETED: Ending = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};
const BACKOFF_LIMIT: Ending = {
  type: 'FailureTarget',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
const DEADLINE: Ending = {
  type: 'FailureTarget',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};

export const conditionOf = (job: Job, type: string): Condition | undefined =>
  job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');

export const isFinished = (job: Job): boolean =>
  conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined;

const TOO_MANY_INDEXES: Ending = {
  type: 'FailureTarget',
  reason: 'MaxFailedIndexesExceeded',
  message: 'Job has exceeded the specified maximal number of failed indexes',
};
const FAILED_INDEXES: Ending = { type: 'FailureTarget', reason: 'FailedIndexes', message: 'Job has failed indexes' };

/** One look at a job and its pods (pkg/controller/job). */
export class JobControl {
  private readonly control: PodControl;
  private readonly key: string;
  private pods: Pod[] = [];
  /** Of a job with a limit for each index: the indexes that have failed, and the pods whose replacements are to come. */
  private failedIndexes: number[] = [];
  private waiting = new Map<number, Pod>();

  constructor(
    private readonly world: ActorWorld,
    private job: Job,
  ) {
    this.control = new PodControl(world, job, COMPONENT);
    this.key = `${job.metadata.namespace}/${job.metadata.name}`;
  }

  run(): void {
    this.pods = claim(this.world, 'pods', this.job, this.job.spec!.selector);
    if (isFinished(this.job) || this.job.metadata.deletionTimestamp) return this.release(this.pods.filter(isTracked));
    const suspended = this.job.spec!.suspend ?? false;
    const status: Status = { ...this.job.status };
    if (!status.startTime && !suspended) status.startTime = formatTime(this.world.now());

    const fresh = this.uncounted();
    if (isPerIndex(this.job)) this.lookAtIndexes(status, fresh);
    const succeeded = (status.succeeded ?? 0) + fresh.succeeded.length;
    const failed = (status.failed ?? 0) + fresh.failed.length;
    let active = this.pods.filter(isPodActive);
    const ready = () => active.filter(isPodReady).length;
    let ending = this.ending(status, active, failed, fresh);
    let terminating = this.pods.filter(isTerminating).length;
    if (ending) {
      for (const pod of active) this.end(pod);
      // Those that end now are failures at once, unless only what has failed is replaced.
      if (this.job.spec!.podReplacementPolicy !== 'Failed') fresh.failed.push(...active);
      terminating += active.length;
      active = [];
      status.active = 0;
    } else {
      const { made, ended } = suspended ? this.suspend(active) : this.manage(active, succeeded, fresh.succeeded);
      terminating += ended;
      active = active.slice(ended);
      if (!ending && this.isComplete(succeeded, active.length + made)) ending = COMPLETED;
      status.active = active.length + made;
    }
    Object.assign(status, { terminating, ready: ready() });
    status.conditions = this.suspension(status, suspended);
    this.count(status, fresh, ending);
  }

  // What there is to count.

  /** Pods that have ended and are not counted yet; those that the failure policy ignores are let go. */
  private uncounted(): { succeeded: Pod[]; failed: Pod[] } {
    const known = new Set([
      ...(this.job.status?.uncountedTerminatedPods?.succeeded ?? []),
      ...(this.job.status?.uncountedTerminatedPods?.failed ?? []),
    ]);
    const tracked = this.pods.filter((pod) => isTracked(pod) && !known.has(pod.metadata.uid!));
    const policy = this.job.spec!.podFailurePolicy;
    const failed = tracked.filter((pod) => hasFailed(pod, this.job) && (!policy || pod.status?.phase === 'Failed'));
    const ignored = failed.filter((pod) => judge(policy, pod).action === 'Ignore');
    this.release(ignored);
    const done = new Set(parseIndexes(this.job.status?.completedIndexes));
    const succeeded = tracked.filter((pod) => hasSucceeded(pod) && !(isIndexed(this.job) && done.has(indexOf(pod))));
    return { succeeded, failed: failed.filter((pod) => !ignored.includes(pod)) };
  }

  /** Finds which indexes have failed for good, and leaves pods uncounted whose replacements are to come. */
  private lookAtIndexes(status: Status, fresh: { succeeded: Pod[]; failed: Pod[] }): void {
    const failed = new Set([...parseIndexes(status.failedIndexes), ...failedIndexes(this.job, this.pods)]);
    this.failedIndexes = [...failed].sort((a, b) => a - b);
    status.failedIndexes = formatIndexes(this.failedIndexes);
    const settled = new Set([...failed, ...this.succeededIndexes(status, fresh.succeeded)]);
    this.waiting = awaitingReplacement(this.job, this.pods, this.pods.filter(isPodActive), settled);
    const delayed = new Set(this.waiting.values());
    fresh.failed = fresh.failed.filter((pod) => !delayed.has(pod));
  }

  private succeededIndexes(status: Status, fresh: Pod[]): number[] {
    return [...new Set([...parseIndexes(status.completedIndexes), ...fresh.map(indexOf)])];
  }

  private get completions(): number | undefined {
    return this.job.spec!.completions;
  }

  private isComplete(succeeded: number, active: number): boolean {
    if (this.completions === undefined) return succeeded > 0 && active === 0;
    return succeeded >= this.completions;
  }

  private ending(
    status: Status,
    active: Pod[],
    failed: number,
    fresh: { succeeded: Pod[]; failed: Pod[] },
  ): Ending | undefined {
    const begun = status.conditions?.find(({ type }) => type === 'FailureTarget' || type === 'SuccessCriteriaMet');
    if (begun) return { type: begun.type, reason: begun.reason!, message: begun.message! } as Ending;
    const policy = this.job.spec!.podFailurePolicy;
    const message = fresh.failed.map((pod) => judge(policy, pod).message).find(Boolean);
    if (message) return { type: 'FailureTarget', reason: 'PodFailurePolicy', message };
    const limit = this.job.spec!.backoffLimit ?? 6;
    if (failed > limit || this.restartsExceed(active, limit)) return BACKOFF_LIMIT;
    const { activeDeadlineSeconds, suspend } = this.job.spec!;
    if (activeDeadlineSeconds !== undefined && status.startTime && !suspend) {
      const deadline = parseTime(status.startTime) + activeDeadlineSeconds * 1000;
      if (this.world.now() >= deadline) return DEADLINE;
      this.world.wake(this.key, deadline);
    }
    return isIndexed(this.job) ? this.endingOfIndexes(this.succeededIndexes(status, fresh.succeeded)) : undefined;
  }

  private endingOfIndexes(succeeded: number[]): Ending | undefined {
    const message = successMessage(this.job, succeeded);
    if (message) return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message };
    const { maxFailedIndexes, completions } = this.job.spec!;
    const failed = this.failedIndexes.length;
    if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) return TOO_MANY_INDEXES;
    return failed > 0 && failed + succeeded.length >= completions! ? FAILED_INDEXES : undefined;
  }

  /** With restartPolicy OnFailure it is the restarts that count. */
  private restartsExceed(active: Pod[], limit: number): boolean {
    if (this.job.spec!.template.spec?.restartPolicy !== 'OnFailure') return false;
    const statuses = active.flatMap(({ status }) => [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ]);
    const restarts = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
    return limit === 0 ? restarts > 0 : restarts >= limit;
  }

  // Pods.

  /** As many pods as are wanted now: `made` more, or the first `ended` of the active ones fewer. */
  private manage(active: Pod[], succeeded: number, fresh: Pod[]): { made: number; ended: number } {
    const parallelism = this.job.spec!.parallelism ?? 1;
    let wanted = parallelism;
    if (this.completions !== undefined) wanted = Math.min(parallelism, Math.max(0, this.completions - succeeded));
    else if (succeeded > 0) wanted = Math.min(active.length, parallelism);
    if (active.length > wanted) {
      active.sort(byDeletionOrder(active, this.world.now()));
      const ended = active.length - wanted;
      for (const pod of active.slice(0, ended)) this.end(pod);
      return { made: 0, ended };
    }
    const dying = this.job.spec!.podReplacementPolicy === 'Failed' ? this.pods.filter(isTerminating).length : 0;
    const missing = wanted - active.length - dying;
    if (missing <= 0) return { made: 0, ended: 0 };
    if (isPerIndex(this.job)) return { made: this.replaceIndexes(missing, active, fresh), ended: 0 };
    const ready = retryAt(this.job, this.pods, this.world.now());
    if (this.world.now() < ready) {
      this.world.wake(this.key, ready);
      return { made: 0, ended: 0 };
    }
    const indexes = this.freeIndexes(missing, active, fresh);
    for (const index of indexes) this.control.create(newPod(this.job, index));
    return { made: indexes.length, ended: 0 };
  }

  /** Makes pods for the indexes whose own back-off is over. */
  private replaceIndexes(missing: number, active: Pod[], fresh: Pod[]): number {
    const now = this.world.now();
    const indexes = this.freeIndexes(missing, active, fresh) as number[];
    const readyAt = (index: number) => indexRetryAt(this.waiting.get(index), now);
    const ready = indexes.filter((index) => readyAt(index) <= now);
    for (const index of ready)
      this.control.create(newPod(this.job, index, failureCounts(this.job, this.waiting.get(index))));
    const later = indexes.map(readyAt).filter((time) => time > now);
    if (later.length > 0) this.world.wake(this.key, Math.min(...later));
    return ready.length;
  }

  private freeIndexes(count: number, active: Pod[], fresh: Pod[]): (number | undefined)[] {
    if (!isIndexed(this.job)) return Array.from({ length: count }, () => undefined);
    const taken = new Set([
      ...parseIndexes(this.job.status?.completedIndexes),
      ...this.failedIndexes,
      ...[...active, ...fresh].map((pod) => indexOf(pod)),
      ...(this.job.spec!.podReplacementPolicy === 'Failed' ? this.pods.filter(isTerminating).map(indexOf) : []),
    ]);
    const all = Array.from({ length: this.completions ?? 0 }, (_, index) => index);
    return all.filter((index) => !taken.has(index)).slice(0, count);
  }

  private suspend(active: Pod[]): { made: number; ended: number } {
    for (const pod of active) this.end(pod);
    return { made: 0, ended: active.length };
  }

  private end(pod: Pod): void {
    this.control.delete(pod);
  }

  // The status.

  private condition(type: string, status: 'True' | 'False', reason: string, message: string): Condition {
    const at = formatTime(this.world.now());
    return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
  }

  private suspension(status: Status, suspended: boolean): Condition[] {
    const conditions = status.conditions ?? [];
    const current = conditions.find(({ type }) => type === 'Suspended');
    if (suspended ? current?.status === 'True' : current?.status !== 'True') return conditions;
    const [value, reason, message, event] = suspended
      ? (['True', 'JobSuspended', 'Job suspended', 'Suspended'] as const)
      : (['False', 'JobResumed', 'Job resumed', 'Resumed'] as const);
    if (suspended) delete status.startTime;
    else status.startTime = formatTime(this.world.now());
    this.tell('Normal', event, message);
    const next = this.condition('Suspended', value, reason, message);
    return current ? conditions.map((one) => (one === current ? next : one)) : [...conditions, next];
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.job, type, reason, message, { component: COMPONENT });
  }

  /** Counts ended pods in two writes around their release, so that none is ever lost or counted twice. */
  private count(status: Status, fresh: { succeeded: Pod[]; failed: Pod[] }, ending: Ending | undefined): void {
    const uids = (pods: Pod[]) => pods.map(({ metadata }) => metadata.uid!);
    const { uncountedTerminatedPods: before } = status;
    const succeeded = [...(before?.succeeded ?? []), ...uids(fresh.succeeded)];
    const failed = [...(before?.failed ?? []), ...uids(fresh.failed)];
    status.uncountedTerminatedPods = {
      ...(succeeded.length > 0 && { succeeded }),
      ...(failed.length > 0 && { failed }),
    };
    if (isIndexed(this.job)) {
      const done = [...parseIndexes(status.completedIndexes), ...fresh.succeeded.map(indexOf)];
      status.completedIndexes = formatIndexes(done);
    }
    const announced = status.conditions?.some(({ type }) => type === ending?.type);
    if (ending && !announced) {
      const next = this.condition(ending.type, 'True', ending.reason, ending.message);
      status.conditions = [...(status.conditions ?? []), next];
    }
    this.write(status);
    if (succeeded.length + failed.length > 0) {
      const counted = new Set([...succeeded, ...failed]);
      this.release(this.pods.filter(({ metadata }) => counted.has(metadata.uid!)));
    }
    const final: Status = { ...this.job.status, uncountedTerminatedPods: {} };
    final.succeeded = (final.succeeded ?? 0) + succeeded.length;
    final.failed = (final.failed ?? 0) + failed.length;
    const over = ending && (final.active ?? 0) === 0 && (final.terminating ?? 0) === 0;
    if (over) this.finish(final, ending);
    this.write(final);
    if (over) this.tellFinished(ending);
  }

  private finish(status: Status, ending: Ending): void {
    const type = ending.type === 'FailureTarget' ? 'Failed' : 'Complete';
    const next = this.condition(type, 'True', ending.reason, ending.message);
    status.conditions = [...(status.conditions ?? []), next];
    if (type === 'Complete') status.completionTime = formatTime(this.world.now());
  }

  private tellFinished(ending: Ending): void {
    if (ending.type === 'FailureTarget') this.tell('Warning', ending.reason, ending.message);
    else this.tell('Normal', 'Completed', 'Job completed');
  }

  private write(status: Status): void {
    const { active, succeeded, failed, ready, terminating, completedIndexes, conditions, ...others } = status;
    const next = {
      ...others,
      ...(conditions?.length && { conditions }),
      ...(active && { active }),
      ...(succeeded && { succeeded }),
      ...(failed && { failed }),
      ...(completedIndexes && { completedIndexes }),
      ready: ready ?? 0,
      terminating: terminating ?? 0,
    } as Status;
    if (sameJson(next, this.job.status)) return;
    this.job = this.world.client.updateStatus('jobs.batch', { ...this.job, status: next });
  }

  /** Lets pods go that are counted, or need not be. */
  private release(pods: Pod[]): void {
    for (const pod of pods) releasePod(pod, this.world);
  }
}

/** Takes the finalizer off a pod that keeps it until it is counted. */
export function releasePod(pod: Pod, world: ActorWorld): void {
  const current = world.client.get('pods', pod.metadata.namespace!, pod.metadata.name!);
  if (!current || !isTracked(current)) return;
  const finalizers = current.metadata.finalizers!.filter((finalizer) => finalizer !== TRACKING);
  const metadata = { ...current.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined };
  try {
    world.client.update('pods', { ...current, metadata });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
