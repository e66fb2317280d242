import { expect, test } from 'vitest';
import { fakeKubelet, fakeScheduler } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { StatefulSet } from '../../types/objects.ts';
import { statefulSetController } from './index.ts';

const set = (spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { labels: { app: 'db' } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' }] },
    },
    ...spec,
  },
});

async function worldWith(...objects: unknown[]): Promise<TestWorld> {
  return TestWorld.with(
    [statefulSetController, fakeScheduler(), fakeKubelet()],
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
      ...objects,
    ],
  );
}

const get = (world: TestWorld): StatefulSet => world.client.get('statefulsets.apps', 'default', 'db')!;
const pods = (world: TestWorld) =>
  world.client
    .list('pods', 'default')
    .map(({ metadata }) => `${metadata.name} ${metadata.labels!['controller-revision-hash']}`);
const edit = (world: TestWorld, change: (spec: NonNullable<StatefulSet['spec']>) => void) => {
  const draft = structuredClone(get(world));
  change(draft.spec!);
  world.client.update('statefulsets.apps', draft);
};

test('pods come one after the other, under the revision that a real cluster names so', async () => {
  const world = await worldWith(set());
  await world.run(500);
  expect(pods(world)).toEqual(['db-0 db-586dfcf6fb']);
  await world.run(10_000);
  expect(pods(world)).toEqual(['db-0 db-586dfcf6fb', 'db-1 db-586dfcf6fb', 'db-2 db-586dfcf6fb']);
  expect(get(world).status).toEqual({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    currentRevision: 'db-586dfcf6fb',
    updateRevision: 'db-586dfcf6fb',
    collisionCount: 0,
  });
});

test('an update goes from the highest ordinal down to the partition', async () => {
  const world = await worldWith(set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }));
  await world.run(10_000);
  edit(world, (spec) => {
    spec.template.spec!.containers[0]!.image = 'nginx:1.28';
  });
  await world.run(20_000);
  expect(pods(world)).toEqual(['db-0 db-586dfcf6fb', 'db-1 db-6c7498f7', 'db-2 db-6c7498f7']);
  edit(world, (spec) => {
    spec.updateStrategy!.rollingUpdate!.partition = 0;
  });
  await world.run(10_000);
  expect(pods(world)[0]).toBe('db-0 db-6c7498f7');
  expect(get(world).status!.currentRevision).toBe('db-6c7498f7');
});

test('scaling down ends the highest first; claims stay', async () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const world = await worldWith(set({ volumeClaimTemplates: [claim] }));
  await world.run(10_000);
  expect(world.client.list('persistentvolumeclaims').map(({ metadata }) => metadata.name)).toEqual([
    'data-db-0',
    'data-db-1',
    'data-db-2',
  ]);
  edit(world, (spec) => {
    spec.replicas = 1;
  });
  await world.run(10_000);
  expect(pods(world)).toHaveLength(1);
  expect(world.client.list('persistentvolumeclaims')).toHaveLength(3);
});

const claimTemplate = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const owners = (world: TestWorld) =>
  world.client
    .list('persistentvolumeclaims')
    .map(({ metadata }) =>
      (metadata.ownerReferences ?? []).map(({ kind, controller }) => `${kind} ${controller}`).join(),
    );

test.each([
  ['Retain', 'Retain', ['', '', ''], ['', '', '']],
  ['Delete', 'Retain', ['StatefulSet true', 'StatefulSet true', 'StatefulSet true'], undefined],
  ['Retain', 'Delete', ['', '', ''], ['', '', 'Pod true']],
  [
    'Delete',
    'Delete',
    ['StatefulSet true', 'StatefulSet true', 'StatefulSet true'],
    ['StatefulSet true', 'StatefulSet true', 'Pod true'],
  ],
])('claims with whenDeleted %s and whenScaled %s follow', async (whenDeleted, whenScaled, before, after = before) => {
  const policy = { whenDeleted, whenScaled };
  const world = await worldWith(set({ volumeClaimTemplates: [claimTemplate] }));
  await world.run(10_000);
  edit(world, (spec) => {
    spec.persistentVolumeClaimRetentionPolicy = policy;
  });
  await world.run(1000);
  expect(owners(world)).toEqual(before);
  edit(world, (spec) => {
    spec.replicas = 2;
  });
  await world.run(10_000);
  expect(owners(world)).toEqual(after);
});

test('a pod of another name is not adopted, one without its label gets it back', async () => {
  const stranger = { ...set().spec.template, apiVersion: 'v1', kind: 'Pod' };
  const world = await worldWith(set({ replicas: 1 }), {
    ...stranger,
    metadata: { name: 'stranger', labels: { app: 'db' } },
  });
  await world.run(10_000);
  expect(get(world).status!.replicas).toBe(1);
  expect(world.client.get('pods', 'default', 'stranger')!.metadata.ownerReferences).toBeUndefined();
  const pod = structuredClone(world.client.get('pods', 'default', 'db-0')!);
  delete pod.metadata.labels!['statefulset.kubernetes.io/pod-name'];
  world.client.update('pods', pod);
  await world.run(1000);
  expect(world.client.get('pods', 'default', 'db-0')!.metadata.labels).toMatchObject({
    'statefulset.kubernetes.io/pod-name': 'db-0',
  });
  const updates = world.client.list('events', 'default').filter(({ reason }) => reason === 'SuccessfulUpdate');
  expect(updates.map(({ message }) => message)).toEqual(['update Pod db-0 in StatefulSet db successful']);
});

test('a claim that may not be made is told of, and so is its pod', async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { persistentvolumeclaims: '0' } },
  };
  const world = await worldWith(quota);
  const current = world.client.get('resourcequotas', 'default', 'q')!;
  world.client.updateStatus('resourcequotas', {
    ...current,
    status: { hard: { persistentvolumeclaims: '0' }, used: { persistentvolumeclaims: '0' } },
  } as never);
  world.create(set({ volumeClaimTemplates: [claimTemplate] }));
  await world.run(100);
  const why =
    'persistentvolumeclaims "data-db-0" is forbidden: exceeded quota: q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=0, limited: persistentvolumeclaims=0';
  expect(world.client.list('events', 'default').map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    `FailedCreate: create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: ${why}`,
    `FailedCreate: create Pod db-0 in StatefulSet db failed error: failed to create PVC data-db-0: ${why}`,
  ]);
});
