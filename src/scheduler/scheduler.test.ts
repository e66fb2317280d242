import { describe, expect, test } from 'vitest';
import { fakeKubelet } from '../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../runtime/testing/test-world.ts';
import type { Node, Pod } from '../types/objects.ts';
import { scheduler } from './index.ts';

const MASTER_TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

const node = (name: string, spec: { taints?: object[] } = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec,
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110' }, capacity: { cpu: '2', memory: '4Gi', pods: '110' } },
});

const pod = (name: string, spec: object = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name, ...labels } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
});

const asking = (name: string, cpu: string, spec: object = {}) =>
  pod(name, { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }], ...spec });

async function cluster(...objects: unknown[]): Promise<TestWorld> {
  const world = await TestWorld.with(
    [scheduler, fakeKubelet()],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    ],
  );
  const nodes = [node('master', { taints: [MASTER_TAINT] }), node('node-1'), node('node-2'), node('node-3')];
  for (const { status, ...rest } of nodes) {
    const created = world.create<Node>(rest);
    // Admission taints new nodes until they are ready.
    const ready = { ...created, spec: { ...created.spec, taints: rest.spec.taints ?? [] } } as Node;
    world.client.updateStatus('nodes', { ...world.client.update('nodes', ready), status } as Node);
  }
  for (const object of objects) world.create(object);
  return world;
}

const get = (world: TestWorld, name: string): Pod => world.client.get('pods', 'default', name)!;
const scheduledCondition = (world: TestWorld, name: string) =>
  get(world, name).status?.conditions?.find((condition) => condition.type === 'PodScheduled');
const message = (world: TestWorld, name: string) => scheduledCondition(world, name)?.message;
const edit = (world: TestWorld, name: string, change: (draft: Node) => void) => {
  const draft = structuredClone(world.client.get('nodes', '', name)!);
  change(draft);
  world.client.update('nodes', draft);
};

test('a pod is bound and told of', async () => {
  const world = await cluster(pod('web'));
  await world.run(100);
  expect(get(world, 'web').spec!.nodeName).toMatch(/^node-/);
  expect(world.client.list('events', 'default')).toMatchObject([
    {
      reason: 'Scheduled',
      action: 'Binding',
      message: `Successfully assigned default/web to ${get(world, 'web').spec!.nodeName}`,
      reportingComponent: 'default-scheduler',
    },
  ]);
});

test('replicas of a service spread', async () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { selector: { a: 'b' }, ports: [{ port: 80 }] },
  };
  const world = await cluster(service, pod('a', {}, { a: 'b' }), pod('b', {}, { a: 'b' }), pod('c', {}, { a: 'b' }));
  await world.run(100);
  expect(new Set(['a', 'b', 'c'].map((name) => get(world, name).spec!.nodeName)).size).toBe(3);
});

const MASTER = '1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }';
const HELPLESS = 'preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.';
const NO_VICTIMS =
  'preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.';
const affinity = (kind: string, labels: Record<string, string>) => ({
  affinity: {
    [kind]: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
});

/** As a daemon set's pod asks for its node. */
const onlyOn = (...nodes: string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: nodes.map((name) => ({
        matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
      })),
    },
  },
});

describe('what is said of a pod that fits nowhere', () => {
  test.each([
    ['too much cpu', asking('p', '64'), `${MASTER}, 3 Insufficient cpu. ${NO_VICTIMS}`],
    [
      'one node, which is full',
      asking('p', '64', { affinity: onlyOn('node-1') }),
      "1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
        'preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.',
    ],
    [
      'a node that is not there',
      pod('p', { affinity: onlyOn('node-9') }),
      `4 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${HELPLESS}`,
    ],
    [
      'a selector',
      pod('p', { nodeSelector: { disk: 'ssd' } }),
      `${MASTER}, 3 node(s) didn't match Pod's node affinity/selector. ${HELPLESS}`,
    ],
    [
      'affinity to nobody',
      pod('p', affinity('podAffinity', { app: 'none' })),
      `${MASTER}, 3 node(s) didn't match pod affinity rules. ${HELPLESS}`,
    ],
    [
      'a missing claim',
      pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }] }),
      `persistentvolumeclaim "gone" not found. ${HELPLESS}`,
    ],
    [
      'a spread over zones that are not there',
      pod('p', {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { a: 'b' } },
          },
        ],
      }),
      `${MASTER}, 3 node(s) didn't match pod topology spread constraints (missing required label). ${HELPLESS}`,
    ],
  ])('%s', async (_, manifest, expected) => {
    const world = await cluster(manifest);
    await world.run(100);
    expect(message(world, 'p')).toBe(`0/4 nodes are available: ${expected}`);
    expect(world.client.list('events', 'default')).toMatchObject([
      { reason: 'FailedScheduling', type: 'Warning', message: message(world, 'p') },
    ]);
  });
});

