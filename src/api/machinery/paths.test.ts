import { expect, test } from 'vitest';
import type { Status } from '../request.ts';
import { testServer } from '../testing/server.ts';

test.each([
  ['/metrics', 'apiserver_storage_objects{resource="namespaces"} 1\n'],
  ['/metrics/slis', 'kubernetes_healthcheck{name="etcd",type="readyz"} 1\n'],
  ['/healthz?verbose&exclude=etcd&exclude=nope', '[+]etcd excluded: ok\n'],
  [
    '/healthz?verbose&exclude=nope',
    'warn: some health checks cannot be excluded: no matches for "nope"\nhealthz check passed\n',
  ],
  ['/livez/etcd', 'ok'],
  ['/.well-known/openid-configuration', '"jwks_uri":"https://127.0.0.1:6443/openid/v1/jwks"'],
  ['/openid/v1/jwks', '"alg":"RS256"'],
])('%s tells', async (path, text) => {
  const { send } = await testServer();
  expect((await send('GET', path)).body).toContain(text);
});

test.each([
  ['GET', '/healthz/nope', 404],
  ['GET', '/openapi/v3/', 200],
  ['HEAD', '/api/v1/namespaces', 405],
  ['POST', '/version', 405],
  ['HEAD', '/healthz', 200],
  ['GET', '/apis/apps/v2/deployments', 404],
] as const)('%s %s is %i', async (method, path, status) => {
  const { send } = await testServer();
  expect((await send(method, path)).status).toBe(status);
});

test('OpenAPI v2 is JSON', async () => {
  const { send } = await testServer();
  expect((await send('GET', '/openapi/v2', undefined, { accept: 'application/json' })).body).toMatchObject({
    swagger: '2.0',
  });
  const old = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  expect((await send('GET', '/openapi/v2', undefined, { accept: old })).status).toBe(406);
});

test('what leads nowhere is forbidden to those who might not have gone there', async () => {
  const { send } = await testServer();
  const eve = { username: 'eve', groups: [] };
  const { body } = await send('GET', '/apis/none.io/v1/namespaces/default/things/x', undefined, {}, eve);
  expect((body as Status).message).toBe(
    'things.none.io "x" is forbidden: User "eve" cannot get resource "things" in API group "none.io" in the namespace "default"',
  );
});

test('an API that nobody serves is promised, stale and unavailable', async () => {
  const { send, put } = await testServer();
  const service = { namespace: 'kube-system', name: 'metrics-server' };
  put(
    'apiservices.apiregistration.k8s.io',
    'APIService',
    { name: 'v1beta1.metrics.k8s.io' },
    { spec: { group: 'metrics.k8s.io', version: 'v1beta1', service } },
  );
  const { body } = await send('GET', '/apis');
  expect((body as { groups: unknown[] }).groups.at(-1)).toEqual({
    name: 'metrics.k8s.io',
    versions: [{ groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' }],
    preferredVersion: { groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' },
  });
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = (await send('GET', '/apis', undefined, { accept })).body as { items: { versions: unknown }[] };
  expect(aggregated.items.at(-1)!.versions).toEqual([{ version: 'v1beta1', freshness: 'Stale' }]);
  for (const path of ['/apis/metrics.k8s.io/v1beta1', '/apis/metrics.k8s.io/v1beta1/nodes'])
    expect(await send('GET', path)).toMatchObject({ status: 503, body: 'service unavailable\n' });
});
