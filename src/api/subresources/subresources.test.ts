import { describe, expect, test } from 'vitest';
import type { NodeAgent } from '../node-agent.ts';
import { testServer } from '../testing/server.ts';

const PODS = '/api/v1/namespaces/default/pods';
const spec = {
  containers: [
    { name: 'c', image: 'nginx' },
    { name: 'd', image: 'nginx' },
  ],
};
const agent = {
  logs: async (_pod: unknown, { container }: { container: string }) => `log of ${container}\n`,
} as unknown as NodeAgent;
const node = { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } };

async function withPod() {
  const api = await testServer(agent);
  api.put('nodes', 'Node', { name: 'n' }, node);
  await api.send('POST', PODS, { metadata: { name: 'p', labels: { app: 'a' } }, spec });
  return api;
}
const bind = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };

describe('binding', () => {
  test('puts a pod on a node, once', async () => {
    const { send, failure, store } = await withPod();
    expect((await send('POST', `${PODS}/p/binding`, bind)).status).toBe(201);
    expect(store.get('pods', 'default', 'p')).toMatchObject({
      spec: { nodeName: 'n' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    expect(await failure('POST', `${PODS}/p/binding`, bind)).toBe(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    );
  });
});

describe('log', () => {
  test('needs to know the container', async () => {
    const { send, failure } = await withPod();
    expect(await failure('GET', `${PODS}/p/log`)).toBe(
      'a container name must be specified for pod p, choose one of: [c d]',
    );
    expect(await failure('GET', `${PODS}/p/log?container=x`)).toBe('container x is not valid for pod p');
    expect((await send('GET', `${PODS}/p/log?container=c`)).body).toBe('');
    await send('POST', `${PODS}/p/binding`, bind);
    expect((await send('GET', `${PODS}/p/log?container=d`)).body).toBe('log of d\n');
    expect(await failure('GET', `${PODS}/p/log?container=c&tailLines=-1`)).toBe(
      'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    );
  });
});

describe('eviction', () => {
  const budget = (disruptionsAllowed: number) => ({
    spec: { selector: { matchLabels: { app: 'a' } } },
    status: { disruptionsAllowed, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, observedGeneration: 1 },
  });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' };
  const withBudget = async (allowed: number) => {
    const api = await withPod();
    await api.send('POST', `${PODS}/p/binding`, bind);
    await api.send('PATCH', `${PODS}/p/status`, { status: ready }, { 'content-type': 'application/merge-patch+json' });
    api.put(
      'poddisruptionbudgets.policy',
      'PodDisruptionBudget',
      { name: 'b', namespace: 'default', generation: 1 },
      budget(allowed),
    );
    return api;
  };
  const evict = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', namespace: 'default' } };

  test('asks the budget', async () => {
    const { send } = await withBudget(0);
    const { status, body } = await send('POST', `${PODS}/p/eviction`, evict);
    expect([status, body]).toMatchObject([
      429,
      {
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            { reason: 'DisruptionBudget', message: 'The disruption budget b needs 2 healthy pods and has 2 currently' },
          ],
        },
      },
    ]);
  });

  test('spends it', async () => {
    const { send, store } = await withBudget(1);
    expect((await send('POST', `${PODS}/p/eviction`, evict)).status).toBe(201);
    expect(store.get('poddisruptionbudgets.policy', 'default', 'b')).toMatchObject({
      status: { disruptionsAllowed: 0 },
    });
    expect(store.get('pods', 'default', 'p')).toMatchObject({ metadata: { deletionGracePeriodSeconds: 30 } });
  });

  test('of a pod with two budgets fails', async () => {
    const api = await withBudget(1);
    api.put('poddisruptionbudgets.policy', 'PodDisruptionBudget', { name: 'c', namespace: 'default' }, budget(1));
    expect(await api.send('POST', `${PODS}/p/eviction`, evict)).toMatchObject({
      status: 500,
      body: {
        kind: 'Status',
        metadata: {},
        status: 'Failure',
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      },
    });
  });
});

describe('tokens', () => {
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  test('speak for their account until they expire', async () => {
    const { verifyToken } = await import('../authentication/tokens.ts');
    const { send, failure, server, clock } = await testServer();
    const { body } = await send('POST', path, { spec: { expirationSeconds: 600 } });
    const { token } = (body as { status: { token: string } }).status;
    expect(verifyToken(server.world, token)?.username).toBe('system:serviceaccount:default:default');
    expect(verifyToken(server.world, `${token}x`)).toBeUndefined();
    clock.now += 601_000;
    expect(verifyToken(server.world, token)).toBeUndefined();
    expect(await failure('POST', path, { spec: { expirationSeconds: 10 } })).toContain(
      'may not specify a duration less than 10 minutes',
    );
  });
});

test.each([
  ['nosuch', 'services "nosuch" not found'],
  ['nosuch:80', 'services "nosuch" not found'],
  ['web:99', 'no service port 99 found for service "web"'],
  ['web', 'no endpoints available for service "web"'],
  ['bare', 'services "bare" not found'],
])('services/%s/proxy finds nobody', async (name, message) => {
  const api = await testServer(agent);
  api.put('services', 'Service', { name: 'web', namespace: 'default' }, { spec: { ports: [{ port: 80 }] } });
  api.put('services', 'Service', { name: 'bare', namespace: 'default' }, { spec: { ports: [{ port: 80 }] } });
  api.put('endpoints', 'Endpoints', { name: 'web', namespace: 'default' }, {});
  expect(await api.failure('GET', `/api/v1/namespaces/default/services/${name}/proxy/`)).toBe(message);
});

test.each([
  ['pods/nosuch/proxy/', 'pods "nosuch" not found'],
  ['pods/pending/proxy/', 'address not allowed'],
  ['pods/a:b:c:d/proxy/', 'invalid pod request "a:b:c:d"'],
  ['services/ftp:web:80/proxy/', 'invalid service request "ftp:web:80"'],
  ['pods/pending/exec?command=ls', 'pod pending does not have a host assigned'],
])('%s leads nowhere', async (path, message) => {
  const api = await testServer(agent);
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  api.put('pods', 'Pod', { name: 'pending', namespace: 'default' }, { spec });
  expect(await api.failure('GET', `/api/v1/namespaces/default/${path}`)).toBe(message);
});

test('a binding says whose it is', async () => {
  const { put, failure } = await testServer();
  put(
    'pods',
    'Pod',
    { name: 'p', namespace: 'default', uid: 'u' },
    { spec: { containers: [{ name: 'c', image: 'i' }] } },
  );
  const target = { name: 'n' };
  const at = '/api/v1/namespaces/default';
  expect(await failure('POST', `${at}/bindings`, { metadata: {}, target })).toBe('Name parameter required.');
  expect(await failure('POST', `${at}/pods/p/binding`, { metadata: { name: 'p', uid: 'x' }, target })).toBe(
    'Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: u',
  );
});

test("what finalizes a namespace names finalizers that are somebody's", async () => {
  const { failure } = await testServer();
  const body = { metadata: { name: 'default' }, spec: { finalizers: ['x'] } };
  expect(await failure('PUT', '/api/v1/namespaces/default/finalize', body)).toBe(
    'Namespace "default" is invalid: spec.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  );
});
