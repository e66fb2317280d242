import { formatTime, parseTime } from '../../base/time.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { Job, Pod } from '../../types/objects.ts';
import { claim } from '../shared/claim.ts';
import { sameJson } from '../shared/objects.ts';
import { isNotFound, PodControl, slowStart } from '../shared/pod-control.ts';
import { byDeletionOrder, isPodActive, isPodReady } from '../shared/pods.ts';
import { type Failures, failuresAfter, forgetFailures, keepFailures, retryAt } from './backoff.ts';
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
  surplusOfIndexes,
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

/** So many pods are created or deleted in one go (MaxPodCreateDeletePerSync). */
const MOST_AT_ONCE = 500;

/** Pods that have ended and are not counted yet. */
interface Fresh {
  succeeded: Pod[];
  failed: Pod[];
  /** With those that the failure policy ignores, and of indexes that have succeeded already: all delay what comes next. */
  all: { succeeded: Pod[]; failed: Pod[] };
}

/** What was done about the pods. */
interface Change {
  made: number;
  ended: Pod[];
  /** A back-off delays the next pods. */
  delayed?: boolean;
  failure?: Error;
}

/** One look at a job and its pods (pkg/controller/job). */
export class JobControl {
  private readonly control: PodControl;
  private readonly key: string;
  private pods: Pod[] = [];
  /** Of a job with a limit for each index: the indexes that have failed, and the pods whose replacements are to come. */
  private failedIndexes: number[] = [];
  private waiting = new Map<number, Pod>();
  private failures: Failures = { count: 0, last: 0 };

  constructor(
    private readonly world: ActorWorld,
    private job: Job,
  ) {
    this.control = new PodControl(world, job, COMPONENT);
    this.key = `${job.metadata.namespace}/${job.metadata.name}`;
  }

  run(): void {
    this.pods = claim(this.world, 'pods', this.job, this.job.spec!.selector, undefined, TRACKING);
    if (isFinished(this.job) || this.job.metadata.deletionTimestamp) {
      forgetFailures(this.world, this.key);
      return this.release(this.pods.filter(isTracked));
    }
    const suspended = this.job.spec!.suspend ?? false;
    const status: Status = { ...this.job.status };
    if (!status.startTime && !suspended) status.startTime = formatTime(this.world.now());

    const fresh = this.uncounted();
    this.failures = failuresAfter(this.world, this.key, fresh.all);
    if (isPerIndex(this.job)) this.lookAtIndexes(status, fresh);
    const succeeded = isIndexed(this.job)
      ? this.succeededIndexes(status, fresh.succeeded).length
      : (status.succeeded ?? 0) + fresh.succeeded.length;
    const failed = (status.failed ?? 0) + fresh.failed.length;
    const active = this.pods.filter(isPodActive);
    let ending = this.ending(status, active, failed, fresh);
    let change: Change = { made: 0, ended: active };
    if (ending) {
      for (const pod of active) this.control.delete(pod);
      // Whoever is left when a job fails has failed, too.
      const left = ending.type === 'FailureTarget' ? [...active, ...this.waiting.values()] : [];
      fresh.failed.push(...left.filter((pod) => this.counts(pod)));
    } else {
      change = suspended ? this.suspend(active) : this.manage(active, succeeded, fresh.succeeded);
      if (this.isComplete(succeeded, active.length - change.ended.length + change.made)) ending = COMPLETED;
    }
    const left = active.filter((pod) => !change.ended.includes(pod));
    status.active = change.delayed ? 0 : left.length + change.made;
    status.terminating = this.pods.filter(isTerminating).length + change.ended.length;
    status.ready = left.filter(isPodReady).length;
    status.conditions = ending ? status.conditions : this.suspension(status, suspended);
    this.count(status, fresh, ending);
    if (change.failure) throw change.failure;
  }

  // What there is to count.