test('cordoned nodes are named, and uncordoning lets the pod in', async () => {
  const world = await cluster();
  for (const name of ['node-1', 'node-2', 'node-3']) {
    edit(world, name, (draft) => {
      draft.spec!.unschedulable = true;
    });
  }
  world.create(pod('p'));
  await world.run(100);
  expect(message(world, 'p')).toBe(`0/4 nodes are available: ${MASTER}, 3 node(s) were unschedulable. ${HELPLESS}`);
  edit(world, 'node-2', (draft) => {
    draft.spec!.unschedulable = undefined;
  });
  await world.run(2000);
  expect(get(world, 'p').spec!.nodeName).toBe('node-2');
});

test('anti-affinity keeps pods of a kind apart', async () => {
  const apart = { ...affinity('podAntiAffinity', { app: 'p' }) };
  const world = await cluster(...[1, 2, 3, 4].map((n) => pod(`p${n}`, apart, { app: 'p' })));
  await world.run(100);
  const pending = ['p1', 'p2', 'p3', 'p4'].filter((name) => !get(world, name).spec!.nodeName);
  expect(pending).toHaveLength(1);
  expect(message(world, pending[0]!)).toContain("3 node(s) didn't match pod anti-affinity rules. preemption:");
});

test('a pod with gates waits until they are gone', async () => {
  const world = await cluster(pod('p', { schedulingGates: [{ name: 'x.io/wait' }] }));
  await world.run(1000);
  expect(get(world, 'p').spec!.nodeName).toBeUndefined();
  world.client.patch('pods', 'default', 'p', { spec: { schedulingGates: null } });
  await world.run(100);
  expect(get(world, 'p').spec!.nodeName).toBeDefined();
});

test('room that is left is taken', async () => {
  const world = await cluster(...[1, 2, 3].map((n) => asking(`big${n}`, '2')));
  await world.run(2000);
  world.create(asking('p', '1'));
  await world.run(2000);
  expect(message(world, 'p')).toBe(`0/4 nodes are available: ${MASTER}, 3 Insufficient cpu. ${NO_VICTIMS}`);
  world.client.delete('pods', 'default', 'big2');
  await world.run(10_000);
  expect(get(world, 'p').spec!.nodeName).toBeDefined();
});

test('an important pod makes room for itself', async () => {
  const world = await cluster(
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 },
    ...[1, 2, 3].map((n) => asking(`big${n}`, '2')),
  );
  await world.run(2000);
  const created = world.create<Pod>(asking('vip', '2', { priorityClassName: 'high', priority: 1000 }));
  await world.run(100);
  const nominated = get(world, 'vip').status!.nominatedNodeName;
  expect(nominated).toBeDefined();
  expect(message(world, 'vip')).toBe(`0/4 nodes are available: ${MASTER}, 3 Insufficient cpu.`);
  const preempted = world.client.list('events', 'default').find((event) => event.reason === 'Preempted');
  expect(preempted!.message).toBe(`Preempted by pod ${created.metadata.uid} on node ${nominated}`);
  await world.run(10_000);
  expect(get(world, 'vip').spec!.nodeName).toBe(nominated);
});

const priorityClass = (name: string, value: number, preemptionPolicy = 'PreemptLowerPriority') => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  preemptionPolicy,
});

