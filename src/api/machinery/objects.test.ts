import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import type { WatchEvent } from '../request.ts';
import { ADMIN, testServer } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, rest: object = {}) => ({ metadata: { name, ...rest } });
const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('writing', () => {
  test('is refused when somebody else wrote since', async () => {
    const { send, failure } = await testServer();
    const { body } = await send('POST', MAPS, map('x'));
    const old = body as KubeObject;
    await send('PATCH', `${MAPS}/x`, { data: { a: '1' } }, MERGE);
    expect(await failure('PUT', `${MAPS}/x`, { ...old, data: { b: '1' } })).toBe(
      'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test('what is already so writes nothing', async () => {
    const { send, store } = await testServer();
    await send('POST', MAPS, { ...map('x'), data: { a: '1' } });
    const { revision } = store;
    await send('PATCH', `${MAPS}/x`, { data: { a: '1' } }, MERGE);
    expect(store.revision).toBe(revision);
  });

  test('dry runs leave nothing behind', async () => {
    const { send, store } = await testServer();
    const { revision } = store;
    const { status, body } = await send('POST', `${MAPS}?dryRun=All`, map('x'));
    expect([status, store.revision]).toEqual([201, revision]);
    expect((body as KubeObject).metadata).not.toHaveProperty('resourceVersion');
    const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
    await send('POST', '/api/v1/namespaces/default/services?dryRun=All', service);
    expect(store.revision).toBe(revision);
  });
});

describe('deleting', () => {
  test('its name is taken until it is gone', async () => {
    const { send, failure } = await testServer();
    await send('POST', MAPS, map('x', { finalizers: ['a.io/f'] }));
    expect(await failure('POST', MAPS, map('x'))).toBe('configmaps "x" already exists');
    await send('DELETE', `${MAPS}/x`);
    expect(await failure('POST', MAPS, map('x'))).toBe('object is being deleted: configmaps "x" already exists');
    expect(await failure('POST', MAPS, map('x', { generateName: 'y' }))).toBe(
      'object is being deleted: configmaps "x" already exists, the server was not able to generate a unique name for the object',
    );
  });

  test('waits for finalizers', async () => {
    const { send, store } = await testServer();
    await send('POST', MAPS, map('x', { finalizers: ['a.io/f'] }));
    const { body } = await send('DELETE', `${MAPS}/x`);
    expect((body as KubeObject).metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['a.io/f'] });
    await send('PATCH', `${MAPS}/x`, { metadata: { finalizers: null } }, MERGE);
    expect(store.get('configmaps', 'default', 'x')).toBeUndefined();
  });

  test.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('%s leaves the rest to the garbage collector', async (propagationPolicy, finalizers) => {
    const { send, store } = await testServer();
    await send('POST', MAPS, map('x'));
    await send('DELETE', `${MAPS}/x`, { propagationPolicy });
    expect(store.get('configmaps', 'default', 'x')?.metadata.finalizers).toEqual(finalizers);
  });

  test.each([
    [
      { preconditions: { uid: 'nope' } },
      /^Operation cannot be fulfilled on ConfigMap "x": the UID in the precondition \(nope\) does not match the UID in record \(.{36}\)\. The object might have been deleted and then recreated$/,
    ],
    [
      { preconditions: { resourceVersion: '1' } },
      /^Operation cannot be fulfilled on ConfigMap "x": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/,
    ],
    [
      { propagationPolicy: 'Never' },
      /propagationPolicy: Unsupported value: "Never": supported values: "Foreground", "Background", "Orphan", "nil"$/,
    ],
    [
      { propagationPolicy: 'Orphan', orphanDependents: true },
      /propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set$/,
    ],
    [
      { gracePeriodSeconds: 'x' },
      /^json: cannot unmarshal string into Go struct field DeleteOptions\.gracePeriodSeconds of type int64$/,
    ],
  ])('is refused with %j', async (options, message) => {
    const { send, failure } = await testServer();
    await send('POST', MAPS, map('x'));
    expect(await failure('DELETE', `${MAPS}/x`, options)).toMatch(message);
  });

  test.each([
    [{ propagationPolicy: 'Foreground' }, ['foregroundDeletion']],
    [{ propagationPolicy: 'Orphan' }, ['orphan']],
    [{}, undefined],
  ])('a namespace ends in steps, with %j too', async (options, finalizers) => {
    const { send } = await testServer();
    await send('POST', '/api/v1/namespaces', { metadata: { name: 'x' } });
    const { body } = await send('DELETE', '/api/v1/namespaces/x', options);
    expect(body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    expect((body as KubeObject).metadata.finalizers).toEqual(finalizers);
  });

  test('grace only becomes shorter, and finalizers stay as they are while there is any', async () => {
    const { send, clock, store } = await testServer();
    const url = '/api/v1/namespaces/default/pods/p';
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
    await send('POST', '/api/v1/namespaces/default/pods', {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'p' },
      spec,
    });
    const metadata = () => store.get('pods', 'default', 'p')?.metadata;
    await send('DELETE', url, { gracePeriodSeconds: 20 });
    expect(metadata()).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 20 });
    await send('DELETE', url, { gracePeriodSeconds: 30, propagationPolicy: 'Foreground' });
    expect(metadata()).toMatchObject({ deletionGracePeriodSeconds: 20 });
    expect(metadata()).not.toHaveProperty('finalizers');
    clock.now += 10_000;
    await send('DELETE', url, { gracePeriodSeconds: 5 });
    expect(metadata()).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 1 });
    await send('DELETE', url, { gracePeriodSeconds: 0 });
    expect(metadata()).toBeUndefined();
  });
});

