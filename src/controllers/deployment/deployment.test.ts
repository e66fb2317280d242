import { expect, test } from 'vitest';
import { fakeKubelet, fakeScheduler } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Deployment, ReplicaSet } from '../../types/objects.ts';
import { replicaSetController } from '../replicaset/index.ts';
import { deploymentController } from './index.ts';

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

const deployment = (image: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
    ...spec,
  },
});

const worldWith = (...objects: unknown[]) =>
  TestWorld.with(
    [deploymentController, replicaSetController, fakeScheduler(), fakeKubelet()],
    [namespace, serviceAccount, ...objects],
  );

const get = (world: TestWorld) => world.client.get('deployments.apps', 'default', 'web')!;
const sets = (world: TestWorld): string[] =>
  world.client
    .list('replicasets.apps', 'default')
    .map((set: ReplicaSet) => `${set.metadata.annotations!['deployment.kubernetes.io/revision']} ${set.spec!.replicas}`)
    .sort();
const reasons = (world: TestWorld) =>
  Object.fromEntries(get(world).status!.conditions!.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
const messages = (world: TestWorld) =>
  world.client
    .list('events', 'default')
    .filter((event) => event.reason === 'ScalingReplicaSet')
    .map((event) => event.message!.replace(/web-\w+/, 'RS'));

const update = (world: TestWorld, change: (spec: NonNullable<Deployment['spec']>) => void) => {
  const draft = structuredClone(get(world));
  change(draft.spec!);
  world.client.update('deployments.apps', draft);
};
const setImage = (world: TestWorld, image: string) =>
  update(world, (spec) => {
    spec.template.spec!.containers[0]!.image = image;
  });

test('a new deployment makes its replica set and becomes available', async () => {
  const world = await worldWith(deployment('nginx'));
  await world.run(5000);
  expect(world.client.list('replicasets.apps', 'default').map((set) => set.metadata.name)).toEqual(['web-77db66f68b']);
  expect(get(world).status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3 });
  expect(reasons(world)).toEqual({
    Available: 'True MinimumReplicasAvailable',
    Progressing: 'True NewReplicaSetAvailable',
  });
  expect(messages(world)).toEqual(['Scaled up replica set RS from 0 to 3']);
});

test('a rolling update goes within maxSurge and maxUnavailable', async () => {
  const world = await worldWith(deployment('nginx'));
  await world.run(5000);
  setImage(world, 'nginx:1.27');
  await world.run(20_000);
  expect(sets(world)).toEqual(['1 0', '2 3']);
  expect(messages(world).slice(1)).toEqual([
    'Scaled up replica set RS from 0 to 1',
    'Scaled down replica set RS from 3 to 2',
    'Scaled up replica set RS from 1 to 2',
    'Scaled down replica set RS from 2 to 1',
    'Scaled up replica set RS from 2 to 3',
    'Scaled down replica set RS from 1 to 0',
  ]);
});

test('going back makes the old revision the newest', async () => {
  const world = await worldWith(deployment('nginx'));
  await world.run(5000);
  setImage(world, 'nginx:1.27');
  await world.run(20_000);
  setImage(world, 'nginx');
  await world.run(20_000);
  expect(sets(world)).toEqual(['2 0', '3 3']);
  expect(get(world).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3');
});

test('recreate starts the new pods when the old are gone', async () => {
  const world = await worldWith(deployment('nginx', { strategy: { type: 'Recreate' } }));
  await world.run(5000);
  setImage(world, 'nginx:1.27');
  await world.run(20_000);
  expect(messages(world).slice(1)).toEqual([
    'Scaled down replica set RS from 3 to 0',
    'Scaled up replica set RS from 0 to 3',
  ]);
});

test('a rollout that hangs exceeds its deadline', async () => {
  const world = await TestWorld.with(
    [deploymentController, replicaSetController],
    [namespace, serviceAccount, deployment('nginx', { progressDeadlineSeconds: 10 })],
  );
  await world.run(9000);
  expect(reasons(world).Progressing).toBe('True ReplicaSetUpdated');
  await world.run(3000);
  expect(reasons(world).Progressing).toBe('False ProgressDeadlineExceeded');
});

test('paused, it scales but does not roll', async () => {
  const world = await worldWith(deployment('nginx'));
  await world.run(5000);
  update(world, (spec) => {
    spec.paused = true;
  });
  setImage(world, 'nginx:1.27');
  update(world, (spec) => {
    spec.replicas = 5;
  });
  await world.run(5000);
  expect(sets(world)).toEqual(['1 5']);
  expect(reasons(world).Progressing).toBe('Unknown DeploymentPaused');
});

test('an old set whose status does not know its new size yet is left alone', async () => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } };
  const world = await TestWorld.with(
    [deploymentController],
    [namespace, serviceAccount, deployment('nginx', { strategy })],
  );
  const available = (revision: string, replicas: number) => {
    const set = world.client
      .list('replicasets.apps', 'default')
      .find(({ metadata }) => metadata.annotations!['deployment.kubernetes.io/revision'] === revision)!;
    const status = { replicas, readyReplicas: replicas, availableReplicas: replicas };
    world.client.updateStatus('replicasets.apps', { ...set, status });
  };
  await world.run(1000);
  setImage(world, 'nginx:1.27');
  await world.run(1000);
  available('1', 6);
  available('2', 1);
  await world.run(1000);
  expect(sets(world)).toEqual(['1 3', '2 3']);
});
