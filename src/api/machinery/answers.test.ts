import { expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const options = (kind: string, why: string) => `${kind}.meta.k8s.io "" is invalid: ${why}`;
const CONTROL = 'fieldManager: Invalid value: "a\\x01b": invalid character U+0001 (at position 1)';
const NO_OBJECT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };

// What kube-apiserver 1.33.13 answered; the object is there before each request.
test.each([
  [
    'POST',
    '?dryRun=',
    map,
    '',
    422,
    options('CreateOptions', 'dryRun: Unsupported value: []string{""}: supported values: "All"'),
  ],
  ['POST', '?fieldManager=a%01b', map, '', 422, options('CreateOptions', CONTROL)],
  ['DELETE', '/none?fieldValidation=foo', undefined, '', 404, 'configmaps "none" not found'],
  ['DELETE', '/x?gracePeriodSeconds=', undefined, '', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  [
    'DELETE',
    '/x?gracePeriodSeconds=99999999999999999999',
    undefined,
    '',
    400,
    'strconv.ParseInt: parsing "99999999999999999999": value out of range',
  ],
  [
    'DELETE',
    '/x?propagationPolicy=orphan&dryRun=x',
    undefined,
    '',
    422,
    options(
      'DeleteOptions',
      '[propagationPolicy: Unsupported value: "orphan": supported values: "Foreground", "Background", "Orphan", "nil", dryRun: Unsupported value: []string{"x"}: supported values: "All"]',
    ),
  ],
  [
    'DELETE',
    '/x?uid=other',
    undefined,
    '',
    409,
    /the UID in the precondition \(other\) does not match the UID in record/,
  ],
  [
    'DELETE',
    '/x',
    { dryRun: ['x'] },
    '',
    422,
    options('DeleteOptions', 'dryRun: Unsupported value: []string{"x"}: supported values: "All"'),
  ],
  [
    'DELETE',
    '/x',
    { kind: 'Foo', apiVersion: 'v1' },
    '',
    500,
    /^no kind "Foo" is registered for version "v1" in scheme /,
  ],
  [
    'DELETE',
    '/x',
    '"x"',
    '',
    500,
    `couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type ${NO_OBJECT}`,
  ],
  ['DELETE', '/x', '{}', 'text/plain', 415, /^the body of the request was in an unknown format/],
  [
    'DELETE',
    '?continue=x',
    undefined,
    '',
    400,
    'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
  ],
  [
    'GET',
    '/x?resourceVersion=x',
    undefined,
    '',
    500,
    'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
  ],
  ['PATCH', '/x?fieldManager=m', '{"a":}', APPLY, 400, 'invalid object type: /, Kind='],
  ['PATCH', '/x?fieldManager=m', { ...map, kind: 'Secret' }, APPLY, 400, 'invalid object type: /v1, Kind=Secret'],
  ['PATCH', '/x?fieldManager=m', 'x', APPLY, 400, /cannot unmarshal string into Go value of type map/],
  [
    'PATCH',
    '/x?fieldManager=m',
    { ...map, metadata: { name: 'x', ownerReferences: [{ name: 'o' }] } },
    APPLY,
    422,
    /metadata.ownerReferences.uid: Invalid value: "": uid must not be empty/,
  ],
  // Maps that the patch looked into are written with their keys sorted, the others as they were.
  [
    'PATCH',
    '/x',
    [{ op: 'add', path: '/data', value: 5 }],
    JSON_PATCH,
    422,
    /^ "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"data\\":5,\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\"/,
  ],
] as const)('%s %s %j %s', async (method, path, body, type, status, message) => {
  const { send } = await testServer();
  await send('POST', MAPS, map);
  const answer = await send(method, MAPS + path, body, type ? { 'content-type': type } : {});
  expect(answer).toMatchObject({
    status,
    body: { message: typeof message === 'string' ? message : expect.stringMatching(message) },
  });
});

const AVAILABLE = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const STREAMED = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=';

test.each([
  [MAPS, 'application/xml', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}, ${STREAMED}`],
  [`${MAPS}/x`, 'application/*', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}`],
  ['/api/v1', 'text/html', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}`],
  [MAPS, `${TABLE}v2`, `only the following media types are accepted: ${AVAILABLE}`],
  ['/apis', `${TABLE}v1`, `only the following media types are accepted: ${AVAILABLE}`],
])('%s cannot be had as %s', async (path, accept, message) => {
  const { send } = await testServer();
  expect(await send('GET', path, undefined, { accept })).toMatchObject({ status: 406, body: { message } });
});

test('discovery has no tables, but what is accepted besides', async () => {
  const { send } = await testServer();
  expect(await send('GET', '/api/v1', undefined, { accept: `${TABLE}v1,application/json` })).toMatchObject({
    status: 200,
    body: { kind: 'APIResourceList' },
  });
});

test.each([
  [
    '/api',
    'kind: APIVersions\nserverAddressByClientCIDRs:\n- clientCIDR: 0.0.0.0/0\n  serverAddress: 127.0.0.1:6443\nversions:\n- v1\n',
  ],
  [
    `${MAPS}/x`,
    'apiVersion: v1\ncode: 404\ndetails:\n  kind: configmaps\n  name: x\nkind: Status\nmessage: configmaps "x" not found\nmetadata: {}\nreason: NotFound\nstatus: Failure\n',
  ],
])('%s is told in YAML', async (path, body) => {
  const { send } = await testServer();
  expect(await send('GET', path, undefined, { accept: 'application/yaml' })).toMatchObject({
    contentType: 'application/yaml',
    body,
  });
});

test.each(['/api/v1/configmaps/x', '/api/v1/namespaces/default/nodes', '/api/v2', '/apis/apps/v2', '/apis/apps/v2/x'])(
  '%s leads nowhere',
  async (path) => {
    const { failure } = await testServer();
    expect(await failure('GET', path)).toBe('the server could not find the requested resource');
  },
);

test('an empty list of managers forgets those there were', async () => {
  const { send } = await testServer();
  await send('POST', MAPS, { ...map, data: { a: 'b' } });
  const forget = { metadata: { managedFields: [] } };
  const { body } = await send('PATCH', `${MAPS}/x`, forget, { 'content-type': 'application/merge-patch+json' });
  expect((body as { metadata: object }).metadata).not.toHaveProperty('managedFields');
});
