import { describe, expect, test } from 'vitest';
import { actingUser } from '../authentication/impersonation.ts';
import { ADMIN, testServer } from '../testing/server.ts';
import { ruleAllows } from './rbac.ts';

const RBAC = 'rbac.authorization.k8s.io';
const bob = { username: 'bob', groups: ['system:authenticated'] };

async function withRoles() {
  const api = await testServer();
  const roleRef = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name });
  const subjects = [{ kind: 'User', apiGroup: RBAC, name: 'bob' }];
  api.put(
    `roles.${RBAC}`,
    'Role',
    { name: 'reader', namespace: 'default' },
    { rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }] },
  );
  api.put(
    `rolebindings.${RBAC}`,
    'RoleBinding',
    { name: 'b', namespace: 'default' },
    { subjects, roleRef: roleRef('Role', 'reader') },
  );
  api.put(
    `clusterroles.${RBAC}`,
    'ClusterRole',
    { name: 'health' },
    { rules: [{ nonResourceURLs: ['/healthz', '/livez/*'], verbs: ['get'] }] },
  );
  api.put(
    `clusterrolebindings.${RBAC}`,
    'ClusterRoleBinding',
    { name: 'h' },
    { subjects, roleRef: roleRef('ClusterRole', 'health') },
  );
  return api;
}

describe('what a user may', () => {
  test.each([
    ['GET', '/api/v1/namespaces/default/pods', ''],
    [
      'GET',
      '/api/v1/pods',
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope',
    ],
    [
      'DELETE',
      '/api/v1/namespaces/default/pods/x',
      'pods "x" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'GET',
      '/apis/apps/v1/namespaces/default/deployments',
      'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" in the namespace "default"',
    ],
    ['GET', '/healthz', ''],
    ['GET', '/livez/ping', ''],
    ['GET', '/metrics', 'forbidden: User "bob" cannot get path "/metrics"'],
  ] as const)('%s %s', async (method, path, message) => {
    const { failure } = await withRoles();
    expect(await failure(method, path, undefined, {}, bob)).toBe(message);
  });

  test('is told of roles that are missing', async () => {
    const { failure, put } = await withRoles();
    const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: 'gone' };
    put(
      `clusterrolebindings.${RBAC}`,
      'ClusterRoleBinding',
      { name: 'a' },
      { subjects: [{ kind: 'User', name: 'bob' }], roleRef },
    );
    expect(await failure('GET', '/api/v1/nodes', undefined, {}, bob)).toContain(
      'at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    );
  });

  test('can be asked for another, with the binding that allows it', async () => {
    const { send } = await withRoles();
    const spec = { user: 'bob', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } };
    const { body } = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec });
    expect((body as { status: object }).status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/default" of Role "reader" to User "bob"',
    });
  });
});

