import { describe, expect, test } from 'vitest';
import { type RbacObject, reconciliationOf } from './reconciliation.ts';

const role = (rules: object[], metadata: object = {}): RbacObject =>
  ({ metadata: { name: 'r', ...metadata }, rules }) as unknown as RbacObject;
const binding = (subjects: string[], roleRef = 'view'): RbacObject =>
  ({
    metadata: { name: 'b' },
    roleRef: { kind: 'ClusterRole', name: roleRef },
    subjects: subjects.map((name) => ({ kind: 'User', name })),
  }) as unknown as RbacObject;
const pods = (...verbs: string[]) => ({ verbs, apiGroups: [''], resources: ['pods'] });

describe('reconciling', () => {
  test.each<
    [what: string, live: RbacObject | undefined, wanted: RbacObject, exact: boolean, operation: string, rules: object[]]
  >([
    ['nothing there', undefined, role([pods('get')]), false, 'create', [pods('get')]],
    ['covered by *', role([pods('*')]), role([pods('get', 'list')]), false, 'none', [pods('*')]],
    [
      'one verb missing',
      role([pods('get')]),
      role([pods('get', 'list')]),
      false,
      'update',
      [pods('get'), pods('list')],
    ],
    ['more than wanted', role([pods('get', 'list')]), role([pods('get')]), false, 'none', [pods('get', 'list')]],
    ['more than wanted, exactly', role([pods('get', 'list')]), role([pods('get')]), true, 'update', [pods('get')]],
    [
      'a subresource of all',
      role([{ verbs: ['get'], apiGroups: [''], resources: ['*/log'] }]),
      role([{ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }]),
      false,
      'none',
      [{ verbs: ['get'], apiGroups: [''], resources: ['*/log'] }],
    ],
    [
      'paths',
      role([{ verbs: ['get'], nonResourceURLs: ['/logs/*'] }]),
      role([{ verbs: ['get'], nonResourceURLs: ['/logs/a'] }]),
      false,
      'none',
      [{ verbs: ['get'], nonResourceURLs: ['/logs/*'] }],
    ],
  ])('a role: %s', (_, live, wanted, exact, operation, rules) => {
    const found = reconciliationOf(live, wanted, exact);
    expect([found.operation, found.object.rules]).toEqual([operation, rules]);
  });

  test('labels are joined, and those that are there win', () => {
    const found = reconciliationOf(role([], { labels: { a: '1' } }), role([], { labels: { a: '2', b: '3' } }), false);
    expect([found.operation, found.object.metadata.labels]).toEqual(['update', { a: '1', b: '3' }]);
  });

  test('a role that opted out is left alone', () => {
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    expect(reconciliationOf(role([], { annotations }), role([pods('get')]), false).protected).toBe(true);
  });

  test.each<
    [what: string, live: RbacObject, wanted: RbacObject, exact: boolean, operation: string, subjects: string[]]
  >([
    ['a subject missing', binding(['a']), binding(['b']), false, 'update', ['a', 'b']],
    ['exactly', binding(['a']), binding(['b']), true, 'update', ['b']],
    ['the same', binding(['a', 'b']), binding(['b']), false, 'none', ['a', 'b']],
    ['another role', binding(['a']), binding(['b'], 'edit'), false, 'recreate', ['b']],
  ])('a binding: %s', (_, live, wanted, exact, operation, subjects) => {
    const found = reconciliationOf(live, wanted, exact);
    expect([found.operation, found.object.subjects!.map(({ name }) => name)]).toEqual([operation, subjects]);
  });
});
