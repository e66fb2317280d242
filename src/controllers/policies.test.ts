import { expect, test } from 'vitest';
import { formatTime } from '../base/time.ts';
import { fakeKubelet, fakeScheduler } from '../runtime/testing/fake-kubelet.ts';
import { TestWorld } from '../runtime/testing/test-world.ts';
import type { ClusterRole, HorizontalPodAutoscaler } from '../types/objects.ts';
import { controllers } from './index.ts';

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

async function cluster(...objects: unknown[]): Promise<TestWorld> {
  const world = await TestWorld.with(
    [...controllers, fakeScheduler(), fakeKubelet()],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  );
  await world.run(1000);
  for (const object of objects) world.create(object);
  await world.run(5000);
  return world;
}

const budget = (spec: object) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b' },
  spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
});

test.each([
  [{ minAvailable: 2 }, { expectedPods: 4, desiredHealthy: 2, disruptionsAllowed: 2 }],
  [{ minAvailable: '60%' }, { expectedPods: 4, desiredHealthy: 3, disruptionsAllowed: 1 }],
  [{ maxUnavailable: 1 }, { expectedPods: 4, desiredHealthy: 3, disruptionsAllowed: 1 }],
  [{ minAvailable: 4 }, { expectedPods: 4, desiredHealthy: 4, disruptionsAllowed: 0 }],
])('a budget of %j over four pods', async (spec, expected) => {
  const world = await cluster(deployment(4), budget(spec));
  const { status } = world.client.get('poddisruptionbudgets.policy', 'default', 'b')!;
  expect(status).toMatchObject({ ...expected, currentHealthy: 4 });
  expect(status!.conditions![0]!.reason).toBe(expected.disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods');
});

test('a budget awaits the deletion of evicted pods, for two minutes, and forgets others', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };
  const world = await cluster(node, deployment(2), budget({ maxUnavailable: 1 }));
  const get = () => world.client.get('poddisruptionbudgets.policy', 'default', 'b')!;
  const name = world.client.list('pods', 'default')[0]!.metadata.name!;
  const now = formatTime(world.clock.now());
  const status = { ...get().status!, disruptedPods: { ghost: now, [name]: now } };
  world.client.updateStatus('poddisruptionbudgets.policy', { ...get(), status } as never);
  await world.run(1000);
  expect(get().status).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { [name]: now } });
  await world.run(120_000);
  expect(get().status).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  expect(get().status!.disruptedPods).toBeUndefined();
  const told = world.client.list('events', 'default').find(({ reason }) => reason === 'NotDeleted');
  expect(told?.message).toBe("Pod was expected by PDB default/default to be deleted but it wasn't");
});

test('a quota follows what goes', async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { pods: '5', 'count/deployments.apps': '2' } },
  };
  const world = await cluster(quota, deployment(3));
  const used = () => world.client.get('resourcequotas', 'default', 'q')!.status!.used;
  expect(used()).toEqual({ pods: '3', 'count/deployments.apps': '1' });
  world.client.delete('deployments.apps', 'default', 'a');
  await world.run(5000);
  expect(used()).toEqual({ pods: '0', 'count/deployments.apps': '0' });
});

test("what somebody writes into a quota's status stays until all quotas are counted anew", async () => {
  const hard = { services: '5' };
  const world = await cluster({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard } });
  const get = () => world.client.get('resourcequotas', 'default', 'q')!;
  world.client.updateStatus('resourcequotas', { ...get(), status: { hard, used: { services: '3' } } });
  await world.run(5000);
  expect(get().status!.used).toEqual({ services: '3' });
  await world.run(300_000);
  expect(get().status!.used).toEqual({ services: '0' });
});

test("the authority's config map is kept as it should be", async () => {
  const world = await cluster();
  const get = () => world.client.get('configmaps', 'default', 'kube-root-ca.crt')!;
  const { data, metadata } = get();
  world.client.update('configmaps', { ...get(), data: { ...data, more: 'x' } });
  await world.run(1000);
  expect(get().data).toEqual(data);
  world.client.patch('configmaps', 'default', 'kube-root-ca.crt', { metadata: { annotations: null } });
  await world.run(1000);
  expect(get().metadata.annotations).toEqual(metadata.annotations);
});

test("a token's secret gets back what it lost, and leaves its account's list when it goes", async () => {
  const type = 'kubernetes.io/service-account-token';
  const metadata = { name: 't', annotations: { 'kubernetes.io/service-account.name': 'robot' } };
  const world = await cluster(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' }, secrets: [{ name: 't' }, { name: 'u' }] },
    { apiVersion: 'v1', kind: 'Secret', metadata, type },
  );
  const get = () => world.client.get('secrets', 'default', 't')!;
  const { data } = get();
  world.client.patch('secrets', 'default', 't', { data: { 'ca.crt': null, namespace: 'eHg=' } });
  await world.run(1000);
  expect(get().data).toEqual({ ...data, namespace: 'eHg=' });
  world.client.delete('secrets', 'default', 't');
  await world.run(1000);
  expect(world.client.get('serviceaccounts', 'default', 'robot')!.secrets).toEqual([{ name: 'u' }]);
});

test('nodes that come and go later are told of when the controller looks next', async () => {
  const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  const world = await cluster(node('first'));
  await world.run(300_000);
  const told = () =>
    world.client.list('events', 'default').flatMap(({ reason }) => (reason!.endsWith('Node') ? [reason] : []));
  world.create(node('late'));
  world.create(node('brief'));
  await world.run(500);
  world.client.delete('nodes', '', 'brief');
  expect(told()).toEqual([]);
  await world.run(5000);
  expect(told()).toEqual(['RegisteredNode']);
  world.client.delete('nodes', '', 'late');
  await world.run(6000);
  expect(told()).toEqual(['RegisteredNode', 'RemovingNode']);
});

