import { expect, test } from 'vitest';
import { fakeKubelet } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Node, Service } from '../../types/objects.ts';
import { endpointSliceController } from './index.ts';

const AUTO = { 'service.kubernetes.io/topology-mode': 'Auto' };
const ZONES = ['a', 'b', 'c'];

const service = (annotations?: object, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', annotations },
  spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
});
const pod = (index: number, zone: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${index}`, labels: { app: 'a' } },
  spec: { nodeName: `node-${zone}`, containers: [{ name: 'c', image: 'nginx' }] },
});

/** A node of four CPUs in each zone, and a pod in each zone of the list. */
async function worldWith(front: object, zones: string): Promise<TestWorld> {
  const world = await TestWorld.with(
    [endpointSliceController, fakeKubelet()],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    ],
  );
  for (const zone of ZONES) {
    const labels = { 'topology.kubernetes.io/zone': zone };
    const node = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${zone}`, labels } });
    const status = { ...node.status, allocatable: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' }] };
    world.client.updateStatus('nodes', { ...node, status } as Node);
  }
  for (const [index, zone] of [...zones].entries()) world.create(pod(index, zone));
  await world.run(5000);
  world.create<Service>(front);
  await world.run(1000);
  return world;
}

const endpoints = (world: TestWorld) =>
  world.client.list('endpointslices.discovery.k8s.io', 'default').flatMap((slice) => slice.endpoints ?? []);
const hints = (world: TestWorld) =>
  endpoints(world)
    .map(({ zone, hints: given }) => `${zone}:${given?.forZones?.map(({ name }) => name).join() ?? '-'}`)
    .sort()
    .join(' ');
const told = (world: TestWorld) =>
  world.client.list('events', 'default').map(({ type, reason, message }) => `${type} ${reason} ${message}`);

const few = 'Insufficient number of endpoints (2 endpoints, 3 zones)';
const uneven =
  'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (5 endpoints, 3 zones)';

test.each([
  ['near', service(undefined, { trafficDistribution: 'PreferClose' }), 'ab', 'a:a b:b', []],
  ['nothing', service(), 'ab', 'a:- b:-', []],
  [
    'even',
    service(AUTO),
    'aabbcc',
    'a:a a:a b:b b:b c:c c:c',
    ['Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled'],
  ],
  [
    'one zone',
    service(AUTO),
    'aaaaaa',
    'a:a a:a a:b a:b a:c a:c',
    ['Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled'],
  ],
  ['too few', service(AUTO), 'ab', 'a:- b:-', [`Warning TopologyAwareHintsDisabled ${few}`]],
  ['uneven', service(AUTO), 'abccc', 'a:- b:- c:- c:- c:-', [`Warning TopologyAwareHintsDisabled ${uneven}`]],
])('hints: %s', async (_, front, zones, expected, events) => {
  const world = await worldWith(front, zones);
  expect(hints(world)).toBe(expected);
  expect(told(world)).toEqual(events.map((text) => `${text}, addressType: IPv4`));
});

test('hints that fit stay, and go when they are no longer asked for', async () => {
  const world = await worldWith(service(AUTO), 'aaaaaa');
  const before = endpoints(world);
  world.client.patch('services', 'default', 's', { metadata: { labels: { x: 'y' } } });
  await world.run(1000);
  expect(endpoints(world)).toEqual(before);
  world.client.patch('services', 'default', 's', { metadata: { annotations: null } });
  await world.run(1000);
  expect(hints(world)).toBe('a:- a:- a:- a:- a:- a:-');
  expect(told(world).at(-1)).toBe(
    'Warning TopologyAwareHintsDisabled Topology Aware Hints has been disabled, addressType: IPv4',
  );
});

test('pods of a node that is gone are left out, and that is told', async () => {
  const world = await worldWith(service(), 'ab');
  world.client.delete('nodes', '', 'node-b');
  world.client.patch('services', 'default', 's', { metadata: { labels: { x: 'y' } } });
  await world.run(500);
  expect(endpoints(world).map(({ nodeName }) => nodeName)).toEqual(['node-a']);
  expect(told(world)).toEqual([
    'Warning FailedToUpdateEndpointSlices Error updating Endpoint Slices for Service default/s: skipping Pod p1 for Service default/s: Node node-b Not Found',
  ]);
});