test('room goes to the most important pod at once, then to who has waited longest', async () => {
  const blockers = ['b1', 'b2', 'b3'].map((name) => asking(name, '2'));
  const world = await cluster(priorityClass('high', 100, 'Never'), ...blockers);
  await world.run(100);
  world.create(asking('z-first', '2'));
  await world.run(100);
  world.create(asking('a-second', '2'));
  world.create(asking('vip', '2', { priorityClassName: 'high' }));
  await world.run(100);
  expect(message(world, 'vip')).toMatch(/preemption: not eligible due to preemptionPolicy=Never\.$/);
  for (const [gone, next] of [
    ['b1', 'vip'],
    ['b2', 'z-first'],
    ['b3', 'a-second'],
  ] as const) {
    world.client.delete('pods', 'default', gone, { gracePeriodSeconds: 0 });
    await world.run(50);
    expect(get(world, next).spec!.nodeName).toBeDefined();
  }
});

test('a pod waits for its victims on the node that it was promised, and forgets it when hope is gone', async () => {
  const blockers = ['b1', 'b2', 'b3'].map((name) => asking(name, '2'));
  const world = await cluster(priorityClass('high', 100), ...blockers);
  await world.run(2000);
  world.create(asking('vip', '2', { priorityClassName: 'high' }));
  await world.run(100);
  const promised = get(world, 'vip').status!.nominatedNodeName!;
  expect(promised).toMatch(/^node-/);
  for (const name of ['node-1', 'node-2', 'node-3']) {
    edit(world, name, (draft) => {
      draft.spec!.unschedulable = true;
    });
  }
  await world.run(310_000);
  expect(get(world, 'vip').spec!.nodeName).toBeUndefined();
  expect(get(world, 'vip').status!.nominatedNodeName).toBeUndefined();
});

test('a volume of a zone is for the nodes of that zone', async () => {
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v', labels: { 'topology.kubernetes.io/zone': 'east' } },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/v' } },
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { volumeName: 'v', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const world = await cluster(volume, claim);
  for (const name of ['node-1', 'node-2', 'node-3']) {
    edit(world, name, (draft) => {
      draft.metadata.labels!['topology.kubernetes.io/zone'] = 'west';
    });
  }
  world.create(pod('web', { volumes: [{ name: 'c', persistentVolumeClaim: { claimName: 'c' } }] }));
  await world.run(100);
  expect(message(world, 'web')).toMatch(
    /^0\/4 nodes are available: 1 node\(s\) had untolerated taint \{.*\}, 3 node\(s\) had no available volume zone\. preemption: 0\/4 nodes are available: 4 Preemption is not helpful for scheduling\.$/,
  );
});

test('a claim for one pod alone keeps a second one off every node', async () => {
  const spec = { accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '1Gi' } } };
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: spec.accessModes,
      csi: { driver: 'd', volumeHandle: 'h' },
      claimRef: { namespace: 'default', name: 'c' },
    },
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { ...spec, volumeName: 'v', storageClassName: '' },
  };
  const using = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] };
  const world = await cluster(volume, claim, pod('first', using));
  await world.run(100);
  world.create(pod('second', using));
  await world.run(100);
  expect(get(world, 'first').spec!.nodeName).toBeDefined();
  expect(message(world, 'second')).toContain(
    `${MASTER}, 3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. ` +
      NO_VICTIMS,
  );
});

test('what never gets its volume is told so after ten minutes', async () => {
  const storage = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'slow' },
    provisioner: 'example.com/nobody',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c' },
    spec: { storageClassName: 'slow', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const world = await cluster(storage, claim);
  world.create(pod('web', { volumes: [{ name: 'c', persistentVolumeClaim: { claimName: 'c' } }] }));
  await world.run(599_000);
  expect(scheduledCondition(world, 'web')).toBeUndefined();
  await world.run(2000);
  expect(scheduledCondition(world, 'web')).toMatchObject({
    reason: 'SchedulerError',
    message: 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
  });
});
