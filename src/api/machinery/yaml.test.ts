import { describe, expect, test } from 'vitest';
import type { Status } from '../request.ts';
import { testServer } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const YAML = { 'content-type': 'application/yaml' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const TWICE =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  a: "2"\n  b: "1"\n  b: "2"\nfoo: 1\n';
const NOT_AN_OBJECT = 'the object provided is unrecognized (must be of type ConfigMap): ';

// Answered so by kube-apiserver 1.33.13.
describe('a body in YAML', () => {
  test('that says a thing twice is warned of, once for each', async () => {
    const { send } = await testServer();
    const { status, warnings } = await send('POST', MAPS, TWICE, YAML);
    expect([status, warnings]).toEqual([
      201,
      ['line 7: key "a" already set in map', 'line 9: key "b" already set in map', 'unknown field "foo"'],
    ]);
  });

  test.each([
    [
      'POST',
      `${MAPS}?fieldValidation=Strict`,
      TWICE,
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 7: key "a" already set in map\n  line 9: key "b" already set in map, unknown field "foo"',
    ],
    [
      'POST',
      MAPS,
      'a: b: c',
      400,
      `${NOT_AN_OBJECT}yaml: mapping values are not allowed in this context (613a20623a2063)`,
    ],
    [
      'POST',
      MAPS,
      'kind: 5\n',
      400,
      `${NOT_AN_OBJECT}couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string (6b696e643a20350a)`,
    ],
    ['DELETE', `${MAPS}/x`, 'a: b: c', 500, 'yaml: mapping values are not allowed in this context'],
  ] as const)('is refused: %s %s %j', async (method, path, body, code, message) => {
    const { send } = await testServer();
    expect((await send(method, path, body, YAML)).body).toMatchObject({ code, message });
  });

  test('of an apply is judged when it has been applied', async () => {
    const { send } = await testServer();
    const apply = async (body: string, query = '') => {
      const { warnings, body: answer } = await send('PATCH', `${MAPS}/a?fieldManager=m${query}`, body, APPLY);
      return [warnings, (answer as Status).message];
    };
    const twice = TWICE.replace('foo: 1\n', '');
    const refused = 'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared in schema';
    expect(await apply(TWICE)).toEqual([[], refused]);
    expect(await apply(twice)).toEqual([
      ['line 7: key "a" already set in map', 'line 9: key "b" already set in map'],
      undefined,
    ]);
    expect(await apply(twice, '&fieldValidation=Strict')).toEqual([
      [],
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map\n  line 9: key "b" already set in map',
    ]);
  });
});

test.each<[unknown, string | undefined, string]>([
  [null, '', ''],
  [[1, 2], 'AQI=', ''],
  [[], '', ''],
  [[256], undefined, 'cannot unmarshal number 256 into Go struct field Secret.data of type uint8'],
  [['a'], undefined, 'cannot unmarshal string into Go struct field Secret.data of type uint8'],
])('bytes given as %j', async (given, stored, message) => {
  const { send } = await testServer();
  const { body } = await send('POST', '/api/v1/namespaces/default/secrets', {
    metadata: { name: 's' },
    data: { a: given },
  });
  const told = body as { data?: Record<string, string>; message?: string };
  expect(told.data?.a).toBe(stored);
  expect(told.message ?? '').toContain(message);
});
