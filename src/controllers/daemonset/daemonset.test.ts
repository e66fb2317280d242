import { expect, test } from 'vitest';
import { fakeKubelet, fakeScheduler } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { DaemonSet, Node } from '../../types/objects.ts';
import { daemonSetController } from './index.ts';

const set = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' }] },
    },
  },
};

async function cluster(): Promise<TestWorld> {
  const world = await TestWorld.with(
    [daemonSetController, fakeScheduler(), fakeKubelet()],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    ],
  );
  const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
  for (const [name, taints] of [
    ['master', [taint]],
    ['node-1', []],
    ['node-2', []],
    ['node-3', []],
  ] as const) {
    const node = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
    world.client.update('nodes', { ...node, spec: { ...node.spec, taints } } as unknown as Node);
  }
  world.create(set);
  return world;
}

const get = (world: TestWorld): DaemonSet => world.client.get('daemonsets.apps', 'default', 'agent')!;
const hashes = (world: TestWorld) =>
  world.client.list('pods', 'default').map((pod) => pod.metadata.labels!['controller-revision-hash']);

test('a daemon on each node that it tolerates, under the revision that a real cluster names so', async () => {
  const world = await cluster();
  await world.run(5000);
  expect(hashes(world)).toEqual(['56f6d9f4ff', '56f6d9f4ff', '56f6d9f4ff']);
  expect(get(world).status).toEqual({
    currentNumberScheduled: 3,
    desiredNumberScheduled: 3,
    numberAvailable: 3,
    numberMisscheduled: 0,
    numberReady: 3,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
  });
});

test('an update replaces one daemon after the other', async () => {
  const world = await cluster();
  await world.run(5000);
  const draft = structuredClone(get(world));
  draft.spec!.template.spec!.containers[0]!.image = 'nginx:1.28';
  world.client.update('daemonsets.apps', draft);
  await world.run(1500);
  expect(hashes(world).filter((hash) => hash === '5bd6ddc764').length).toBeLessThanOrEqual(1);
  await world.run(10_000);
  expect(hashes(world)).toEqual(['5bd6ddc764', '5bd6ddc764', '5bd6ddc764']);
  expect(get(world).status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3, observedGeneration: 2 });
  expect(
    world.client
      .list('controllerrevisions.apps', 'default')
      .map(({ revision }) => revision)
      .sort(),
  ).toEqual([1, 2]);
});

test('nodes come and go', async () => {
  const world = await cluster();
  await world.run(5000);
  const node = world.client.get('nodes', '', 'node-2')!;
  const taints = [{ key: 'broken', effect: 'NoExecute' }];
  world.client.update('nodes', { ...node, spec: { ...node.spec, taints } } as Node);
  await world.run(5000);
  expect(get(world).status).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2 });
});
