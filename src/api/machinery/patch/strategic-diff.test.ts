import { expect, test } from 'vitest';
import { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './strategic-diff.ts';
import { patchSchema, strategicMergePatch } from './strategic-merge.ts';

const schema = patchSchema('core/v1.Pod');
const spec = (...containers: object[]) => ({ spec: { containers } });

test.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
  ['nothing', { a: 1 }, { a: 1 }, {}],
  ['a value', { a: 1, b: { c: 1 } }, { a: 2, b: {} }, { a: 2, b: { c: null } }],
  [
    'an element of a merged list',
    spec({ name: 'x', image: 'a' }, { name: 'y' }),
    spec({ name: 'x', image: 'b' }, { name: 'y' }),
    {
      spec: {
        '$setElementOrder/containers': [{ name: 'x' }, { name: 'y' }],
        containers: [{ name: 'x', image: 'b' }],
      },
    },
  ],
  [
    'elements that come and go',
    spec({ name: 'x' }, { name: 'y' }),
    spec({ name: 'z', image: 'c' }, { name: 'x' }),
    {
      spec: {
        '$setElementOrder/containers': [{ name: 'z' }, { name: 'x' }],
        containers: [
          { name: 'z', image: 'c' },
          { $patch: 'delete', name: 'y' },
        ],
      },
    },
  ],
  [
    'a list of plain values that merges',
    { metadata: { finalizers: ['a', 'b'] } },
    { metadata: { finalizers: ['b', 'c'] } },
    {
      metadata: {
        finalizers: ['c'],
        '$deleteFromPrimitiveList/finalizers': ['a'],
        '$setElementOrder/finalizers': ['b', 'c'],
      },
    },
  ],
  [
    'a list that is replaced',
    spec({ name: 'x', command: ['a', 'b'] }),
    spec({ name: 'x', command: ['b'] }),
    {
      spec: { '$setElementOrder/containers': [{ name: 'x' }], containers: [{ name: 'x', command: ['b'] }] },
    },
  ],
])('the patch for %s, and it does what it says', (_, before, after, patch) => {
  expect(createTwoWayStrategicPatch(before, after, schema)).toEqual(patch);
  expect(strategicMergePatch(before, patch, schema)).toEqual(after);
});

test('three ways: what others added stays, what was applied before and is not any more goes', () => {
  const original = spec({ name: 'x', image: 'a', command: ['old'] }, { name: 'gone' });
  const modified = spec({ name: 'x', image: 'b' });
  const current = spec({ name: 'x', image: 'a', command: ['old'], tty: true }, { name: 'gone' }, { name: 'injected' });
  const patch = createThreeWayStrategicPatch(original, modified, current, schema);
  expect(strategicMergePatch(current, patch, schema)).toEqual(
    spec({ name: 'x', image: 'b', tty: true }, { name: 'injected' }),
  );
});
