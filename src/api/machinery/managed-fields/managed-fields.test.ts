import { describe, expect, test } from 'vitest';
import { testServer } from '../../testing/server.ts';
import { difference, paths, sorted, union, without } from './fields.ts';

describe('sets of fields', () => {
  const a = { 'f:spec': { 'f:x': {}, 'f:list': { '.': {}, 'k:{"name":"c"}': { '.': {}, 'f:image': {} } } } };
  test('unite and subtract', () => {
    expect(union({ 'f:a': {} }, { 'f:a': { 'f:b': {} } })).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
    expect(difference(a, { 'f:spec': { 'f:x': {}, 'f:list': {} } })).toEqual({
      'f:spec': { 'f:list': { 'k:{"name":"c"}': { '.': {}, 'f:image': {} } } },
    });
    expect(difference(a, { 'f:other': {} })).toBe(a);
    expect(without(a, { 'f:spec': { 'f:list': {} } })).toEqual({ 'f:spec': { 'f:x': {} } });
  });
  test('are written in order, and as paths', () => {
    const keys = { 'k:{"port":443}': {}, 'k:{"port":80}': {}, 'f:b': {}, 'f:a': {} };
    expect(Object.keys(sorted(keys))).toEqual(['f:a', 'f:b', 'k:{"port":80}', 'k:{"port":443}']);
    expect(paths(a)).toEqual(['.spec.list', '.spec.x', '.spec.list[name="c"]', '.spec.list[name="c"].image']);
  });
});

const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const url = (manager: string, force = false) =>
  `/api/v1/namespaces/default/configmaps/x?fieldManager=${manager}${force ? '&force=true' : ''}`;
const config = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data });

describe('server-side apply', () => {
  test('makes, shares, refuses and takes over', async () => {
    const { send, failure } = await testServer();
    expect((await send('PATCH', url('one'), config({ a: '1', b: '1' }), APPLY)).status).toBe(201);
    expect((await send('PATCH', url('two'), config({ a: '1' }), APPLY)).status).toBe(200);
    expect(await failure('PATCH', url('two'), config({ a: '2', b: '2' }), APPLY)).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
    );
    const taken = await send('PATCH', url('two', true), config({ a: '2' }), APPLY);
    expect((taken.body as { data: object }).data).toEqual({ a: '2', b: '1' });
    // What a manager no longer applies, and nobody else owns, goes.
    const less = await send('PATCH', url('one'), config({ c: '3' }), APPLY);
    expect((less.body as { data: object }).data).toEqual({ a: '2', c: '3' });
  });

  test('names those who updated by their version', async () => {
    const { send, failure } = await testServer();
    await send('POST', '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-create', config({ a: '1' }));
    expect(await failure('PATCH', url('me'), config({ a: '2' }), APPLY)).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a',
    );
  });

  test.each<[string, object, string]>([
    ['a field that is none', { dta: {} }, '.dta: field not declared in schema'],
    ['another type', { data: { a: 1 } }, '.data.a: expected string, got &value.valueUnstructured{Value:1}'],
    ['a map that is none', { data: 'x' }, '.data: expected map, got &{x}'],
    ['a text with a verb of Go', { data: '50% x %%' }, '.data: expected map, got &{50%!x(MISSING) %}'],
    [
      'a list that is none',
      { metadata: { name: 'x', finalizers: 'x' } },
      '.metadata.finalizers: expected list, got &{x}',
    ],
    ['a truth that is none', { immutable: 'x' }, '.immutable: expected boolean, got &{x}'],
    [
      'a value twice',
      { metadata: { name: 'x', finalizers: ['f', 'f'] } },
      '.metadata.finalizers: duplicate entries for key [="f"]',
    ],
  ])('refuses %s', async (_, change, problem) => {
    const { send } = await testServer();
    const { body } = await send('PATCH', url('one'), { ...config({}), ...change }, APPLY);
    expect(body).toMatchObject({
      code: 500,
      message: `failed to create typed patch object (/x; /v1, Kind=ConfigMap): ${problem}`,
    });
  });

  test('what several have is told of each, and one who owns the same alone acted at no time', async () => {
    const { send, failure, clock } = await testServer();
    await send('PATCH', url('one'), config({ a: '1' }), APPLY);
    clock.now += 5000;
    const { body } = await send('PATCH', url('two'), config({ a: '1' }), APPLY);
    expect((body as { metadata: { managedFields: object[] } }).metadata.managedFields).toEqual([
      expect.not.objectContaining({ time: expect.anything() as unknown }),
      expect.objectContaining({ manager: 'one', time: '2026-01-01T00:00:00Z' }),
    ]);
    expect(await failure('PATCH', url('three'), config({ a: '2' }), APPLY)).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two":\n- .data.a',
    );
  });

  test('kubectl takes over what it applied from the client, and keeps its annotation up to date', async () => {
    const { send, failure } = await testServer();
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const applied = config({ a: '1', b: '1' });
    const metadata = { name: 'x', annotations: { [annotation]: JSON.stringify(applied) } };
    await send('POST', '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply', {
      ...applied,
      metadata,
    });
    await send('PATCH', url('other', true), config({ b: '2' }), APPLY);
    expect(await failure('PATCH', url('kubectl'), config({ a: '3', b: '3' }), APPLY)).toBe(
      'Apply failed with 1 conflict: conflict with "other": .data.b',
    );
    const { body } = await send('PATCH', url('kubectl'), config({ a: '3' }), APPLY);
    expect(body).toMatchObject({
      metadata: {
        annotations: {
          [annotation]: '{"apiVersion":"v1","data":{"a":"3"},"kind":"ConfigMap","metadata":{"name":"x"}}\n',
        },
      },
      data: { a: '3', b: '2' },
    });
  });

  test.each([
    [{ ...config({}), apiVersion: 'v2' }, 'invalid object type: /v2, Kind=ConfigMap'],
    [{ ...config({}), metadata: { name: 'x', managedFields: [] } }, 'metadata.managedFields must be nil'],
    [{ ...config({}), metadata: { name: 'y' } }, 'the name of the object (y) does not match the name on the URL (x)'],
    [
      { ...config({}), metadata: { name: 'x', namespace: 'y' } },
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      { ...config({}), metadata: {} },
      'the name of the object (x based on URL) was undeterminable: name must be provided',
    ],
  ])('refuses %j', async (body, message) => {
    const { failure } = await testServer();
    expect(await failure('PATCH', url('one'), body, APPLY)).toBe(message);
  });

  test('an apply that changes nothing writes nothing', async () => {
    const { send, store, clock } = await testServer();
    await send('PATCH', url('one'), config({ a: '1' }), APPLY);
    const { revision } = store;
    clock.now += 5000;
    await send('PATCH', url('one'), config({ a: '1' }), APPLY);
    expect(store.revision).toBe(revision);
  });
});

