import { expect, test } from 'vitest';
import type { Actor } from '../../runtime/actor.ts';
import { fakeKubelet, fakeScheduler, fakeWorker } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { DaemonSet, Node, Pod, PodTemplateSpec } from '../../types/objects.ts';
import { daemonSetController } from './index.ts';
import { podFor, targetNode } from './placement.ts';

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

async function cluster(others: Actor[] = [fakeScheduler(), fakeKubelet()]): Promise<TestWorld> {
  const world = await TestWorld.with(
    [daemonSetController, ...others],
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

test('with surge, a new daemon comes beside the old one, which stays until the new one is available', async () => {
  const world = await cluster();
  await world.run(5000);
  const draft = structuredClone(get(world));
  draft.spec!.template.spec!.containers[0]!.image = 'nginx:1.28';
  draft.spec!.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  world.client.update('daemonsets.apps', draft);
  const least: number[] = [];
  for (let step = 0; step < 60; step++) {
    await world.run(250);
    least.push(get(world).status!.numberAvailable ?? 0);
  }
  expect(Math.min(...least)).toBe(3);
  expect(hashes(world)).toEqual(['5bd6ddc764', '5bd6ddc764', '5bd6ddc764']);
});

test('a daemon that fails is replaced at once, then after one second, two, four …', async () => {
  const world = await cluster([fakeScheduler(), fakeWorker(() => 'Failed', 50)]);
  await world.run(10_000);
  const deletions = world.changes
    .filter(({ type, object }) => type === 'DELETED' && object.kind === 'Pod' && targetNode(object as Pod) === 'node-1')
    .map(({ at }) => Math.round(at / 1000));
  expect(deletions).toEqual([0, 1, 3, 7]);
  const events = world.client.list('events', 'default').filter(({ reason }) => reason === 'FailedDaemonPod');
  expect(events[0]!.message).toMatch(
    /^Found failed daemon pod default\/agent-\w+ on node node-\d, will try to kill it$/,
  );
});

test('a pod is meant for its node alone, and tolerates for ever what its template tolerates for a while', () => {
  const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' };
  const terms = [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }];
  const spec = {
    containers: [],
    tolerations: [{ ...unreachable, tolerationSeconds: 300 }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  };
  const template = { spec } as PodTemplateSpec;
  const pod = podFor({ ...set, spec: { ...set.spec, template } } as DaemonSet, 'node-1', 'abc');
  expect(pod.spec!.tolerations![0]).toEqual(unreachable);
  expect(pod.spec!.tolerations).toHaveLength(6);
  expect(pod.spec!.affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms).toEqual([
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] },
  ]);
});
