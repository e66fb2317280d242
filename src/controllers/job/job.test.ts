import { describe, expect, test } from 'vitest';
import { fakeWorker } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { CronJob, Job } from '../../types/objects.ts';
import { cronJobController } from '../cronjob/index.ts';
import { garbageCollector } from '../garbagecollector/index.ts';
import { ttlAfterFinishedController } from '../ttlafterfinished/index.ts';
import { jobController } from './index.ts';
import { formatIndexes, parseIndexes } from './pods.ts';

const template = (restartPolicy = 'Never') => ({
  spec: { restartPolicy, containers: [{ name: 'c', image: 'busybox' }] },
});
const job = (spec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'pi' },
  spec: { template: template(), ...spec },
});

async function worldWith(outcome: 'Succeeded' | 'Failed' | 'running', ...objects: unknown[]): Promise<TestWorld> {
  const worker = outcome === 'running' ? [] : [fakeWorker(() => outcome)];
  return TestWorld.with(
    [jobController, cronJobController, ttlAfterFinishedController, garbageCollector, ...worker],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
      ...objects,
    ],
  );
}

const get = (world: TestWorld): Job => world.client.get('jobs.batch', 'default', 'pi')!;
const conditions = (world: TestWorld) => get(world).status?.conditions?.map(({ type, reason }) => `${type} ${reason}`);
const reasons = (world: TestWorld) => world.client.list('events', 'default').map(({ reason }) => reason);
const createdAt = (world: TestWorld) =>
  world.changes
    .filter(({ type, resource }) => type === 'ADDED' && resource === 'pods')
    .map(({ at }) => Math.round(at / 1000));

