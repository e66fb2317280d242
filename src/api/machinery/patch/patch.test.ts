import { describe, expect, test } from 'vitest';
import { jsonPatch } from './json-patch.ts';
import { createMergePatch, createThreeWayMergePatch, mergePatch } from './merge-patch.ts';
import { patchSchema, strategicMergePatch } from './strategic-merge.ts';
import { StrategicMergeError } from './strategic-order.ts';

const deployment = patchSchema('apps/v1.Deployment');
const podSpec = patchSchema('core/v1.PodSpec');
const containers = [
  { name: 'a', image: '1', ports: [{ containerPort: 80, protocol: 'TCP' }] },
  { name: 'b', image: '2' },
];

describe('strategic merge', () => {
  test.each([
    [
      'merges lists by key, new items first',
      {
        containers: [
          { name: 'c', image: '3' },
          { name: 'b', image: '4' },
        ],
      },
      [{ name: 'c', image: '3' }, containers[0], { name: 'b', image: '4' }],
    ],
    ['deletes an item', { containers: [{ name: 'a', $patch: 'delete' }] }, [containers[1]]],
    [
      'replaces a list',
      { containers: [{ $patch: 'replace' }, { name: 'z', image: '9' }] },
      [{ name: 'z', image: '9' }],
    ],
    [
      'keeps the order that is set',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: '5' }] },
      [{ name: 'b', image: '5' }, containers[0]],
    ],
    [
      'keeps what a replaced list says as it is',
      { containers: [{ name: 'z', image: null }, { $patch: 'replace' }] },
      [{ name: 'z', image: null }],
    ],
    ['deletes with null', { containers: [{ name: 'a', ports: null }] }, [{ name: 'a', image: '1' }, containers[1]]],
  ])('%s', (_, patch, expected) => {
    expect(strategicMergePatch({ containers }, patch, podSpec).containers).toEqual(expected);
  });

  test('keeps only what $retainKeys names', () => {
    const before = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(strategicMergePatch(before, patch, deployment)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  test('takes values out of lists of scalars', () => {
    const before = { metadata: { finalizers: ['a', 'b'] } };
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } };
    expect(strategicMergePatch(before, patch, deployment)).toEqual({ metadata: { finalizers: ['c', 'b'] } });
  });

  test('needs the merge key', () => {
    expect(() => strategicMergePatch({ containers }, { containers: [{ image: 'x' }] }, podSpec)).toThrow(
      'map: map[image:x] does not contain declared merge key: name',
    );
  });

  test.each([
    [
      { containers: [{ name: 'a' }, 'x'] },
      'list element types are not identical: [[map[image:1 name:a ports:[map[containerPort:80 protocol:TCP]]] map[image:2 name:b]] [map[name:a] x]]',
    ],
    [{ containers: [{ name: 'a', $patch: 'bogus' }] }, 'unknown patch type: bogus in map: map[$patch:bogus name:a]'],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ containers: [{ $patch: 'delete' }] }, 'map: map[$patch:delete] does not contain declared merge key: name'],
    [{ $patch: 'bogus' }, 'unknown patch type: bogus in map: map[$patch:bogus]'],
    [{ $retainKeys: ['volumes'], containers }, 'invalid patch format of retainKeys'],
    [{ '$setElementOrder/containers': 'x' }, 'expected a []interface {}, but received a string'],
    [{ $deleteFromPrimitiveList: ['x'] }, 'invalid patch format of primitive list'],
    [
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a' }, { name: 'b' }] },
      "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n",
    ],
  ])('refuses %j', (patch, message) => {
    expect(() => strategicMergePatch({ containers }, patch, podSpec)).toThrow(new StrategicMergeError(message));
  });

  test('changes nothing in place', () => {
    const before = structuredClone(containers);
    strategicMergePatch({ containers }, { containers: [{ name: 'a', image: 'x' }] }, podSpec);
    expect(containers).toEqual(before);
  });
});

