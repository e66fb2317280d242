import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Endpoints, KubeObject } from '../../types/objects.ts';
import { endpointsController } from '../endpoints/index.ts';
import { endpointSliceMirroringController } from './index.ts';

const endpoints = (subsets: object[], metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 's', ...metadata },
  subsets,
});
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
const subset = (...ips: string[]) => ({ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 8080 }] });

async function worldWith(...objects: unknown[]): Promise<TestWorld> {
  const world = await TestWorld.with(
    [endpointsController, endpointSliceMirroringController],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }, ...objects],
  );
  await world.run(500);
  return world;
}
const slices = (world: TestWorld) => world.client.list('endpointslices.discovery.k8s.io', 'default');
const texts = (world: TestWorld) =>
  slices(world)
    .map(({ addressType, endpoints: list }) => `${addressType} ${list.flatMap(({ addresses }) => addresses).join()}`)
    .sort();

test.each([
  ['one family', [subset('10.0.0.2', '10.0.0.1')], {}, ['IPv4 10.0.0.1,10.0.0.2']],
  ['both families', [subset('2001:db8::1', '10.0.0.1')], {}, ['IPv4 10.0.0.1', 'IPv6 2001:db8::1']],
  ['told not to', [subset('10.0.0.1')], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, []],
  [
    'any other word',
    [subset('10.0.0.1')],
    { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'no' } },
    ['IPv4 10.0.0.1'],
  ],
  ['a lock', [subset('10.0.0.1')], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }, []],
])('endpoints of %s', async (_, subsets, metadata, expected) => {
  expect(texts(await worldWith(service, endpoints(subsets, metadata)))).toEqual(expected);
});

test('labels and annotations are mirrored, and slices are used again', async () => {
  const world = await worldWith(
    service,
    endpoints([subset('10.0.0.1')], { annotations: { a: 'b' }, labels: { l: 'm' } }),
  );
  const [{ metadata } = {} as KubeObject] = slices(world);
  expect([metadata.annotations, metadata.labels?.l]).toEqual([{ a: 'b' }, 'm']);
  const draft = structuredClone(world.client.get('endpoints', 'default', 's')!) as Endpoints;
  draft.subsets = [{ addresses: [{ ip: '10.0.0.9' }], ports: [{ port: 9090 }] }] as Endpoints['subsets'];
  draft.metadata.annotations = { c: 'd' };
  world.client.update('endpoints', draft);
  await world.run(500);
  expect([texts(world), slices(world)[0]!.metadata.name]).toEqual([['IPv4 10.0.0.9'], metadata.name]);
  expect(slices(world)[0]!.metadata.annotations).toEqual({ c: 'd' });
});

test('of too many addresses the first thousand are mirrored', async () => {
  const many = Array.from({ length: 1003 }, (_, index) => `10.0.${index >> 7}.${index & 127}`);
  const world = await worldWith(service, endpoints([subset(...many)]));
  expect(slices(world).map((slice) => slice.endpoints.length)).toEqual([1000]);
  expect(world.client.list('events', 'default').map(({ message }) => message)).toEqual([
    'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 3 addresses were skipped',
  ]);
});

test('endpoints without a service stay, those of a service that goes do not', async () => {
  const world = await worldWith(endpoints([subset('10.0.0.1')]));
  expect([slices(world), world.client.list('endpoints', 'default').length]).toEqual([[], 1]);
  world.create(service);
  await world.run(500);
  expect(texts(world)).toEqual(['IPv4 10.0.0.1']);
  world.client.delete('services', 'default', 's');
  await world.run(500);
  expect(world.client.list('endpoints', 'default')).toEqual([]);
});
