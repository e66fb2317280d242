import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import type { Status } from '../request.ts';
import { testServer } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

interface List {
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: KubeObject[];
}

async function withMaps(names = ['a', 'b', 'c', 'd']) {
  const api = await testServer();
  for (const name of names) api.put('configmaps', 'ConfigMap', { name, namespace: 'default', labels: { [name]: 'x' } });
  const list = async (query = '') => (await api.send('GET', `${MAPS}?${query}`)).body as List;
  const names_ = async (query: string) => (await list(query)).items.map(({ metadata }) => metadata.name);
  return { ...api, list, names: names_ };
}

const token = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('pages', () => {
  test('say how many follow, and show what was there when the first one was made', async () => {
    const { list, names, store } = await withMaps();
    const first = await list('limit=3');
    expect(first.items).toHaveLength(3);
    expect(first.metadata.remainingItemCount).toBe(1);
    store.remove('configmaps', 'default', 'd');
    const next = await list(`limit=3&continue=${first.metadata.continue}`);
    expect(next.items.map(({ metadata }) => metadata.name)).toEqual(['d']);
    expect(next.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
    const newest = token({ v: 'meta.k8s.io/v1', rv: -1, start: 'c\0' });
    expect(await names(`continue=${newest}`)).toEqual([]);
  });

  test('of a selection do not count what follows, and go on while anything is left to look at', async () => {
    const { list } = await withMaps();
    const { metadata, items } = await list('limit=1&labelSelector=a');
    expect(items).toHaveLength(1);
    expect(metadata.continue).toBeDefined();
    expect(metadata.remainingItemCount).toBeUndefined();
  });

  test('are not made of the cache', async () => {
    const { list } = await withMaps();
    const { metadata, items } = await list('limit=1&resourceVersion=0');
    expect(items).toHaveLength(4);
    expect(metadata.continue).toBeUndefined();
  });
});

test('a list can show the past', async () => {
  const { names, list, store, put } = await withMaps();
  const then = (await list()).metadata.resourceVersion;
  store.remove('configmaps', 'default', 'b');
  put('configmaps', 'ConfigMap', { name: 'e', namespace: 'default' });
  expect(await names(`resourceVersionMatch=Exact&resourceVersion=${then}`)).toEqual(['a', 'b', 'c', 'd']);
  expect(await names(`resourceVersionMatch=NotOlderThan&resourceVersion=${then}`)).toEqual(['a', 'c', 'd', 'e']);
  // With pages, a revision is meant exactly.
  expect(await names(`limit=9&resourceVersion=${then}`)).toEqual(['a', 'b', 'c', 'd']);
});

const INVALID = 'ListOptions.meta.k8s.io "" is invalid: ';
const TOKEN = 'invalid continue token: continue key is not valid';

test.each([
  ['continue=a', 400, `${TOKEN}: illegal base64 data at input byte 0`],
  ['continue=%2A', 400, `${TOKEN}: illegal base64 data at input byte 0`],
  [
    `continue=${Buffer.from('x').toString('base64url')}`,
    400,
    `${TOKEN}: invalid character 'x' looking for beginning of value`,
  ],
  [
    `continue=${token({ v: 'meta.k8s.io/v1', rv: 'x', start: 'a' })}`,
    400,
    `${TOKEN}: json: cannot unmarshal string into Go struct field continueToken.rv of type int64`,
  ],
  [`continue=${token([])}`, 400, `${TOKEN}: json: cannot unmarshal array into Go value of type storage.continueToken`],
  [
    `continue=${token({ v: 'v2', rv: 1, start: 'a' })}`,
    400,
    `${TOKEN}: server does not recognize this encoded version v2`,
  ],
  [
    `continue=${token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' })}`,
    400,
    `${TOKEN}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)`,
  ],
  [
    `continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: '' })}`,
    400,
    `${TOKEN}: encoded start key empty (version meta.k8s.io/v1)`,
  ],
  [`continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: '../x' })}`, 400, `${TOKEN}: ../x`],
  [
    `continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a' })}&resourceVersion=3`,
    400,
    'specifying resource version is not allowed when using continue',
  ],
  ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['resourceVersionMatch=Exact&resourceVersion=99999', 500, 'etcdserver: mvcc: required revision is a future revision'],
  [
    'resourceVersionMatch=Some',
    422,
    `${INVALID}[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""]`,
  ],
  [
    'resourceVersionMatch=Exact&resourceVersion=0',
    422,
    `${INVALID}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
  ],
  ['sendInitialEvents=true', 422, `${INVALID}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`],
  [
    'watch=1&sendInitialEvents=true',
    422,
    `${INVALID}[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled]`,
  ],
  [
    'watch=1&resourceVersionMatch=Exact',
    422,
    `${INVALID}[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]`,
  ],
  [
    'watch=1&resourceVersion=x',
    500,
    'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
  ],
] as const)('%s is refused', async (query, status, message) => {
  const { send } = await withMaps();
  const { body } = await send('GET', `${MAPS}?${query}`);
  const { code, message: told } = body as Status;
  expect([code, told]).toEqual([status, message]);
});

test.each([
  ['/api/v1/pods', 'status.podIPs=1', ''],
  ['/api/v1/pods', 'spec.nope=1', 'field label not supported: spec.nope'],
  ['/api/v1/nodes', 'metadata.namespace=x', 'field label not supported: metadata.namespace'],
  ['/api/v1/persistentvolumes', 'metadata.namespace=x', ''],
  ['/apis/batch/v1/jobs', 'spec.nope=1', 'field label "spec.nope" not supported for Job'],
  [
    '/apis/apps/v1/deployments',
    'status.replicas=1',
    '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  ['/api/v1/events', 'involvedObject.name=x', ''],
  ['/apis/events.k8s.io/v1/events', 'regarding.name=x', ''],
  ['/apis/events.k8s.io/v1/events', 'involvedObject.name=x', 'field label not supported: involvedObject.name'],
  ['/api/v1/pods', 'spec.nodeName', "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'"],
])('%s selected by %s', async (path, selector, message) => {
  const { failure } = await testServer();
  expect(await failure('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`)).toBe(message);
});

