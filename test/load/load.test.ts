import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { LocalClient } from '../../src/runtime/local-client.ts';
import type { KubeObject } from '../../src/types/objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubemu-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;

async function cluster(name: string) {
  const source = readFileSync(join(import.meta.dirname, '../../fixtures/clusters/aks.yaml'), 'utf8');
  const given = parse(source) as { spec: { clock: object } };
  given.spec.clock = { mode: 'manual', epoch: '2026-01-01T00:00:00Z' };
  const config = validateConfig(given, 'aks.yaml');
  const path = join(folder, `${name}.json`);
  await createCluster({ config, path });
  const opened = await new ClusterSession({ path, command: 'test' }).writing();
  await opened.wire();
  const client = new LocalClient(await opened.api(), { user: 'kubernetes-admin', manager: 'test' });
  const live = (time: number) => opened.simulation.runUntil(opened.clock.now() + time);
  const pod = (podName: string, spec: object) =>
    client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: podName, namespace: 'default' },
      spec,
    } as KubeObject as never);
  return { client, live, pod };
}

const script = (text: string) => ({ name: 'c', image: 'busybox:1.28', command: ['sh', '-c', text] });

test('an autoscaler follows what clients ask again and again, up and down', async () => {
  const { client, live, pod } = await cluster('autoscaler');
  const labels = { app: 'web' };
  const container = {
    name: 'web',
    image: 'registry.k8s.io/hpa-example',
    resources: { requests: { cpu: '200m' }, limits: { cpu: '500m' } },
  };
  client.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  } as never);
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: labels, ports: [{ port: 80 }] },
  } as never);
  client.create('horizontalpodautoscalers.autoscaling', {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  } as never);
  const replicas = () => client.get('deployments.apps', 'default', 'web')?.spec?.replicas;
  await live(2 * MINUTE);
  expect(replicas()).toBe(1);
  pod('client', { containers: [script('while sleep 0.01; do wget -q -O- http://web; done')] });
  await live(4 * MINUTE);
  const most = replicas()!;
  expect(most).toBeGreaterThanOrEqual(4);
  expect(most).toBeLessThanOrEqual(8);
  client.delete('pods', 'default', 'client', { gracePeriodSeconds: 0 });
  await live(4 * MINUTE);
  expect(replicas()).toBe(most);
  await live(4 * MINUTE);
  expect(replicas()).toBe(1);
});

test('what waits for a service in a loop finds it, however late it comes', async () => {
  const { client, live, pod } = await cluster('waiting');
  pod('late', {
    initContainers: [{ ...script('until nslookup db.default.svc.cluster.local; do sleep 2; done'), name: 'wait' }],
    containers: [script('sleep 86400')],
  });
  await live(60 * MINUTE);
  const phase = () => client.get('pods', 'default', 'late')?.status?.phase;
  expect(phase()).toBe('Pending');
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'default' },
    spec: { ports: [{ port: 5432 }] },
  } as never);
  await live(10_000);
  expect(phase()).toBe('Running');
});

test('a loop without a pause costs little, and what it waits for in a file is seen', async () => {
  const { client, live, pod } = await cluster('busy');
  const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
  pod('pair', {
    restartPolicy: 'Never',
    volumes: [{ name: 'shared', emptyDir: {} }],
    containers: [
      { ...script('until [ -f /shared/go ]; do :; done'), name: 'waits', ...mount },
      { ...script('sleep 7200; touch /shared/go'), name: 'writes', ...mount },
    ],
  });
  pod('busy', { containers: [script('while true; do :; done')] });
  await live(110 * MINUTE);
  expect(client.get('pods', 'default', 'pair')?.status?.phase).toBe('Running');
  await live(15 * MINUTE);
  expect(client.get('pods', 'default', 'pair')?.status?.phase).toBe('Succeeded');
  expect(client.get('pods', 'default', 'busy')?.status?.phase).toBe('Running');
});

test('a readiness probe that asks another service follows it, up and down', async () => {
  const { client, live, pod } = await cluster('probing');
  pod('asks', {
    containers: [
      {
        name: 'c',
        image: 'nginx:1.27',
        readinessProbe: { exec: { command: ['sh', '-c', 'curl -sf -m 2 http://other'] }, periodSeconds: 5 },
      },
    ],
  });
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'other', namespace: 'default' },
    spec: { selector: { id: 'other' }, ports: [{ port: 80 }] },
  } as never);
  const ready = () =>
    client.get('pods', 'default', 'asks')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  await live(10 * MINUTE);
  expect(ready()).toBe('False');
  client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'other', namespace: 'default', labels: { id: 'other' } },
    spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
  } as never);
  await live(MINUTE);
  expect(ready()).toBe('True');
  client.delete('pods', 'default', 'other', { gracePeriodSeconds: 0 });
  await live(2 * MINUTE);
  expect(ready()).toBe('False');
});
