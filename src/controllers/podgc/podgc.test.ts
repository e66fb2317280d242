import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Node, Pod } from '../../types/objects.ts';
import { podGarbageCollector, surplusOf } from './index.ts';

const ended = (name: string, created: string, status: Pod['status'] = { phase: 'Succeeded' }): Pod =>
  ({ kind: 'Pod', metadata: { name, creationTimestamp: `2026-01-01T00:00:0${created}Z` }, status }) as unknown as Pod;

test('of pods that have ended evicted ones go first, then the oldest', () => {
  const pods = [
    ended('young', '9'),
    ended('old', '1'),
    ended('evicted', '8', { phase: 'Failed', reason: 'Evicted' }),
    ended('b', '2'),
    ended('a', '2'),
  ];
  const surplus = (threshold: number) => surplusOf(pods, threshold).map(({ metadata }) => metadata.name);
  expect(surplus(5)).toEqual([]);
  expect(surplus(4)).toEqual(['evicted']);
  expect(surplus(2)).toEqual(['evicted', 'old', 'a']);
});

test('pods that should end on a node out of service are given up', async () => {
  const world = await TestWorld.with(
    [podGarbageCollector],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    ],
  );
  const node = world.create<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  for (const name of ['ending', 'staying'])
    world.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'nginx' }] },
    });
  world.client.delete('pods', 'default', 'ending');
  await world.run(60_000);
  expect(world.client.list('pods')).toHaveLength(2);
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
  world.client.update('nodes', { ...node, spec: { ...node.spec, taints } } as Node);
  await world.run(25_000);
  expect(world.client.list('pods').map(({ metadata }) => metadata.name)).toEqual(['staying']);
});

test('pods that were bound to a node that never was are given up after its quarantine', async () => {
  const world = await TestWorld.with(
    [podGarbageCollector],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    ],
  );
  const spec = { nodeName: 'nowhere', containers: [{ name: 'c', image: 'nginx' }] };
  world.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lost' }, spec });
  await world.run(39_000);
  expect(world.client.list('pods')).toHaveLength(1);
  await world.run(2_000);
  expect(world.client.list('pods')).toHaveLength(0);
});