describe('forms', () => {
  const asked = (as: string, version = 'v1') => ({ accept: `application/json;as=${as};g=meta.k8s.io;v=${version}` });

  test.each([
    [`${MAPS}`, 'PartialObjectMetadataList', 'v1beta1', 'meta.k8s.io/v1beta1'],
    [`${MAPS}/a`, 'PartialObjectMetadata', 'v1', 'meta.k8s.io/v1'],
    [`${MAPS}/a`, 'Table', 'v1beta1', 'meta.k8s.io/v1beta1'],
  ])('%s as %s of %s', async (path, as, version, apiVersion) => {
    const { send } = await withMaps();
    expect((await send('GET', path, undefined, asked(as, version))).body).toMatchObject({ kind: as, apiVersion });
  });

  test.each([
    [
      MAPS,
      asked('PartialObjectMetadata'),
      406,
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    ],
    [
      `${MAPS}/a`,
      asked('PartialObjectMetadataList'),
      406,
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    ],
    [
      `${MAPS}?includeObject=Some`,
      asked('Table'),
      400,
      "Unable to convert to Table as requested: includeObject: Invalid value: \"Some\": must be 'Metadata', 'Object', 'None', or empty",
    ],
  ])('%s with %o is refused', async (path, headers, status, message) => {
    const { send } = await withMaps();
    const { body } = await send('GET', path, undefined, headers);
    expect([(body as Status).code, (body as Status).message]).toEqual([status, message]);
  });

  test('a table shows whole objects, or none', async () => {
    const { send } = await withMaps(['a']);
    const objectOf = async (include: string) =>
      (
        (await send('GET', `${MAPS}?includeObject=${include}`, undefined, asked('Table'))).body as {
          rows: { object: KubeObject | null }[];
        }
      ).rows[0]!.object;
    expect(await objectOf('Object')).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(await objectOf('None')).toBeNull();
  });

  test('a scale has columns of its own', async () => {
    const { send, put } = await testServer();
    put(
      'replicasets.apps',
      'ReplicaSet',
      { name: 'r', namespace: 'default' },
      { spec: { replicas: 3 }, status: { replicas: 2 } },
    );
    const path = '/apis/apps/v1/namespaces/default/replicasets/r/scale';
    const { body } = await send('GET', path, undefined, asked('Table'));
    expect((body as { rows: { cells: unknown[] }[] }).rows[0]!.cells.slice(0, 3)).toEqual(['r', 3, 2]);
  });

  test('what nobody can have is refused before it is done', async () => {
    const { send, failure } = await withMaps();
    const made = await send('POST', MAPS, { metadata: { name: 'z' } }, { accept: 'text/html' });
    expect(made.status).toBe(406);
    expect(await failure('GET', `${MAPS}/z`)).toBe('configmaps "z" not found');
  });

  test('people get indentation', async () => {
    const { send } = await withMaps();
    expect((await send('GET', `${MAPS}/a?pretty=true`)).body).toMatch(/^\{\n {2}"kind": "ConfigMap",\n/);
    expect((await send('GET', `${MAPS}/a`, undefined, { 'user-agent': 'curl/8' })).body).toMatch(/^\{\n/);
    expect(typeof (await send('GET', `${MAPS}/a?pretty=0`, undefined, { 'user-agent': 'curl/8' })).body).toBe('object');
  });
});

test('a watch with bookmarks ends with one', async () => {
  const { send, store } = await withMaps(['a']);
  const watch = async (query: string) =>
    String((await send('GET', `${MAPS}?watch=1&${query}`)).body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: KubeObject });
  const events = await watch('allowWatchBookmarks=true&timeoutSeconds=10');
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
  expect(events[1]!.object).toEqual({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(store.revision), creationTimestamp: null },
  });
  expect((await watch('timeoutSeconds=10')).map(({ type }) => type)).toEqual(['ADDED']);
});

test('the old path of a watch', async () => {
  const { send } = await withMaps(['a']);
  expect(String((await send('GET', '/api/v1/watch/namespaces/default/configmaps')).body)).toContain('"type":"ADDED"');
});

test('a collection is deleted page by page, if its client says so', async () => {
  const { send } = await testServer();
  const maps = '/api/v1/namespaces/default/configmaps';
  for (const name of ['a', 'b', 'c']) await send('POST', maps, { metadata: { name } });
  const deleted = (await send('DELETE', `${maps}?limit=2`)).body as { metadata: object; items: unknown[] };
  expect(deleted.items).toHaveLength(2);
  expect(deleted.metadata).toMatchObject({ remainingItemCount: 1 });
  expect(((await send('GET', maps)).body as { items: unknown[] }).items).toHaveLength(1);
});
