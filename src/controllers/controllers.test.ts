import { describe, expect, test } from 'vitest';
import { fakeKubelet, fakeScheduler } from '../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../runtime/testing/test-world.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { Namespace, Node } from '../types/objects.ts';
import { controllers } from './index.ts';

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const deployment = (name: string, replicas = 2) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

async function cluster(...objects: unknown[]): Promise<TestWorld> {
  const world = await TestWorld.with([...controllers, fakeScheduler(), fakeKubelet()], [namespace('default')]);
  await world.run(1000);
  for (const object of objects) world.create(object);
  await world.run(5000);
  return world;
}

const names = (world: TestWorld, resource: string) => world.client.list(resource).map(({ metadata }) => metadata.name);

test('a namespace has its service account and the certificate authority', async () => {
  const world = await cluster(namespace('team'));
  expect(world.client.get('serviceaccounts', 'team', 'default')).toBeDefined();
  expect(world.client.get('configmaps', 'team', 'kube-root-ca.crt')!.data!['ca.crt']).toMatch(/^-----BEGIN CERT/);
});

describe('deletion', () => {
  test('takes what belongs to the object along', async () => {
    const world = await cluster(deployment('a'));
    world.client.delete('deployments.apps', 'default', 'a');
    await world.run(5000);
    expect([names(world, 'replicasets.apps'), names(world, 'pods')]).toEqual([[], []]);
  });

  test('leaves orphans, which a successor adopts', async () => {
    const world = await cluster(deployment('a'));
    const before = names(world, 'pods');
    world.client.delete('deployments.apps', 'default', 'a', { propagationPolicy: 'Orphan' });
    await world.run(5000);
    expect(names(world, 'deployments.apps')).toEqual([]);
    expect(world.client.list('replicasets.apps')[0]!.metadata.ownerReferences).toBeUndefined();
    world.create(deployment('a'));
    await world.run(5000);
    expect(names(world, 'pods')).toEqual(before);
  });

  test('in the foreground ends with the owner', async () => {
    const world = await cluster(deployment('a'));
    world.client.delete('deployments.apps', 'default', 'a', { propagationPolicy: 'Foreground' });
    await world.run(20_000);
    const gone = world.changes
      .filter(({ type, resource }) => type === 'DELETED' && resource !== 'events')
      .map(({ resource }) => resource);
    expect(gone).toEqual(['pods', 'pods', 'replicasets.apps', 'deployments.apps']);
  });

  test('empties a namespace before it goes', async () => {
    const world = await cluster(namespace('team'), {
      ...deployment('a'),
      metadata: { name: 'a', namespace: 'team' },
    });
    world.client.delete('namespaces', '', 'team');
    await world.run(5200);
    const { conditions } = (world.client.get('namespaces', '', 'team') as Namespace).status!;
    // As long as there are pods, what else remains is not counted.
    expect(conditions!.find(({ type }) => type === 'NamespaceContentRemaining')).toMatchObject({
      status: 'False',
      reason: 'ContentRemoved',
    });
    expect(names(world, 'pods')).not.toEqual([]);
    await world.run(15_000);
    expect(names(world, 'namespaces')).toEqual(['default']);
    expect([...names(world, 'pods'), ...names(world, 'replicasets.apps')]).toEqual([]);
  });
});

