import { describe, expect, test } from 'vitest';
import type { Pod } from '../../types/objects.ts';
import { testServer } from '../testing/server.ts';

const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string, container: object = {}, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
});

test('a pod gets its account, its token, its tolerations and its priority', async () => {
  const { send } = await testServer();
  const { spec } = (await send('POST', PODS, pod('p'))).body as Pod;
  const [volume] = spec!.volumes!;
  expect(volume!.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
  expect(spec!.containers[0]!.volumeMounts).toEqual([
    { name: volume!.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ]);
  expect(spec).toMatchObject({
    serviceAccountName: 'default',
    serviceAccount: 'default',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
  });
  expect(spec!.tolerations!.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
    ['node.kubernetes.io/not-ready', 300],
    ['node.kubernetes.io/unreachable', 300],
  ]);
});

test.each([
  [
    { serviceAccountName: 'x' },
    'pods "p" is forbidden: error looking up service account default/x: serviceaccount "x" not found',
  ],
  [{ priorityClassName: 'x' }, 'pods "p" is forbidden: no PriorityClass with name x was found'],
  [{ runtimeClassName: 'x' }, 'pods "p" is forbidden: pod rejected: RuntimeClass "x" not found'],
])('a pod with %j is refused', async (spec, message) => {
  const { failure } = await testServer();
  expect(await failure('POST', PODS, pod('p', {}, spec))).toBe(message);
});

describe('namespaces', () => {
  test('must be there, and not be going', async () => {
    const { failure, send } = await testServer();
    const map = { metadata: { name: 'x' } };
    expect(await failure('POST', '/api/v1/namespaces/none/configmaps', map)).toBe('namespaces "none" not found');
    expect(await failure('DELETE', '/api/v1/namespaces/default')).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'a' } });
    await send('DELETE', '/api/v1/namespaces/a');
    expect(await failure('POST', '/api/v1/namespaces/a/configmaps', map)).toBe(
      'configmaps "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    );
  });
});

describe('limit ranges', () => {
  const limits = [
    {
      type: 'Container',
      default: { cpu: '500m' },
      defaultRequest: { cpu: '200m' },
      max: { cpu: '1' },
      min: { cpu: '100m' },
    },
  ];
  test('fill in and hold to their bounds', async () => {
    const { send, failure } = await testServer();
    await send('POST', '/api/v1/namespaces/default/limitranges', { metadata: { name: 'l' }, spec: { limits } });
    const { spec, metadata } = (await send('POST', PODS, pod('p'))).body as Pod;
    expect(spec!.containers[0]!.resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '200m' } });
    expect(metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    });
    expect(await failure('POST', PODS, pod('q', { resources: { limits: { cpu: '2' } } }))).toBe(
      'pods "q" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
    expect(await failure('POST', PODS, pod('q', { resources: { requests: { cpu: '10m' } } }))).toBe(
      'pods "q" is forbidden: minimum cpu usage per Container is 100m, but request is 10m',
    );
  });
});

describe('quotas', () => {
  test('count what comes in, and refuse what is too much', async () => {
    const { store, failure, put } = await testServer();
    const hard = { pods: '1', 'requests.cpu': '1' };
    put(
      'resourcequotas',
      'ResourceQuota',
      { name: 'q', namespace: 'default' },
      { spec: { hard }, status: { hard, used: { pods: '0', 'requests.cpu': '0' } } },
    );
    expect(await failure('POST', PODS, pod('a'))).toBe(
      'pods "a" is forbidden: failed quota: q: must specify requests.cpu for: c',
    );
    const modest = { resources: { requests: { cpu: '250m' } } };
    expect(await failure('POST', PODS, pod('a', modest))).toBe('');
    expect(store.get('resourcequotas', 'default', 'q')).toMatchObject({
      status: { used: { pods: '1', 'requests.cpu': '250m' } },
    });
    expect(await failure('POST', PODS, pod('b', modest))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
  });
});

describe('pod security', () => {
  const labelled = async (labels: Record<string, string>) => {
    const api = await testServer();
    const prefixed = Object.fromEntries(
      Object.entries(labels).map(([mode, level]) => [`pod-security.kubernetes.io/${mode}`, level]),
    );
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'psa', labels: prefixed } });
    api.put('serviceaccounts', 'ServiceAccount', { name: 'default', namespace: 'psa' });
    return api;
  };
  const path = '/api/v1/namespaces/psa/pods';

  test.each([
    [
      { securityContext: { privileged: true } },
      {},
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [{}, { hostNetwork: true, hostPID: true }, 'host namespaces (hostNetwork=true, hostPID=true)'],
    [{}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
    [{ ports: [{ containerPort: 80, hostPort: 80 }] }, {}, 'hostPort (container "c" uses hostPort 80)'],
    [
      { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
      {},
      'non-default capabilities (container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
  ])('baseline refuses %j %j', async (container, spec, violation) => {
    const { failure } = await labelled({ enforce: 'baseline' });
    expect(await failure('POST', path, pod('p', container, spec))).toBe(
      `pods "p" is forbidden: violates PodSecurity "baseline:latest": ${violation}`,
    );
  });

  test('restricted wants much said', async () => {
    const { failure } = await labelled({ enforce: 'restricted' });
    expect(await failure('POST', path, pod('p'))).toBe(
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    const securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    expect(await failure('POST', path, pod('p', { securityContext }))).toBe('');
  });

  test('warns where it does not refuse', async () => {
    const { send } = await labelled({ warn: 'baseline' });
    const { warnings, status } = await send('POST', path, pod('p', {}, { hostIPC: true }));
    expect([status, warnings]).toEqual([
      201,
      ['would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)'],
    ]);
  });
});
