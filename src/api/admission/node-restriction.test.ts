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