test('a service has endpoints and slices that follow its pods', async () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', labels: { tier: 'x' } },
    spec: { selector: { app: 'a' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  const world = await cluster(service);
  world.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  const slice = () => world.client.list('endpointslices.discovery.k8s.io', 'default')[0]!;
  expect(slice()).toMatchObject({ endpoints: null, ports: null, addressType: 'IPv4' });
  world.create(deployment('a'));
  await world.run(5000);
  expect(slice().ports).toEqual([{ name: '', protocol: 'TCP', port: 8080 }]);
  expect(slice().endpoints.map(({ conditions }) => conditions)).toEqual(
    Array(2).fill({ ready: true, serving: true, terminating: false }),
  );
  const endpoints = world.client.get('endpoints', 'default', 'a')!;
  expect(endpoints.subsets).toMatchObject([{ addresses: [{ nodeName: 'node-1' }, {}], ports: [{ port: 8080 }] }]);
  expect(endpoints.metadata.labels).toEqual({ tier: 'x', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
  world.client.delete('services', 'default', 'a');
  await world.run(1000);
  expect([names(world, 'endpoints'), names(world, 'endpointslices.discovery.k8s.io')]).toEqual([[], []]);
});

test('a node whose kubelet dies is lost, and its pods are evicted in time', async () => {
  const world = await cluster();
  const machines = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const machine = { name: 'node-1', kubelet: { active: true, since: 0 } } as MachineRecord;
  machines.set('node-1', machine);
  const node = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-11-21T04:00:00Z' }];
  world.client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } } as Node);
  machines.set('node-2', { ...machine, name: 'node-2' });
  const other = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2' } });
  world.client.updateStatus('nodes', { ...other, status: { ...other.status, conditions } } as Node);
  world.create(deployment('a'));
  await world.run(5000);
  const get = () => world.client.get('nodes', '', 'node-1')!;
  expect(get().spec!.taints).toBeUndefined();
  machines.set('node-1', { ...machine, kubelet: { active: false, since: world.clock.now() } });
  world.wake('node-controller', 'node-1', world.clock.now());
  await world.run(40_000);
  expect(get().status!.conditions![0]!.status).toBe('True');
  await world.run(25_000);
  expect(get().status!.conditions!.map(({ status, reason }) => `${status} ${reason}`)).toContain(
    'Unknown NodeStatusUnknown',
  );
  expect(get().spec!.taints!.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  await world.run(290_000);
  expect(world.client.list('pods').map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined, undefined]);
  await world.run(20_000);
  const reasons = world.client.list('events').map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason === 'TaintManagerEviction').length).toBeGreaterThanOrEqual(2);
});

/** A cluster of so many nodes, of which the first fall silent at once. */
async function losing(count: number, lost: number) {
  const world = await cluster();
  const machines = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-11-21T04:00:00Z' }];
  const names = Array.from({ length: count }, (__, index) => `node-${index}`);
  for (const name of names) {
    machines.set(name, { name, kubelet: { active: true, since: 0 } } as MachineRecord);
    const node = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
    world.client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } } as Node);
  }
  await world.run(5000);
  for (const name of names.slice(0, lost)) {
    machines.set(name, { ...machines.get(name)!, kubelet: { active: false, since: world.clock.now() } });
    world.wake('node-controller', name, world.clock.now());
  }
  return { world, names };
}

test('pods of lost nodes are driven away from one node after the other', async () => {
  const { world } = await losing(5, 2);
  await world.run(90_000);
  const tainted = world.client
    .list('nodes')
    .flatMap(({ spec }) => (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute'))
    .map(({ timeAdded }) => Date.parse(timeAdded as unknown as string));
  expect(tainted).toHaveLength(2);
  expect(Math.abs(tainted[0]! - tainted[1]!)).toBe(10_000);
});

test.each([
  ['one of four', 4, 1, ['NoSchedule NoExecute']],
  ['three of four: too much of the zone', 4, 3, ['NoSchedule', 'NoSchedule NoExecute']],
  ["all: the trouble is the controller's own", 2, 2, ['NoSchedule']],
])('of the nodes is lost %s', async (_, count, lost, expected) => {
  const { world, names } = await losing(count, lost);
  await world.run(90_000);
  const effects = names.slice(0, lost).map((name) =>
    world.client
      .get('nodes', '', name)!
      .spec!.taints!.map(({ effect }) => effect)
      .join(' '),
  );
  for (const one of effects) expect(expected).toContain(one);
  expect(effects.filter((one) => one.includes('NoExecute')).length).toBeLessThan(3);
});

describe('an owner that cannot be', () => {
  const map = (name: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...more },
  });
  const ownedBy = (uid: string, kind = 'ConfigMap', apiVersion = 'v1') => ({
    ownerReferences: [{ apiVersion, kind, name: 'owner', uid }],
  });
  test.each([
    ['of no kind', 'Thing', 'x.io/v1', true],
    ['in another namespace', 'ConfigMap', 'v1', false],
  ])('%s', async (_, kind, apiVersion, stays) => {
    const world = await cluster();
    world.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    const { uid = '' } = world.create(map('owner')).metadata;
    world.create(map('child', { namespace: 'other', ...ownedBy(uid, kind, apiVersion) }));
    await world.run(1000);
    expect(world.client.get('configmaps', 'other', 'child') !== undefined).toBe(stays);
    const message = `ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${uid}] does not exist in namespace "other"`;
    const told = world.client.list('events').filter(({ reason }) => reason === 'OwnerRefInvalidNamespace');
    expect(told.map((one) => one.message)).toEqual(stays ? [] : [message]);
  });
});