test('a job runs as many pods at once as it may, and completes', async () => {
  const world = await worldWith('Succeeded', job({ completions: 4, parallelism: 2 }));
  await world.run(500);
  expect(get(world).status).toMatchObject({ active: 2, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  await world.run(15_000);
  expect(get(world).status).toMatchObject({ succeeded: 4, uncountedTerminatedPods: {} });
  expect(get(world).status!.active).toBeUndefined();
  expect(conditions(world)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
  expect(reasons(world).at(-1)).toBe('Completed');
  expect(world.client.list('pods').flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
});

test('failures are tried again with back-off, up to the limit', async () => {
  const world = await worldWith('Failed', job({ backoffLimit: 2 }));
  await world.run(60_000);
  expect(createdAt(world)).toEqual([0, 12, 34]);
  expect(get(world).status).toMatchObject({ failed: 3 });
  expect(conditions(world)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
});

test('a deadline ends the job, and its time to live removes it', async () => {
  const world = await worldWith('running', job({ activeDeadlineSeconds: 10, ttlSecondsAfterFinished: 5 }));
  await world.run(12_000);
  expect(conditions(world)?.[0]).toBe('FailureTarget DeadlineExceeded');
  await world.run(10_000);
  expect(get(world)).toBeUndefined();
});

test('an indexed job gives each index to one pod', async () => {
  const world = await worldWith('Succeeded', job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
  await world.run(1000);
  expect(
    world.client
      .list('pods')
      .map(({ spec }) => spec!.hostname)
      .sort(),
  ).toEqual(['pi-0', 'pi-1', 'pi-2']);
  await world.run(5000);
  expect(get(world).status!.completedIndexes).toBe('0-2');
});

test('each index has its own limit, and some may fail', async () => {
  const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1 };
  const world = await worldWith('Failed', job(indexed));
  await world.run(30_000);
  expect(get(world).status).toMatchObject({ failed: 6, failedIndexes: '0-2' });
  expect(conditions(world)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
  const counts = world.client
    .list('pods')
    .map(({ metadata }) => metadata.annotations!['batch.kubernetes.io/job-index-failure-count']);
  expect(counts.sort()).toEqual(['0', '0', '0', '1', '1', '1']);
});

test('too many failed indexes fail the job', async () => {
  const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
  const world = await worldWith(
    'Failed',
    job({ completionMode: 'Indexed', completions: 4, parallelism: 2, ...limits }),
  );
  await world.run(30_000);
  expect(conditions(world)).toEqual(['FailureTarget MaxFailedIndexesExceeded', 'Failed MaxFailedIndexesExceeded']);
});

test('a success policy ends the job early', async () => {
  const successPolicy = { rules: [{ succeededCount: 2 }] };
  const world = await worldWith(
    'Succeeded',
    job({ completionMode: 'Indexed', completions: 5, parallelism: 1, successPolicy }),
  );
  await world.run(60_000);
  expect(get(world).status).toMatchObject({ succeeded: 2, completedIndexes: '0,1' });
  expect(conditions(world)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
});

test('suspended, it has no pods', async () => {
  const world = await worldWith('Succeeded', job({ suspend: true }));
  await world.run(3000);
  expect([conditions(world), world.client.list('pods')]).toEqual([['Suspended JobSuspended'], []]);
  world.client.patch('jobs.batch', 'default', 'pi', { spec: { suspend: false } });
  await world.run(6000);
  expect(conditions(world)).toContain('Complete CompletionsReached');
});

test.each([
  [[0, 1, 2, 4], '0-2,4'],
  [[3, 1, 0], '0,1,3'],
  [[], ''],
])('indexes %j are written %j', (indexes, text) => {
  expect(formatIndexes(indexes)).toBe(text);
  expect(parseIndexes(text)).toEqual([...indexes].sort());
});

describe('a cron job', () => {
  const cron = (spec: object = {}) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template('OnFailure') } }, ...spec },
  });
  const status = (world: TestWorld) => (world.client.get('cronjobs.batch', 'default', 'tick') as CronJob).status!;

  test('starts a job a minute and keeps the last of them', async () => {
    const world = await worldWith('Succeeded', cron({ successfulJobsHistoryLimit: 1 }));
    await world.run(61_000);
    expect(status(world).active).toHaveLength(1);
    await world.run(180_000);
    expect(world.client.list('jobs.batch').map(({ metadata }) => metadata.name)).toHaveLength(2);
    expect(status(world).lastScheduleTime).toBe('2026-11-21T04:04:00Z');
    expect(status(world).lastSuccessfulTime).toMatch(/^2026-11-21T04:03:0/);
    expect(new Set(reasons(world).filter((reason) => reason !== 'Completed'))).toEqual(
      new Set(['SuccessfulCreate', 'SawCompletedJob', 'SuccessfulDelete']),
    );
  });

  test('says nothing of jobs that end when none are kept', async () => {
    const world = await worldWith('Succeeded', cron({ successfulJobsHistoryLimit: 0 }));
    await world.run(100_000);
    expect(status(world).lastSuccessfulTime).toBeDefined();
    expect(reasons(world).filter((reason) => reason !== 'Completed')).toEqual([
      'SuccessfulCreate',
      'SuccessfulCreate',
      'SuccessfulDelete',
    ]);
  });

  test('waits for the one before when concurrency is forbidden', async () => {
    const world = await worldWith('running', cron({ concurrencyPolicy: 'Forbid' }));
    await world.run(130_000);
    expect(world.client.list('jobs.batch')).toHaveLength(1);
    expect(reasons(world)).toContain('JobAlreadyActive');
  });

  test.each([
    ['Asia/Kolkata', '2026-11-21T09:31:00+05:30'],
    ['America/St_Johns', '2026-11-21T00:31:00-03:30'],
    [undefined, '2026-11-21T04:01:00Z'],
  ])('in the time zone %s says when its jobs were due', async (timeZone, due) => {
    const world = await worldWith('Succeeded', cron(timeZone ? { timeZone } : {}));
    await world.run(61_000);
    const [one] = world.client.list('jobs.batch');
    expect(one!.metadata.annotations!['batch.kubernetes.io/cronjob-scheduled-timestamp']).toBe(due);
  });

  test('with a schedule that never comes is told so', async () => {
    const world = await worldWith('Succeeded', cron({ schedule: '59 23 31 2 *' }));
    await world.run(1000);
    expect(world.client.list('events', 'default').map(({ message }) => message)).toEqual([
      'invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ]);
  });

  test('with a new schedule begins with its next time', async () => {
    const world = await worldWith('Succeeded', cron({ schedule: '0 0 * * *' }));
    await world.run(7 * 60_000);
    const draft = structuredClone(world.client.get('cronjobs.batch', 'default', 'tick') as CronJob);
    draft.spec!.schedule = '*/5 * * * *';
    world.client.update('cronjobs.batch', draft);
    await world.run(60_000);
    expect(world.client.list('jobs.batch')).toEqual([]);
    await world.run(130_000);
    expect(status(world).lastScheduleTime).toBe('2026-11-21T04:10:00Z');
  });
});

describe('pods that go before they end', () => {
  const change = (world: TestWorld, spec: object) => {
    const draft = structuredClone(get(world));
    Object.assign(draft.spec!, spec);
    world.client.update('jobs.batch', draft);
  };
  const first = (world: TestWorld) => world.client.list('pods', 'default')[0]!.metadata.name!;

  test.each([
    ['deleted by somebody: a failure, and the next comes ten seconds later', {}, 1, [0, 0, 12]],
    ['too many after a change: none', { parallelism: 1 }, undefined, [0, 0]],
    ['of a suspended job: none', { suspend: true }, undefined, [0, 0]],
  ])('%s', async (_, spec, failed, created) => {
    const world = await worldWith('running', job({ completions: 4, parallelism: 2 }));
    await world.run(2000);
    if (Object.keys(spec).length > 0) change(world, spec);
    else world.client.delete('pods', 'default', first(world), { gracePeriodSeconds: 0 });
    await world.run(15_000);
    expect(get(world).status!.failed).toBe(failed);
    expect(createdAt(world)).toEqual(created);
  });

  test('an index that is no more goes, and what has succeeded is counted anew', async () => {
    const world = await worldWith('running', job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
    await world.run(2000);
    change(world, { completions: 2, parallelism: 2 });
    await world.run(2000);
    const names = world.client.list('pods', 'default').filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(names.map(({ metadata }) => metadata.name!.slice(0, 4)).sort()).toEqual(['pi-0', 'pi-1']);
    expect(get(world).status).toMatchObject({ active: 2 });
  });

  test('when the job succeeds early they have not failed, when it fails they have', async () => {
    const outcomes: [object, number | undefined][] = [
      [{ successPolicy: { rules: [{ succeededIndexes: '0' }] } }, undefined],
      [{ activeDeadlineSeconds: 5 }, 3],
    ];
    for (const [spec, failed] of outcomes) {
      const indexed = { completions: 3, parallelism: 3, completionMode: 'Indexed', ...spec };
      const world = await worldWith('running', job(indexed));
      await world.run(2000);
      if ('successPolicy' in spec) {
        const pod = world.client.list('pods', 'default').find(({ metadata }) => metadata.name!.startsWith('pi-0'))!;
        world.client.updateStatus('pods', { ...pod, status: { ...pod.status, phase: 'Succeeded' } } as typeof pod);
      }
      await world.run(10_000);
      expect(get(world).status!.failed).toBe(failed);
    }
  });
});

test('what may not be created is told, and the status says what there is', async () => {
  const hard = { pods: '1' };
  const world = await worldWith('running', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard },
  });
  const quota = world.client.get('resourcequotas', 'default', 'q')!;
  world.client.updateStatus('resourcequotas', { ...quota, status: { hard, used: { pods: '0' } } } as never);
  world.create(job({ completions: 3, parallelism: 3 }));
  await world.run(500);
  expect(get(world).status).toMatchObject({ active: 1, ready: 0 });
  const refused = () => reasons(world).filter((reason) => reason === 'FailedCreate').length;
  const before = refused();
  expect(before).toBeGreaterThan(0);
  // It is tried again a second later, not at once.
  await world.run(400);
  expect(refused()).toBe(before);
  await world.run(2000);
  expect(refused()).toBeGreaterThan(before);
});

test('a pod that it adopts is tracked, too', async () => {
  const selector = { matchLabels: { app: 'pi' } };
  const labelled = { ...template(), metadata: { labels: { app: 'pi' } } };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mine', labels: { app: 'pi' } }, ...template() };
  const world = await worldWith('running', pod, job({ manualSelector: true, selector, template: labelled }));
  await world.run(1000);
  const { metadata } = world.client.get('pods', 'default', 'mine')!;
  expect(metadata.ownerReferences?.[0]?.name).toBe('pi');
  expect(metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
});
