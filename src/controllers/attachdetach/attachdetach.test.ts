import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import { persistentVolumeController } from '../persistentvolume/index.ts';
import { csiResizer, volumeExpandController } from '../volumeexpand/index.ts';
import { csiAttacher } from './attacher.ts';
import { attachDetachController } from './index.ts';

const DRIVER = 'disk.example.com';
const node = (name: string, status = 'True') => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status }] },
});
const objects = (mode: string, attachRequired = true) => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: DRIVER }, spec: { attachRequired } },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: DRIVER,
    allowVolumeExpansion: true,
  },
  node('node-1'),
  node('node-2'),
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c' },
    spec: { storageClassName: 'fast', accessModes: [mode], resources: { requests: { storage: '1Gi' } } },
  },
];
const pod = (name: string, nodeName: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeName,
    containers: [{ name: 'c', image: 'nginx' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
  },
});

async function worldWith(mode: string, attachRequired = true): Promise<TestWorld> {
  const actors = [persistentVolumeController, attachDetachController, csiAttacher, volumeExpandController, csiResizer];
  const world = await TestWorld.with(actors, objects(mode, attachRequired));
  await world.run(5000);
  return world;
}

const attached = (world: TestWorld) =>
  world.client
    .list('volumeattachments.storage.k8s.io')
    .filter(({ status }) => status?.attached)
    .map(({ spec }) => spec!.nodeName)
    .sort();
const told = (world: TestWorld, name: string) =>
  world.client
    .list('events')
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ message }) => message!.replace(/pvc-[-0-9a-f]+/, 'V'));

test.each([
  ['ReadWriteOnce', true, ['node-1'], ['Multi-Attach error for volume "V" Volume is already used by pod(s) a']],
  ['ReadWriteMany', true, ['node-1', 'node-2'], ['AttachVolume.Attach succeeded for volume "V" ']],
  ['ReadWriteOnce', false, [], []],
])('a volume of %s (attach: %s) for pods of two nodes', async (mode, attachRequired, nodes, words) => {
  const world = await worldWith(mode, attachRequired);
  world.create(pod('a', 'node-1'));
  await world.run(10_000);
  world.create(pod('b', 'node-2'));
  await world.run(10_000);
  expect([attached(world), told(world, 'b')]).toEqual([nodes, words]);
});

test.each([
  ['that is ready', 'True', [], 10_000],
  ['that is lost: after six minutes', 'Unknown', [], 350_000],
  ['that is out of service', 'Unknown', [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }], 10_000],
])('a volume leaves a node %s', async (_, ready, taints, after) => {
  const world = await worldWith('ReadWriteOnce');
  world.create(pod('a', 'node-1'));
  await world.run(10_000);
  world.client.patch('nodes', '', 'node-1', { spec: { taints } });
  world.client.patch('nodes', '', 'node-1', { status: { conditions: [{ type: 'Ready', status: ready }] } }, 'status');
  world.client.delete('pods', 'default', 'a', { gracePeriodSeconds: 0 });
  world.create(pod('b', 'node-2'));
  await world.run(after);
  const early = attached(world);
  await world.run(30_000);
  expect([early, attached(world)]).toEqual([[after > 60_000 ? 'node-1' : 'node-2'], ['node-2']]);
});

test('a claim that asks for more waits for its file system', async () => {
  const world = await worldWith('ReadWriteOnce');
  world.client.patch('persistentvolumeclaims', 'default', 'c', {
    spec: { resources: { requests: { storage: '2Gi' } } },
  });
  const seen: unknown[] = [];
  for (let at = 0; at < 3; at++) {
    await world.run(3000);
    const { status } = world.client.get('persistentvolumeclaims', 'default', 'c')!;
    seen.push([status!.allocatedResourceStatuses!.storage, status!.conditions!.map(({ type }) => type)]);
  }
  expect(seen).toEqual([
    ['ControllerResizeInProgress', ['Resizing']],
    ['NodeResizePending', ['Resizing', 'FileSystemResizePending']],
    ['NodeResizePending', ['Resizing', 'FileSystemResizePending']],
  ]);
  const reasons = world.client.list('events').map(({ reason }) => reason);
  expect(reasons.slice(-3)).toEqual(['ExternalExpanding', 'Resizing', 'FileSystemResizeRequired']);
  expect(world.client.list('persistentvolumes')[0]!.spec!.capacity).toEqual({ storage: '2Gi' });
});