const ENTRY = {
  manager: 'm',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': {} },
};

test.each([
  ['as it stands', ENTRY, ['m']],
  ['not, if its operation is none', { ...ENTRY, operation: 'Foo' }, ['one']],
  ['not, if its type is none', { ...ENTRY, fieldsType: '' }, ['one']],
  ['not, if its fields are none', { ...ENTRY, fieldsV1: { data: {} } }, ['one']],
  ['as nobody, if its fields are of an unknown kind', { ...ENTRY, fieldsV1: { 'x:data': {} } }, []],
  ['as nobody, if its kind has no such version', { ...ENTRY, apiVersion: 'apps/v1' }, []],
])('an entry that a client writes is taken %s', async (_, entry, managers) => {
  const { send } = await testServer();
  await send('PATCH', url('one'), config({ a: '1' }), APPLY);
  const type = { 'content-type': 'application/merge-patch+json' };
  const { body } = await send('PATCH', url('one'), { metadata: { managedFields: [entry] } }, type);
  const { managedFields = [] } = (body as { metadata: { managedFields?: { manager: string }[] } }).metadata;
  expect(managedFields.map(({ manager }) => manager)).toEqual(managers);
});

test('names of managers are not too long', async () => {
  const { send, failure } = await testServer();
  await send('PATCH', url('one'), config({ a: '1' }), APPLY);
  const type = { 'content-type': 'application/merge-patch+json' };
  const patch = { metadata: { managedFields: [{ ...ENTRY, manager: 'x'.repeat(129) }] } };
  expect(await failure('PATCH', url('one'), patch, type)).toContain(
    'metadata.managedFields[0].manager: Too long: may not be more than 128 bytes',
  );
});