describe('watching', () => {
  test('tells what enters and leaves a selection', async () => {
    const { server, send } = await testServer();
    await send('POST', MAPS, map('x', { labels: { a: '1' } }));
    const seen: string[] = [];
    const note = ({ type, object }: WatchEvent) => seen.push(`${type} ${(object as KubeObject).metadata.name}`);
    const stop = await server.watch(
      {
        user: ADMIN,
        method: 'GET',
        path: MAPS,
        query: new URLSearchParams('watch=true&labelSelector=a=1'),
        headers: {},
      },
      note,
    );
    await send('POST', MAPS, map('y'));
    await send('PATCH', `${MAPS}/y`, { metadata: { labels: { a: '1' } } }, MERGE);
    await send('PATCH', `${MAPS}/x`, { metadata: { labels: { a: '2' } } }, MERGE);
    await send('DELETE', `${MAPS}/y`);
    stop();
    await send('POST', MAPS, map('z', { labels: { a: '1' } }));
    expect(seen).toEqual(['ADDED x', 'ADDED y', 'DELETED x', 'DELETED y']);
  });
});

describe('listing', () => {
  test('goes on where a page ended', async () => {
    const { send } = await testServer();
    for (const name of ['a', 'b', 'c']) await send('POST', MAPS, map(name));
    const page = async (query: string) =>
      (await send('GET', `${MAPS}?limit=2${query}`)).body as {
        items: KubeObject[];
        metadata: { continue?: string; remainingItemCount?: number };
      };
    const first = await page('');
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(first.metadata.remainingItemCount).toBe(1);
    const second = await page(`&continue=${first.metadata.continue}`);
    expect([second.items.map(({ metadata }) => metadata.name), second.metadata.continue]).toEqual([['c'], undefined]);
  });
});

const ORPHANS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';
const ENDPOINTS = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

// Answered so by kube-apiserver 1.33.13.
test.each([
  ['DELETE', '/apis/batch/v1/namespaces/default/jobs/none', [ORPHANS]],
  ['DELETE', '/apis/batch/v1/namespaces/default/jobs/none?propagationPolicy=Orphan', []],
  ['GET', '/api/v1/namespaces/default/endpoints/x', [ENDPOINTS]],
  ['GET', '/api/v1/namespaces/default/endpoints/x/status', []],
  ['PUT', '/api/v1/namespaces/default/endpoints', []],
] as const)('%s %s is warned of %j', async (method, path, warnings) => {
  const { send } = await testServer();
  expect((await send(method, path)).warnings).toEqual(warnings);
});

test('what is only read is not written: the log of a pod', async () => {
  const { failure } = await testServer();
  const path = '/api/v1/namespaces/default/pods/p/log';
  expect(await failure('PUT', path, {})).toBe('the server does not allow this method on the requested resource');
});