describe('merge patch', () => {
  test('merges, replaces and deletes', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: 3 }, d: [2] })).toEqual({
      a: { c: 2, e: 3 },
      d: [2],
    });
  });
  test('is made from two versions, and gives the second', () => {
    const [before, after] = [
      { a: { b: 1, c: 2 }, d: 1 },
      { a: { b: 1, c: 3 }, e: { f: 1 } },
    ];
    const patch = createMergePatch(before, after);
    expect(patch).toEqual({ a: { c: 3 }, e: { f: 1 }, d: null });
    expect(mergePatch(before, patch)).toEqual(after);
  });
  test('of three versions deletes only what was there last time', () => {
    expect(createThreeWayMergePatch({ a: 1, b: 1 }, { b: 2 }, { a: 1, b: 1, c: 1 })).toEqual({ b: 2, a: null });
  });
});

test('merge patches take nulls out of the items of new lists, but not of lists that take the place of objects', () => {
  const patch = { l: [{ a: null, b: 1 }] };
  expect(mergePatch({}, patch)).toEqual({ l: [{ b: 1 }] });
  expect(mergePatch({ l: {} }, patch)).toEqual(patch);
});

describe('JSON patch', () => {
  const document = { a: { b: 1 }, l: [1, 2] };
  test.each([
    [[{ op: 'add', path: '/a/c', value: 2 }], { a: { b: 1, c: 2 }, l: [1, 2] }],
    [[{ op: 'add', path: '/l/-', value: 3 }], { a: { b: 1 }, l: [1, 2, 3] }],
    [[{ op: 'add', path: '/l/0', value: 0 }], { a: { b: 1 }, l: [0, 1, 2] }],
    [[{ op: 'remove', path: '/l/-1' }], { a: { b: 1 }, l: [1] }],
    [[{ op: 'replace', path: '/a/b', value: 5 }], { a: { b: 5 }, l: [1, 2] }],
    [[{ op: 'replace', path: '/a/new', value: 6 }], { a: { b: 1, new: 6 }, l: [1, 2] }],
    [[{ op: 'move', from: '/a/b', path: '/x' }], { a: {}, l: [1, 2], x: 1 }],
    [
      [
        { op: 'copy', from: '/a', path: '/y' },
        { op: 'test', path: '/y/b', value: 1 },
      ],
      { a: { b: 1 }, l: [1, 2], y: { b: 1 } },
    ],
  ])('%j', (operations, expected) => {
    expect(jsonPatch(document, operations)).toEqual(expected);
    expect(document).toEqual({ a: { b: 1 }, l: [1, 2] });
  });
  test.each([
    [
      [{ op: 'remove', path: '/none' }],
      "error in remove for path: '/none': Unable to remove nonexistent key: none: missing value",
    ],
    [
      [{ op: 'replace', path: '/none/b', value: 1 }],
      'replace operation does not apply: doc is missing path: /none/b: missing value',
    ],
    [
      [{ op: 'add', path: '/l/9', value: 1 }],
      "error in add for path: '/l/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [[{ op: 'test', path: '/a/b', value: 2 }], 'testing value /a/b failed: test failed'],
    [
      [{ op: 'replace', path: '/l/7', value: 2 }],
      'replace operation does not apply: doc is missing key: /l/7: missing value',
    ],
    [[{ op: 'bogus', path: '/a' }], 'Unexpected kind: bogus'],
    [[{ path: '/a' }], 'Unexpected kind: unknown'],
    [[{ op: 'add' }], 'add operation failed to decode path: missing value'],
    [[{ op: 'replace' }], 'replace operation failed to decode path: operation missing path field: missing value'],
    [[{ op: 'test' }], 'test operation failed to decode path: operation missing path field: missing value'],
    [
      [{ op: 'move', path: '/a' }],
      'move operation failed to decode from: operation, missing from field: missing value',
    ],
    [
      [{ op: 'copy', from: '/a/x', path: '/none/y' }],
      'copy operation does not apply: doc is missing destination path: /none/y: missing value',
    ],
    [[{ op: 'add', path: '', value: 1 }], 'add operation does not apply: doc is missing path: "": missing value'],
    [
      [{ op: 'add', path: '/l/x', value: 1 }],
      "error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
    ],
    [[{ op: 'remove', path: 'a' }], 'remove operation does not apply: doc is missing path: "a": missing value'],
    [[{ op: 'test', path: '/none', value: 1 }], 'testing value /none failed: test failed'],
  ])('%j fails', (operations, message) => {
    expect(() => jsonPatch(document, operations)).toThrow(message);
  });
});