  /** Pods that have ended and are not counted yet; those that the failure policy ignores are let go. */
  private uncounted(): Fresh {
    const known = new Set([
      ...(this.job.status?.uncountedTerminatedPods?.succeeded ?? []),
      ...(this.job.status?.uncountedTerminatedPods?.failed ?? []),
    ]);
    const tracked = this.pods.filter((pod) => isTracked(pod) && !known.has(pod.metadata.uid!));
    const policy = this.job.spec!.podFailurePolicy;
    const failed = tracked.filter((pod) => hasFailed(pod, this.job) && (!policy || pod.status?.phase === 'Failed'));
    const ignored = failed.filter((pod) => !this.counts(pod));
    this.release(ignored);
    const done = new Set(parseIndexes(this.job.status?.completedIndexes));
    const succeeded = tracked.filter((pod) => hasSucceeded(pod) && !(isIndexed(this.job) && done.has(indexOf(pod))));
    const all = { succeeded: tracked.filter(hasSucceeded), failed };
    return { succeeded, failed: failed.filter((pod) => !ignored.includes(pod)), all };
  }

  /** Whether the failure of a pod is one of the job, too. */
  private counts(pod: Pod): boolean {
    return judge(this.job.spec!.podFailurePolicy, pod).action !== 'Ignore';
  }

  /** Finds which indexes have failed for good, and leaves pods uncounted whose replacements are to come. */
  private lookAtIndexes(status: Status, fresh: Fresh): void {
    const failed = new Set([...parseIndexes(status.failedIndexes), ...failedIndexes(this.job, this.pods)]);
    this.failedIndexes = [...failed].sort((a, b) => a - b);
    status.failedIndexes = formatIndexes(this.failedIndexes);
    const settled = new Set([...failed, ...this.succeededIndexes(status, fresh.succeeded)]);
    this.waiting = awaitingReplacement(this.job, this.pods, this.pods.filter(isPodActive), settled);
    const delayed = new Set(this.waiting.values());
    fresh.failed = fresh.failed.filter((pod) => !delayed.has(pod));
  }

  private succeededIndexes(status: Status, fresh: Pod[]): number[] {
    const all = new Set([...parseIndexes(status.completedIndexes), ...fresh.map(indexOf)]);
    return [...all].filter((index) => index >= 0 && index < this.completions!);
  }

  private get completions(): number | undefined {
    return this.job.spec!.completions;
  }

  private isComplete(succeeded: number, active: number): boolean {
    if (this.completions === undefined) return succeeded > 0 && active === 0;
    return succeeded >= this.completions && active === 0;
  }

  private ending(status: Status, active: Pod[], failed: number, fresh: Fresh): Ending | undefined {
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
    const { maxFailedIndexes, completions } = this.job.spec!;
    const failed = this.failedIndexes.length;
    if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) return TOO_MANY_INDEXES;
    if (failed > 0 && failed + succeeded.length >= completions!) return FAILED_INDEXES;
    const message = successMessage(this.job, succeeded);
    return message ? { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message } : undefined;
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

  /** As many pods as are wanted now, more or fewer. */
  private manage(active: Pod[], succeeded: number, fresh: Pod[]): Change {
    const parallelism = this.job.spec!.parallelism ?? 1;
    let wanted = parallelism;
    if (this.completions !== undefined) wanted = Math.min(parallelism, Math.max(0, this.completions - succeeded));
    else if (succeeded > 0) wanted = active.length;
    const ended = this.surplus(active, active.length - wanted);
    if (ended.length > 0) return this.end(ended);
    const dying = this.job.spec!.podReplacementPolicy === 'Failed' ? this.pods.filter(isTerminating).length : 0;
    const missing = Math.min(wanted - active.length - dying, MOST_AT_ONCE);
    if (missing <= 0) return { made: 0, ended: [] };
    if (isPerIndex(this.job)) return this.replaceIndexes(missing, active, fresh);
    const ready = retryAt(this.failures);
    if (this.world.now() < ready) return this.later(ready);
    return this.create(this.freeIndexes(missing, active, fresh));
  }

