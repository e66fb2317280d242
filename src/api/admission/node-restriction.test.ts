import { expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const KUBELET = { username: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] };
const NODE = '/api/v1/nodes/node-1';
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const pod = (metadata: object, nodeName: string) => ({
  metadata: { name: 'm', ...metadata },
  spec: { nodeName, containers: [{ name: 'c', image: 'x' }] },
});
const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
const node = (why: string) => `nodes "node-1" is forbidden: ${why}`;
const denied = (why: string) => `pods "m" is forbidden: ${why}`;

// Answered so by kube-apiserver 1.33.13.
test.each([
  [
    'POST',
    '/api/v1/nodes',
    { metadata: { name: 'node-x' } },
    'nodes "node-x" is forbidden: node "node-1" is not allowed to modify node "node-x"',
  ],
  [
    'PATCH',
    NODE,
    { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } },
    node('is not allowed to modify labels: node-restriction.kubernetes.io/x'),
  ],
  [
    'PATCH',
    NODE,
    { metadata: { labels: { 'kubernetes.io/x': 'y' } } },
    node('is not allowed to modify labels: kubernetes.io/x'),
  ],
  ['PATCH', NODE, { metadata: { labels: { 'node.kubernetes.io/x': 'y', z: 'y' } } }, ''],
  [
    'PATCH',
    NODE,
    { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
    node('node "node-1" is not allowed to modify taints'),
  ],
  [
    'POST',
    PODS,
    pod({}, 'node-1'),
    denied('pod does not have "kubernetes.io/config.mirror" annotation, node "node-1" can only create mirror pods'),
  ],
  ['POST', PODS, pod(mirror, 'node-2'), denied('node "node-1" can only create pods with spec.nodeName set to itself')],
  [
    'POST',
    PODS,
    pod(mirror, 'node-1'),
    denied('node "node-1" can only create pods with an owner reference set to itself'),
  ],
  [
    'POST',
    PODS,
    { ...pod(mirror, 'node-1'), spec: { serviceAccountName: 'x', containers: [{ name: 'c', image: 'x' }] } },
    denied('a mirror pod may not reference service accounts'),
  ],
  [
    'DELETE',
    `${PODS}/p`,
    undefined,
    'pods "p" is forbidden: node "node-1" can only delete pods with spec.nodeName set to itself',
  ],
] as const)('a kubelet may not, %#: %s %s', async (method, path, body, message) => {
  const { failure } = await testServer();
  await failure('POST', '/api/v1/nodes', { metadata: { name: 'node-1' } });
  await failure('POST', PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
  expect(await failure(method, path, body, method === 'PATCH' ? MERGE : {}, KUBELET)).toBe(message);
});

const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/default';
const noToken = (why: string) => `serviceaccounts "default" is forbidden: ${why}`;
const bound = (name: string, uid?: string) => ({ kind: 'Pod', apiVersion: 'v1', name, ...(uid && { uid }) });

// Answered so by kube-apiserver 1.33.13.
test.each([
  [undefined, [], noToken('node requested token not bound to a pod')],
  [{ kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'x' }, [], noToken('node requested token not bound to a pod')],
  [bound('own'), [], noToken('node requested token with a pod binding without a uid')],
  [bound('nope', 'x'), [], 'pod "nope" not found'],
  [bound('other', 'other'), [], noToken('node requested token bound to a pod scheduled on a different node')],
  [bound('own', 'own'), [], ''],
  [bound('own', 'own'), ['a', 'b'], noToken('node may only request 0 or 1 audiences')],
  [
    bound('own', 'own'),
    ['vault'],
    noToken(
      'audience "vault" not found in pod spec volume, system:node:node-1 is not authorized to request tokens for this audience',
    ),
  ],
])('a kubelet asks for a token bound to %j, for %j', async (boundObjectRef, audiences, message) => {
  const { failure, put } = await testServer();
  const volumes = [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }];
  for (const [name, nodeName] of [
    ['own', 'node-1'],
    ['other', 'node-2'],
  ])
    put(
      'pods',
      'Pod',
      { name, namespace: 'default', uid: name },
      { spec: { serviceAccountName: 'default', nodeName, volumes } },
    );
  const spec = { boundObjectRef, ...(audiences.length > 0 && { audiences }) };
  expect(await failure('POST', `${ACCOUNT}/token`, { spec }, {}, KUBELET)).toBe(message);
});

test('a kubelet evicts its own pods, which is no deletion of theirs', async () => {
  const { failure, put } = await testServer();
  put('pods', 'Pod', { name: 'own', namespace: 'default' }, { spec: { nodeName: 'node-1' } });
  put('pods', 'Pod', { name: 'other', namespace: 'default' }, { spec: { nodeName: 'node-2' } });
  const evict = (name: string) => failure('POST', `${PODS}/${name}/eviction`, { metadata: { name } }, {}, KUBELET);
  expect(await evict('own')).toBe('');
  expect(await evict('other')).toBe(
    'pods "other" is forbidden: node node-1 can only evict pods with spec.nodeName set to itself',
  );
  expect(await evict('nope')).toBe('pod "nope" not found');
});
