import { expect, test } from 'vitest';
import { fakeKubelet, fakeScheduler } from '../../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { HorizontalPodAutoscaler } from '../../types/objects.ts';
import { controllers } from '../index.ts';

const API_SERVICE = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io' },
  spec: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace: 'default', name: 'metrics' },
  },
};

const METRICS_SERVER = {
  apiVersion: 'v1',
  kind: 'Service',
  spec: { type: 'ExternalName', externalName: 'metrics.example.com' },
};

const deployment = (replicas: number, cpu: string | undefined) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'nginx', resources: { ...(cpu && { requests: { cpu } }) } }] },
    },
  },
});

const SCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
};

/** A node whose kubelet lives. */
function addNode(world: TestWorld): void {
  const machine = { name: 'node-1', kubelet: { active: true, since: 0 } } as MachineRecord;
  world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set('node-1', machine);
  const conditions = [{ type: 'Ready', status: 'True' }];
  world.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: { conditions } });
}

/** A cluster with metrics, after `seconds`; pods use one to three thousandths of a core. */
async function after(seconds: number, replicas: number, cpu: string | undefined) {
  const world = await TestWorld.with(
    [...controllers, fakeScheduler(), fakeKubelet()],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  );
  addNode(world);
  await world.run(1000);
  world.create({ ...METRICS_SERVER, metadata: { name: 'metrics', namespace: 'default' } });
  world.create(API_SERVICE);
  world.create(deployment(replicas, cpu));
  world.create(SCALER);
  await world.run(seconds * 1000);
  const scaler = world.client.get('horizontalpodautoscalers.autoscaling', 'default', 'web') as HorizontalPodAutoscaler;
  return {
    replicas: world.client.get('deployments.apps', 'default', 'web')!.spec!.replicas,
    reasons: scaler.status!.conditions!.map(({ reason }) => reason),
    message: scaler.status!.conditions![1]!.message,
  };
}

test('busy pods become more, up to the limit', async () => {
  const { replicas, reasons } = await after(120, 1, '1m');
  expect([replicas, reasons]).toEqual([5, ['ReadyForNewScale', 'ValidMetricFound', 'TooManyReplicas']]);
});

test('idle pods become fewer, but not before five minutes', async () => {
  const early = await after(120, 4, '100m');
  expect([early.replicas, early.reasons]).toEqual([
    4,
    ['ScaleDownStabilized', 'ValidMetricFound', 'DesiredWithinRange'],
  ]);
  expect((await after(400, 4, '100m')).replicas).toBe(1);
});

test('without requests there is no utilization', async () => {
  const { replicas, reasons, message } = await after(60, 2, undefined);
  expect([replicas, reasons]).toEqual([2, ['SucceededGetScale', 'FailedGetResourceMetric']]);
  expect(message).toMatch(
    /^the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container c of Pod web-/,
  );
});

const told = (world: TestWorld) => world.client.list('events').map(({ reason, message }) => `${reason}: ${message}`);

test.each([
  [{ kind: 'Thing', apiVersion: 'apps/v1' }, 'FailedGetScale: no matches for kind "Thing" in group "apps"'],
  [
    { kind: 'Deployment', apiVersion: 'apps/v1', name: 'nosuch' },
    'FailedGetScale: deployments.apps "nosuch" not found',
  ],
])('a target %j has no size', async (target, expected) => {
  const world = await TestWorld.with(controllers, [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  ]);
  await world.run(1000);
  world.create({ ...SCALER, spec: { ...SCALER.spec, scaleTargetRef: { ...SCALER.spec.scaleTargetRef, ...target } } });
  await world.run(20_000);
  expect(told(world)).toContain(expected);
});

test('two autoscalers of the same pods do nothing', async () => {
  const world = await TestWorld.with(
    [...controllers, fakeScheduler(), fakeKubelet()],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  );
  await world.run(1000);
  world.create(deployment(2, '10m'));
  world.create(SCALER);
  world.create({ ...SCALER, metadata: { name: 'again' } });
  await world.run(40_000);
  const message = 'pods by selector app=web are controlled by multiple HPAs: [default/again default/web]';
  expect(told(world)).toEqual(
    expect.arrayContaining([`AmbiguousSelector: ${message}`, `FailedComputeMetricsReplicas: ${message}`]),
  );
});
