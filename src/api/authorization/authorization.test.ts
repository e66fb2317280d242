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

  test('of a service account brings its groups', async () => {
    const { server } = await testServer();
    expect(actingUser(server.world, ADMIN, { 'impersonate-user': 'system:serviceaccount:default:x' })).toEqual({
      username: 'system:serviceaccount:default:x',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
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
