import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { KubeObject } from '../../types/objects.ts';
import { garbageCollector } from './index.ts';

const object = (name: string, metadata: object = {}, kind = 'ConfigMap') => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...metadata },
});
const owns = ({ kind, apiVersion, metadata: { name, uid } }: KubeObject, blockOwnerDeletion = false) => ({
  apiVersion,
  kind,
  name: name!,
  uid: uid!,
  ...(blockOwnerDeletion && { blockOwnerDeletion }),
});

const newWorld = () =>
  TestWorld.with([garbageCollector], [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }]);
const left = (world: TestWorld) => world.client.list('configmaps', 'default').map(({ metadata }) => metadata.name);
const deleteFirst = (world: TestWorld, name: string) =>
  world.client.delete('configmaps', 'default', name, { propagationPolicy: 'Foreground' });

test('those that do not block their owner go with the others; the owner waits for those that do', async () => {
  const world = await newWorld();
  const owner = world.create(object('owner'));
  world.create(object('plain', { ownerReferences: [owns(owner)] }));
  world.create(object('held', { ownerReferences: [owns(owner, true)], finalizers: ['x/y'] }));
  deleteFirst(world, 'owner');
  await world.run(1000);
  expect(left(world)).toEqual(['held', 'owner']);
  world.client.patch('configmaps', 'default', 'held', { metadata: { finalizers: null } });
  await world.run(1000);
  expect(left(world)).toEqual([]);
});

test('what has another owner stays, and holds nobody up', async () => {
  const world = await newWorld();
  const [one, other] = [world.create(object('one')), world.create(object('other'))];
  world.create(object('both', { ownerReferences: [owns(one, true), owns(other)] }));
  deleteFirst(world, 'one');
  await world.run(1000);
  expect(left(world)).toEqual(['both', 'other']);
  expect(world.client.get('configmaps', 'default', 'both')!.metadata.ownerReferences).toEqual([owns(other)]);
});

test('those that wait for each other go', async () => {
  const world = await newWorld();
  const one = world.create(object('one'));
  const other = world.create(object('other', { ownerReferences: [owns(one, true)] }));
  world.client.patch('configmaps', 'default', 'one', { metadata: { ownerReferences: [owns(other, true)] } });
  deleteFirst(world, 'one');
  await world.run(1000);
  expect(left(world)).toEqual([]);
});

test("what belongs to the whole cluster outlives an owner in a namespace; one's own go", async () => {
  const world = await newWorld();
  const owner = world.create(object('owner'));
  world.create(object('wide', { namespace: undefined, ownerReferences: [owns(owner)] }, 'Namespace'));
  world.create(object('late'));
  world.client.patch('configmaps', 'default', 'late', { metadata: { ownerReferences: [owns(owner)] } });
  world.client.delete('configmaps', 'default', 'owner');
  await world.run(1000);
  expect(world.client.get('namespaces', '', 'wide')).toBeDefined();
  expect(left(world)).toEqual([]);
});

test('a new owner that is not there takes what refers to it along', async () => {
  const world = await newWorld();
  world.create(object('late'));
  await world.run(100);
  const ghost = { apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '1' };
  world.client.patch('configmaps', 'default', 'late', { metadata: { ownerReferences: [ghost] } });
  await world.run(1000);
  expect(left(world)).toEqual([]);
});