test('an autoscaler keeps its bounds and misses the metrics', async () => {
  const target = { type: 'Utilization', averageUtilization: 50 };
  const world = await cluster(deployment(1), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  });
  const status = () =>
    (world.client.get('horizontalpodautoscalers.autoscaling', 'default', 'a') as HorizontalPodAutoscaler).status!;
  await world.run(11_000);
  expect(status()).toMatchObject({ currentReplicas: 1, desiredReplicas: 2 });
  expect(world.client.get('deployments.apps', 'default', 'a')!.spec!.replicas).toBe(2);
  await world.run(15_000);
  expect(status().conditions!.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`)).toEqual([
    'AbleToScale True SucceededGetScale',
    'ScalingActive False FailedGetResourceMetric',
  ]);
  expect(status().conditions![1]!.message).toBe(
    'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
  );
});

test('an aggregated role has the rules of its parts', async () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const part = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'part', labels: { a: 'b' } },
    rules,
  };
  const whole = {
    ...part,
    metadata: { name: 'whole' },
    rules: [],
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
  };
  const world = await cluster(part, whole);
  expect((world.client.get('clusterroles.rbac.authorization.k8s.io', '', 'whole') as ClusterRole).rules).toEqual(rules);
});

test("a secret that asks for an account's token gets it, and goes with the account", async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: 's', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
  };
  const world = await cluster(account, secret);
  const get = () => world.client.get('secrets', 'default', 's');
  expect(Object.keys(get()!.data!).sort()).toEqual(['ca.crt', 'namespace', 'token']);
  world.client.delete('serviceaccounts', 'default', 'robot');
  await world.run(1000);
  expect(get()).toBeUndefined();
});

test('endpoints that somebody wrote are mirrored in a slice', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 80 }] } };
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'x' },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 9376 }] }],
  };
  const world = await cluster(service, endpoints);
  const [slice] = world.client.list('endpointslices.discovery.k8s.io', 'default');
  expect(slice).toMatchObject({ endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 9376 }] });
});

test('pods of nobody make a budget meaningless, and of a daemon set none can be counted: both are told', async () => {
  const budget = (name: string, spec: object) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  });
  const lonely = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lonely', labels: { app: 'lonely' } },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  };
  const daemons = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  };
  const world = await cluster(lonely, daemons);
  const owner = world.client.get('daemonsets.apps', 'default', 'd')!;
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: owner.metadata.uid!, controller: true },
  ];
  world.create({ ...lonely, metadata: { name: 'd-1', labels: { app: 'd' }, ownerReferences } });
  world.create(budget('lonely', { maxUnavailable: 1 }));
  world.create(budget('d', { minAvailable: '50%' }));
  await world.run(1000);
  const messages = world.client.list('events', 'default').map(({ reason, message }) => `${reason}: ${message}`);
  expect(messages).toContain(
    'CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource',
  );
  expect(messages.join()).toContain(
    'UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: lonely,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.',
  );
  expect(world.client.get('poddisruptionbudgets.policy', 'default', 'lonely')!.status).toMatchObject({
    expectedPods: 0,
  });
  expect(world.client.get('poddisruptionbudgets.policy', 'default', 'd')!.status).toMatchObject({
    disruptionsAllowed: 0,
    conditions: [{ reason: 'SyncFailed', message: 'daemonsets.apps does not implement the scale subresource' }],
  });
});

test('a pod of several budgets is told of once more than it can be evicted', async () => {
  const world = await cluster(budget({ minAvailable: 1 }), {
    ...budget({ maxUnavailable: 1 }),
    metadata: { name: 'c' },
  });
  world.create(deployment(1));
  await world.run(5000);
  const told = world.client.list('events').filter(({ reason }) => reason === 'MultiplePodDisruptionBudgets');
  expect(told.map(({ message }) => message!.replace(/a-[^"]+/, 'P'))).toEqual([
    'Pod "default"/"P" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.',
  ]);
});

test('a quota counts nothing of a resource that there is not', async () => {
  const hard = { 'count/widgets.example.com': '2', 'count/deployments.apps': '3' };
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard } };
  const world = await cluster(quota, deployment(0));
  expect(world.client.get('resourcequotas', 'default', 'q')!.status!.used).toEqual({ 'count/deployments.apps': '1' });
});

test('endpoints put together the ports that the same pods have', async () => {
  const pod = (name: string, containerPort: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'a' } },
    spec: { containers: [{ name: 'c', image: 'nginx', ports: [{ name: 'web', containerPort }] }] },
  });
  const ports = [
    { name: 'http', port: 80, targetPort: 'web' },
    { name: 'x', port: 81, targetPort: 8081 },
  ];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { selector: { app: 'a' }, ports },
  };
  const world = await cluster(service, pod('p', 80), pod('q', 8080));
  const seen = world.client
    .get('endpoints', 'default', 's')!
    .subsets!.map((subset) => [
      subset.ports!.map(({ port }) => port),
      subset.addresses!.map((one) => one.targetRef!.name).sort(),
    ]);
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(
    expect.arrayContaining([
      [[80], ['p']],
      [[8080], ['q']],
      [[8081], ['p', 'q']],
    ]),
  );
});
