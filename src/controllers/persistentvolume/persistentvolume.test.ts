import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Pod } from '../../types/objects.ts';
import { pvcProtectionController, pvProtectionController } from '../storageprotection/index.ts';
import { persistentVolumeController } from './index.ts';

const volume = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v' },
  spec: {
    storageClassName: 'manual',
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/data' },
    ...spec,
  },
});
const claim = (storageClassName: string, storage = '3Gi') => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});
const storageClass = (volumeBindingMode: string, provisioner = 'disk.example.com') => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner,
  volumeBindingMode,
});
const driver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: 'disk.example.com' },
  spec: { attachRequired: true },
};

const worldWith = (...objects: unknown[]) =>
  TestWorld.with(
    [persistentVolumeController, pvcProtectionController, pvProtectionController],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }, ...objects],
  );

const phases = (world: TestWorld) => [
  world.client.get('persistentvolumeclaims', 'default', 'c')?.status?.phase,
  world.client.list('persistentvolumes')[0]?.status?.phase,
];
const events = (world: TestWorld) => world.client.list('events').map(({ reason }) => reason);

test('a claim takes a volume that does, and leaves it released', async () => {
  const world = await worldWith(volume(), claim('manual'));
  await world.run(2000);
  expect(phases(world)).toEqual(['Bound', 'Bound']);
  const bound = world.client.get('persistentvolumeclaims', 'default', 'c')!;
  expect(bound.spec!.volumeName).toBe('v');
  expect(bound.status!.capacity).toEqual({ storage: '10Gi' });
  world.client.delete('persistentvolumeclaims', 'default', 'c');
  await world.run(2000);
  expect(phases(world)).toEqual([undefined, 'Released']);
  world.client.patch('persistentvolumes', '', 'v', { spec: { claimRef: null } });
  await world.run(2000);
  expect(phases(world)).toEqual([undefined, 'Available']);
});

test.each([
  ['too big', [volume(), claim('manual', '50Gi')], ['Pending', 'Available'], 'ProvisioningFailed'],
  ['of a class that is not there', [claim('nosuch')], ['Pending', undefined], 'ProvisioningFailed'],
  ['of no class', [claim('')], ['Pending', undefined], 'FailedBinding'],
  [
    'of a class that waits',
    [storageClass('WaitForFirstConsumer'), claim('fast')],
    ['Pending', undefined],
    'WaitForFirstConsumer',
  ],
  [
    'of a class that nobody serves',
    [storageClass('Immediate'), claim('fast')],
    ['Pending', undefined],
    'ExternalProvisioning',
  ],
])('a claim %s stays pending', async (_, objects, expected, reason) => {
  const world = await worldWith(...objects);
  await world.run(2000);
  expect(phases(world)).toEqual(expected);
  expect(events(world)).toEqual([reason]);
});

test('a driver makes a volume and deletes it again', async () => {
  const world = await worldWith(driver, storageClass('Immediate'), claim('fast'));
  await world.run(5000);
  expect(phases(world)).toEqual(['Bound', 'Bound']);
  world.client.delete('persistentvolumeclaims', 'default', 'c');
  await world.run(2000);
  expect(world.client.list('persistentvolumes')).toEqual([]);
});

test('a volume that comes later is found when all claims are looked at anew', async () => {
  const world = await worldWith(claim('manual'));
  await world.run(1000);
  world.create(volume());
  await world.run(5000);
  expect(phases(world)).toEqual(['Pending', 'Available']);
  await world.run(10_000);
  expect(phases(world)).toEqual(['Bound', 'Bound']);
});

test('nobody deletes the volume of a driver that did not make it', async () => {
  const csi = { driver: 'disk.example.com', volumeHandle: 'h' };
  const spec = { hostPath: undefined, csi, persistentVolumeReclaimPolicy: 'Delete' };
  const world = await worldWith(volume(spec), claim('manual'));
  await world.run(2000);
  world.client.delete('persistentvolumeclaims', 'default', 'c');
  await world.run(2000);
  expect([phases(world), events(world)]).toEqual([[undefined, 'Released'], []]);
});

test.each([
  ['on a node', { nodeName: 'n' }, true],
  ['without a node', {}, false],
])('a claim stays with a pod %s, even one that has ended', async (_, where, stays) => {
  const world = await worldWith(volume(), claim('manual'));
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  world.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  const pod = world.create<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { ...where, volumes, containers: [{ name: 'c', image: 'busybox' }] },
  });
  world.client.updateStatus('pods', { ...pod, status: { ...pod.status, phase: 'Succeeded' } });
  await world.run(2000);
  world.client.delete('persistentvolumeclaims', 'default', 'c');
  await world.run(2000);
  expect(world.client.list('persistentvolumeclaims').length > 0).toBe(stays);
  world.client.delete('pods', 'default', 'p', { gracePeriodSeconds: 0 });
  await world.run(2000);
  expect(world.client.list('persistentvolumeclaims')).toEqual([]);
});

test('a claim without a class gets the default one once there is one', async () => {
  const { storageClassName: _, ...spec } = claim('').spec;
  const world = await worldWith({ ...claim(''), spec });
  await world.run(1000);
  expect(events(world)).toEqual(['FailedBinding']);
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  world.create({ ...storageClass('WaitForFirstConsumer'), metadata: { name: 'fast', annotations } });
  // All are looked at anew every 15 s.
  await world.run(15_000);
  expect(world.client.get('persistentvolumeclaims', 'default', 'c')!.spec!.storageClassName).toBe('fast');
  expect(events(world)).toEqual(['FailedBinding', 'WaitForFirstConsumer']);
});

test.each([
  ['kubernetes.io/no-provisioner', 'ProvisioningFailed', 'no volume plugin matched name: kubernetes.io/no-provisioner'],
  [
    'kubernetes.io/azure-disk',
    'ExternalProvisioning',
    "Waiting for a volume to be created either by the external provisioner 'disk.csi.azure.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  ],
])('the provisioner %s', async (provisioner, reason, message) => {
  const world = await worldWith(storageClass('Immediate', provisioner), claim('fast'));
  await world.run(1000);
  expect(world.client.list('events')).toMatchObject([{ reason, message }]);
});

test('a volume that is recycled is free again; one that cannot be fails', async () => {
  const spec = { persistentVolumeReclaimPolicy: 'Recycle', hostPath: undefined };
  for (const [source, phase, reason] of [
    [{ hostPath: { path: '/tmp/data' } }, 'Available', 'VolumeRecycled'],
    [{ csi: { driver: 'd', volumeHandle: 'h' } }, 'Failed', 'VolumeFailedRecycle'],
  ] as const) {
    const world = await worldWith(volume({ ...spec, ...source }), claim('manual'));
    await world.run(2000);
    world.client.delete('persistentvolumeclaims', 'default', 'c');
    await world.run(15_000);
    const [one] = world.client.list('persistentvolumes');
    expect([one!.status!.phase, events(world).at(-1)]).toEqual([phase, reason]);
    expect(one!.spec!.claimRef === undefined).toBe(phase === 'Available');
  }
});
