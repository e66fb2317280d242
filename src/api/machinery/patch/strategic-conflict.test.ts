import { expect, test } from 'vitest';
import type { JsonObject } from './json-value.ts';
import { patchesConflict } from './strategic-conflict.ts';
import { strategicChanges } from './strategic-diff.ts';
import { patchSchema } from './strategic-merge.ts';

const POD = patchSchema('core/v1.Pod');
const containers = (...items: object[]): JsonObject => ({ spec: { containers: items } });

test.each<[string, JsonObject, JsonObject, boolean]>([
  ['the same value', { spec: { nodeName: 'a' } }, { spec: { nodeName: 'a' } }, false],
  ['another value', { spec: { nodeName: 'a' } }, { spec: { nodeName: 'b' } }, true],
  ['a deletion and a change', { spec: { nodeName: null } }, { spec: { nodeName: 'b' } }, true],
  ['other fields', { spec: { nodeName: 'a' } }, { spec: { hostname: 'b' } }, false],
  ['a map and a value', { spec: { nodeSelector: { a: 'b' } } }, { spec: { nodeSelector: null } }, true],
  ['a directive on one side', { spec: { $patch: 'replace' } }, { spec: { hostname: 'b' } }, true],
  ['one element', containers({ name: 'a', image: 'x' }), containers({ name: 'a', image: 'y' }), true],
  ['two elements', containers({ name: 'a', image: 'x' }), containers({ name: 'b', image: 'y' }), false],
  ['merged scalars', { metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b'] } }, false],
  [
    'replaced lists in another order',
    containers({ name: 'a', args: ['x', 'y'] }),
    containers({ name: 'a', args: ['y', 'x'] }),
    false,
  ],
  [
    'replaced lists of other lengths',
    containers({ name: 'a', args: ['x'] }),
    containers({ name: 'a', args: ['x', 'y'] }),
    true,
  ],
  ['orders that only one side tells', { '$setElementOrder/x': ['a'] }, { x: ['b'] }, false],
])('%s', (_, left, right, conflict) => {
  expect(patchesConflict(left, right, POD)).toBe(conflict);
});

test('changes leave out in what order lists are', () => {
  const before = { ...containers({ name: 'a' }, { name: 'b' }), metadata: { finalizers: ['a', 'b'] } };
  const after = { ...containers({ name: 'b' }, { name: 'a', image: 'x' }), metadata: { finalizers: ['b', 'a'] } };
  expect(strategicChanges(before, after, POD)).toEqual(containers({ name: 'a', image: 'x' }));
});