describe('impersonation', () => {
  test('is for those who may', async () => {
    const { failure } = await withRoles();
    expect(await failure('GET', '/api/v1/nodes', undefined, { 'impersonate-user': 'eve' }, bob)).toBe(
      'users "eve" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });

  test('of nobody is refused in plain text, before there is an API', async () => {
    const { send } = await testServer();
    const answer = await send('GET', '/api/v1/nodes?limit=5', undefined, { 'impersonate-group': 'dev' });
    expect(answer).toEqual({
      status: 500,
      contentType: 'text/plain; charset=utf-8',
      warnings: [],
      body: 'Internal Server Error: "/api/v1/nodes?limit=5": requested [{Group  dev    }] without impersonating a user\n',
    });
  });

  test('of a service account brings its groups', async () => {
    const { server } = await testServer();
    const headers = { 'impersonate-user': 'system:serviceaccount:default:x' };
    const request = { user: ADMIN, method: 'GET' as const, path: '/version', query: new URLSearchParams(), headers };
    expect(actingUser(server.world, request)).toEqual({
      username: 'system:serviceaccount:default:x',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
  });
});

test.each([
  ['uid', { 'impersonate-uid': '7' }, 'uids.authentication.k8s.io "7"', 'uids'],
  ['extra', { 'impersonate-extra-scopes': 'view' }, 'userextras.authentication.k8s.io "view"', 'userextras/scopes'],
])('impersonating a user is not yet impersonating their %s', async (_, headers, subject, resource) => {
  const { failure, put } = await withRoles();
  put(
    `clusterroles.${RBAC}`,
    'ClusterRole',
    { name: 'health' },
    { rules: [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }] },
  );
  expect(await failure('GET', '/api/v1/nodes', undefined, { 'impersonate-user': 'eve', ...headers }, bob)).toBe(
    `${subject} is forbidden: User "bob" cannot impersonate resource "${resource}" in API group "authentication.k8s.io" at the cluster scope`,
  );
});

describe('what a kubelet may', () => {
  const kubelet = { username: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] };
  const refused = (subject: string, verb: string, resource: string, where: string, why: string) =>
    `${subject} is forbidden: User "system:node:node-1" cannot ${verb} resource "${resource}" in API group "" ${where}: ${why}`;
  const HERE = 'in the namespace "default"';
  const ALL = 'at the cluster scope';

  test.each([
    ['/api/v1/nodes/node-1', ''],
    [
      '/api/v1/nodes',
      refused('nodes', 'list', 'nodes', ALL, "node 'node-1' cannot read all nodes, only its own Node object"),
    ],
    [
      '/api/v1/nodes/node-2',
      refused('nodes "node-2"', 'get', 'nodes', ALL, "node 'node-1' cannot read 'node-2', only its own Node object"),
    ],
    ['/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1', ''],
    [
      '/api/v1/pods',
      refused('pods', 'list', 'pods', ALL, 'can only list/watch pods with spec.nodeName field selector'),
    ],
    ['/api/v1/namespaces/default/secrets/used', ''],
    ['/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dused', ''],
    [
      '/api/v1/namespaces/default/secrets/other',
      refused('secrets "other"', 'get', 'secrets', HERE, "no relationship found between node 'node-1' and this object"),
    ],
    ['/api/v1/namespaces/default/secrets', refused('secrets', 'list', 'secrets', HERE, 'No Object name found')],
  ])('GET %s', async (path, message) => {
    const { failure, put } = await testServer();
    put('nodes', 'Node', { name: 'node-1' });
    for (const name of ['used', 'other']) put('secrets', 'Secret', { name, namespace: 'default' });
    const volumes = [{ name: 'v', secret: { secretName: 'used' } }];
    put('pods', 'Pod', { name: 'p', namespace: 'default' }, { spec: { nodeName: 'node-1', volumes } });
    expect(await failure('GET', path, undefined, {}, kubelet)).toBe(message);
  });
});

test.each([
  [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, true],
  [{ verbs: ['get'], apiGroups: ['apps'], resources: ['*/scale'] }, true],
  [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }, false],
  [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: ['web'] }, true],
  [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: ['db'] }, false],
])('rule %# on deployments/scale', (rule, allowed) => {
  const wanted = { verb: 'get', group: 'apps', resource: 'deployments/scale', namespace: 'default', name: 'web' };
  expect(ruleAllows(rule, wanted)).toBe(allowed);
});

test('nobody grants what they do not have', async () => {
  const { failure, put } = await withRoles();
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: 'maker' };
  put(
    `roles.${RBAC}`,
    'Role',
    { name: 'maker', namespace: 'default' },
    { rules: [{ apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: ['create'] }] },
  );
  put(
    `rolebindings.${RBAC}`,
    'RoleBinding',
    { name: 'm', namespace: 'default' },
    { subjects: [{ kind: 'User', name: 'bob' }], roleRef },
  );
  const roles = `/apis/${RBAC}/v1/namespaces/default/roles`;
  const role = (verbs: string[]) => ({
    metadata: { name: 'r' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
  });
  expect(await failure('POST', roles, role(['get', 'delete', 'watch']), {}, bob)).toBe(
    'roles.rbac.authorization.k8s.io "r" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}',
  );
  expect(await failure('POST', roles, role(['get']), {}, bob)).toBe('');
});
