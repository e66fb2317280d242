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
    expect(paths(a)).toEqual(['.spec.list', '.spec.list[name="c"]', '.spec.list[name="c"].image', '.spec.x']);
  });
});

describe('server-side apply', () => {
  const APPLY = { 'content-type': 'application/apply-patch+yaml' };
  const url = (manager: string, force = false) =>
    `/api/v1/namespaces/default/configmaps/x?fieldManager=${manager}${force ? '&force=true' : ''}`;
  const config = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data });

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

  test('an apply that changes nothing writes nothing', async () => {
    const { send, store, clock } = await testServer();
    await send('PATCH', url('one'), config({ a: '1' }), APPLY);
    const { revision } = store;
    clock.now += 5000;
    await send('PATCH', url('one'), config({ a: '1' }), APPLY);
    expect(store.revision).toBe(revision);
  });
});