  /** Which active pods go when there are `count` too many: those with no index of their own in any case. */
  private surplus(active: Pod[], count: number): Pod[] {
    const order = byDeletionOrder(active, this.world.now());
    const first = isIndexed(this.job) ? surplusOfIndexes(active, this.completions!, order) : [];
    const others = active.filter((pod) => !first.includes(pod)).sort(order);
    return [...first, ...others.slice(0, Math.max(0, count - first.length))].slice(0, MOST_AT_ONCE);
  }

  /** Nothing is made before `time`; until then none counts as active. */
  private later(time: number): Change {
    this.world.wake(this.key, time);
    return { made: 0, ended: [], delayed: true };
  }

  private create(indexes: (number | undefined)[]): Change {
    let made = 0;
    try {
      slowStart(indexes.length, (at) => {
        const index = indexes[at];
        const counts = isPerIndex(this.job) ? failureCounts(this.job, this.waiting.get(index!)) : {};
        this.control.create(newPod(this.job, index, counts));
        made++;
      });
    } catch (error) {
      return { made, ended: [], failure: error as Error };
    }
    return { made, ended: [] };
  }

  /** Makes pods for the indexes whose own back-off is over. */
  private replaceIndexes(missing: number, active: Pod[], fresh: Pod[]): Change {
    const now = this.world.now();
    const indexes = this.freeIndexes(missing, active, fresh) as number[];
    const readyAt = (index: number) => indexRetryAt(this.waiting.get(index), now);
    const ready = indexes.filter((index) => readyAt(index) <= now);
    return ready.length > 0 || indexes.length === 0
      ? this.create(ready)
      : this.later(Math.min(...indexes.map(readyAt)));
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

  private suspend(active: Pod[]): Change {
    return this.end(this.surplus(active, active.length));
  }

  /** Ends pods that are wanted no more, which is no failure of theirs. */
  private end(pods: Pod[]): Change {
    this.release(pods);
    for (const pod of pods) this.control.delete(pod);
    return { made: 0, ended: pods };
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
    if (!suspended) status.startTime = formatTime(this.world.now());
    this.tell('Normal', event, message);
    const next = this.condition('Suspended', value, reason, message);
    return current ? conditions.map((one) => (one === current ? next : one)) : [...conditions, next];
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.job, type, reason, message, { component: COMPONENT });
  }

  /** Counts ended pods in two writes around their release, so that none is ever lost or counted twice. */
  private count(status: Status, fresh: Fresh, ending: Ending | undefined): void {
    const uids = (pods: Pod[]) => pods.map(({ metadata }) => metadata.uid!);
    const { uncountedTerminatedPods: before } = status;
    // Of an indexed job, the index is enough to count no pod twice.
    const succeeded = [...(before?.succeeded ?? []), ...(isIndexed(this.job) ? [] : uids(fresh.succeeded))];
    const failed = [...(before?.failed ?? []), ...uids(fresh.failed)];
    status.uncountedTerminatedPods = {
      ...(succeeded.length > 0 && { succeeded }),
      ...(failed.length > 0 && { failed }),
    };
    if (isIndexed(this.job)) {
      const done = this.succeededIndexes(status, fresh.succeeded);
      status.completedIndexes = formatIndexes(done);
      status.succeeded = done.length;
    }
    const announced = status.conditions?.some(({ type }) => type === ending?.type);
    if (ending && !announced) {
      const next = this.condition(ending.type, 'True', ending.reason, ending.message);
      status.conditions = [...(status.conditions ?? []), next];
    }
    this.write(status);
    keepFailures(this.world, this.key, this.failures);
    const counted = new Set([...succeeded, ...failed]);
    const isDone = (pod: Pod) => ending !== undefined || hasSucceeded(pod) || counted.has(pod.metadata.uid!);
    this.release(this.pods.filter((pod) => isTracked(pod) && isDone(pod)));
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
    else {
      if (this.completions !== undefined && (this.job.status?.succeeded ?? 0) > this.completions)
        this.tell('Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
      this.tell('Normal', 'Completed', 'Job completed');
    }
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
