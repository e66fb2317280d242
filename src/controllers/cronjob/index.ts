import { formatRfc1123, formatTime, parseTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { CronJob, Job } from '../../types/objects.ts';
import { conditionOf, isFinished } from '../job/control.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { controlledBy, controllerKeys, controllerRef } from '../shared/owners.ts';
import { isAlreadyExists, isNamespaceTerminating } from '../shared/pod-control.ts';
import { offsetAt, parseSchedule, type Schedule } from './schedule.ts';

const COMPONENT = 'cronjob-controller';
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** The controller comes a little after the time, so that it is not before it (nextScheduleDelta), ms. */
const DELTA = 100;

type Status = NonNullable<CronJob['status']>;

/** One look at a cron job and its jobs (pkg/controller/cronjob). */
class CronControl {
  private status: Status;
  private jobs: Job[];

  constructor(
    private readonly world: ActorWorld,
    private readonly cron: CronJob,
  ) {
    this.status = { ...cron.status };
    this.jobs = [...controlledBy(world.client, 'jobs.batch', cron)];
  }

  run(): void {
    const jobs = this.cleanUp();
    this.noticeFinished(jobs);
    this.noticeMissing();
    const { suspend, schedule, timeZone } = this.cron.spec!;
    if (!this.cron.metadata.deletionTimestamp && !suspend) this.startDue(parseSchedule(schedule, timeZone));
    const { active, ...rest } = this.status;
    const status = { ...(active?.length && { active }), ...rest } as Status;
    if (!sameJson(status, this.cron.status)) this.world.client.updateStatus('cronjobs.batch', { ...this.cron, status });
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.cron, type, reason, message, { component: COMPONENT });
  }

  private isActive(job: Job): boolean {
    return this.status.active?.some(({ uid }) => uid === job.metadata.uid) ?? false;
  }

  private drop(uid: string | undefined): void {
    this.status = { ...this.status, active: this.status.active?.filter((reference) => reference.uid !== uid) };
  }

  private noticeFinished(jobs: Job[]): void {
    for (const job of jobs) {
      const { name, uid } = job.metadata;
      if (!isFinished(job)) {
        if (!this.isActive(job)) {
          const message = `Saw a job that the controller did not create or forgot: ${name}`;
          this.tell('Warning', 'UnexpectedJob', message);
        }
        continue;
      }
      const condition = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
      if (this.isActive(job)) {
        this.drop(uid);
        this.tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${condition!.type}`);
      }
      const completed = condition?.type === 'Complete' ? job.status?.completionTime : undefined;
      if (completed && (this.status.lastSuccessfulTime ?? '') < completed)
        this.status = { ...this.status, lastSuccessfulTime: completed };
    }
  }

  private noticeMissing(): void {
    for (const { name, uid } of this.status.active ?? []) {
      if (this.jobs.some((job) => job.metadata.uid === uid)) continue;
      this.tell('Normal', 'MissingJob', `Active job went missing: ${name}`);
      this.drop(uid);
    }
  }

  /** The last time that was due and not yet served, ms; undefined if there is none. */
  private dueTime(schedule: Schedule): number | undefined {
    const { startingDeadlineSeconds } = this.cron.spec!;
    const now = this.world.now();
    let earliest = parseTime(this.status.lastScheduleTime ?? this.cron.metadata.creationTimestamp!);
    if (startingDeadlineSeconds !== undefined) earliest = Math.max(earliest, now - startingDeadlineSeconds * 1000);
    let due: number | undefined;
    let count = 0;
    for (let time = schedule.next(earliest); time !== undefined && time <= now; time = schedule.next(time)) {
      due = time;
      count++;
    }
    if (count > 100)
      this.tell(
        'Warning',
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      );
    return due;
  }

  private startDue(schedule: Schedule): void {
    const { spec, metadata } = this.cron;
    const next = schedule.next(this.world.now());
    if (next === undefined) {
      const why = 'time difference between two schedules is less than 1 second';
      return this.tell('Warning', 'InvalidSchedule', `invalid schedule: ${spec!.schedule} : ${why}`);
    }
    this.world.wake(`${metadata.namespace}/${metadata.name}`, next + DELTA);
    const due = this.dueTime(schedule);
    if (due === undefined || this.status.lastScheduleTime === formatTime(due)) return;
    const deadline = spec!.startingDeadlineSeconds;
    if (deadline !== undefined && due + deadline * 1000 < this.world.now()) {
      return this.tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${formatRfc1123(due)}`);
    }
    const running = this.status.active ?? [];
    if (spec!.concurrencyPolicy === 'Forbid' && running.length > 0) {
      return this.tell(
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      );
    }
    if (spec!.concurrencyPolicy === 'Replace') {
      for (const job of this.jobs.filter((one) => this.isActive(one))) this.remove(job);
    }
    this.start(due);
  }

  private start(due: number): void {
    const { metadata, spec } = this.cron;
    const { labels, annotations } = spec!.jobTemplate.metadata ?? {};
    const wanted = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `${metadata.name}-${Math.floor(due / 60_000)}`,
        namespace: metadata.namespace,
        ...(labels && { labels }),
        annotations: { ...annotations, [SCHEDULED]: this.localTime(due) },
        ownerReferences: [controllerRef(this.cron)],
      },
      spec: spec!.jobTemplate.spec,
    } as Job;
    let job: Job;
    try {
      job = this.world.client.create('jobs.batch', wanted);
    } catch (error) {
      if (isAlreadyExists(error) || isNamespaceTerminating(error)) return;
      this.tell('Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`);
      throw error;
    }
    this.tell('Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    const { namespace, name, uid, resourceVersion } = job.metadata;
    const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
    this.jobs = [...this.jobs, job];
    this.status = {
      ...this.status,
      active: [...(this.status.active ?? []), reference],
      lastScheduleTime: formatTime(due),
    };
  }

  /** As clocks of the cron job's time zone show it: `2026-11-21T05:00:00+01:00`. */
  private localTime(time: number): string {
    const ahead = offsetAt(time, this.cron.spec!.timeZone ?? 'UTC');
    if (ahead === 0) return formatTime(time);
    const minutes = Math.abs(ahead) / 60_000;
    const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
    const zone = `${ahead < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
    return formatTime(time + ahead).replace('Z', zone);
  }

  private remove(job: Job): void {
    const { namespace = '', name = '', uid } = job.metadata;
    this.world.client.delete('jobs.batch', namespace, name, { propagationPolicy: 'Background' });
    this.drop(uid);
    this.jobs = this.jobs.filter((one) => one !== job);
    this.tell('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
  }

  /** Keeps as many finished jobs as the history limits say; tells what jobs there were. */
  private cleanUp(): Job[] {
    const before = this.jobs;
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.cron.spec!;
    const limits = [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const;
    for (const [type, limit] of limits) {
      if (limit === undefined) continue;
      const finished = this.jobs
        .filter((job) => conditionOf(job, type))
        .sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
      for (const job of finished.slice(0, Math.max(0, finished.length - limit))) this.remove(job);
    }
    return before;
  }
}

/** Marks the entries of cron jobs with a new schedule: it begins with its next time, not with those it would have had. */
const RESCHEDULED = 'rescheduled:';

const isRescheduled = (now: CronJob, before: CronJob): boolean =>
  now.spec!.schedule !== before.spec!.schedule || now.spec!.timeZone !== before.spec!.timeZone;

export const cronJobController: Actor = controller({
  name: COMPONENT,
  watches: [
    {
      resource: 'cronjobs.batch',
      keys: ({ object, previous }) => [
        previous && isRescheduled(object as CronJob, previous as CronJob) ? RESCHEDULED + keyOf(object) : keyOf(object),
      ],
    },
    controllerKeys('jobs.batch', 'CronJob'),
  ],
  reconcile(key, world) {
    const rescheduled = key.startsWith(RESCHEDULED);
    const name = rescheduled ? key.slice(RESCHEDULED.length) : key;
    const cron = world.client.get('cronjobs.batch', ...splitKey(name));
    if (!cron) return;
    if (!rescheduled) return new CronControl(world, cron).run();
    const next = parseSchedule(cron.spec!.schedule, cron.spec!.timeZone).next(world.now());
    if (next !== undefined) world.wake(name, next + DELTA);
  },
  // A schedule is no work that is left to do.
  settles: () => false,
});
