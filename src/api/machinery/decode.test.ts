import { describe, expect, test } from 'vitest';
import { decodeMap, decodeStrict } from './decode.ts';
import { normalize } from './normalize.ts';
import { strictErrors } from './strict-errors.ts';

const pod = (spec: unknown, metadata: unknown = { name: 'p' }) => ({ kind: 'Pod', apiVersion: 'v1', metadata, spec });

describe('reading as Go does', () => {
  test('puts fields in the struct’s order and leaves out what is empty', () => {
    const given = {
      spec: { nodeName: '', containers: [{ image: 'i', name: 'c', ports: [] }] },
      metadata: { labels: { b: '1', a: '2' }, name: 'p' },
      apiVersion: 'v1',
      kind: 'Pod',
    };
    expect(JSON.stringify(normalize('core/v1.Pod', given))).toBe(
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","creationTimestamp":null,"labels":{"a":"2","b":"1"}},"spec":{"containers":[{"name":"c","image":"i","resources":{}}]},"status":{}}',
    );
  });

  test('writes quantities and times in their canonical form', () => {
    const { spec } = normalize<{ spec: { containers: { resources: object }[] } }>(
      'core/v1.Pod',
      pod({ containers: [{ name: 'c', resources: { limits: { cpu: '1000m', memory: '1024Ki' } } }] }),
    );
    expect(spec.containers[0]!.resources).toEqual({ limits: { cpu: '1', memory: '1Mi' } });
    expect(normalize('meta/v1.ObjectMeta', { creationTimestamp: '2026-01-01T01:00:00.5+01:00' })).toEqual({
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
  });

  test.each([
    [
      pod({ containers: {} }),
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      pod({ containers: [{ env: [{ value: 1 }] }] }),
      'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      pod({ containers: [{ ports: [{ containerPort: 1.5 }] }] }),
      'json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      pod({}, { labels: { a: true } }),
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      pod({}, { uid: 1 }),
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID',
    ],
    [
      pod({ containers: [{ resources: { limits: { cpu: 'x' } }, ports: 'x' }] }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      pod({}, { deletionTimestamp: [] }),
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.deletionTimestamp of type string',
    ],
    [
      pod({}, { creationTimestamp: '2026-02-30T00:00:00Z', generation: 'x' }),
      'parsing time "2026-02-30T00:00:00Z": day out of range',
    ],
    [
      pod({ containers: [{ livenessProbe: { httpGet: { port: 1.5 } } }] }),
      'json: cannot unmarshal number 1.5 into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32',
    ],
    [
      pod({ restartPolicy: 1, containers: 'x' }),
      'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
  ])('refuses %#', (json, message) => {
    expect(() => normalize('core/v1.Pod', json)).toThrow(message);
  });

  test.each([
    ['YQ=', 3],
    ['YQ=a', 2],
    ['YWJjZA', 4],
    ['a b=', 1],
    ['Y===', 1],
    ['YQ==\nx', 5],
  ])('finds where base64 is corrupt: %j', (text, at) => {
    expect(() => normalize('core/v1.Secret', { data: { p: text } })).toThrow(`illegal base64 data at input byte ${at}`);
  });

  test('the first of several wrong types is the one that the text has first, or that a map has first when sorted', () => {
    const given = { spec: { nodeName: 1, hostname: 2 } };
    expect(() => normalize('core/v1.Pod', given)).toThrow('PodSpec.spec.nodeName');
    expect(() => normalize('core/v1.Pod', given, 'none', true)).toThrow('PodSpec.spec.hostname');
  });

  test('times in events have microseconds', () => {
    expect(normalize('events/v1.Event', { eventTime: '2026-01-01T00:00:00.123456Z' })).toMatchObject({
      eventTime: '2026-01-01T00:00:00.123456Z',
    });
    expect(() => normalize('events/v1.Event', { eventTime: '2026-01-01T00:00:00Z' })).toThrow(
      'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    );
  });

  test('finds what no field has, and keys that stand twice, in the order of the text', () => {
    const text =
      '{"kind":"Pod","metadata":{"name":"a","name":"b","labels":{"l":"1","l":"2"}},"spec":{"colour":{"a":1,"a":2},"nodeName":"n","nodeName":"m","containers":[{"name":"c","imagePullPolice":"x","name":"d"}]},"kind":"Pod"}';
    expect(strictErrors(text, decodeStrict('core/v1.Pod', JSON.parse(text)))).toEqual([
      'duplicate field "metadata.name"',
      'duplicate field "metadata.labels.l"',
      'unknown field "spec.colour"',
      'duplicate field "spec.nodeName"',
      'unknown field "spec.containers[0].imagePullPolice"',
      'duplicate field "spec.containers[0].name"',
      'duplicate field "kind"',
    ]);
  });

  test('finds keys that stand twice in what has no type', () => {
    expect(strictErrors('{"a":{"b":1,"b":2},"c":[{"d":1,"d":"}"}],"a":1}')).toEqual([
      'duplicate field "a.b"',
      'duplicate field "c[0].d"',
      'duplicate field "a"',
    ]);
  });
});

describe('reading maps as the converter of strategic patches does', () => {
  test.each([
    [{ spec: { containers: {} } }, 'cannot restore slice from map'],
    [{ spec: { containers: ['x'] } }, 'cannot restore struct from: string'],
    [{ spec: { nodeSelector: 'x' } }, 'cannot restore map from string'],
    [{ spec: { nodeName: 1 } }, 'cannot convert int64 to string'],
    [{ spec: { restartPolicy: true } }, 'unrecognized type: string'],
    [{ spec: { priority: '1' } }, 'unrecognized type: int32'],
    [{ spec: { priority: 1.5 } }, 'cannot convert float64 to int32'],
    [{ metadata: { creationTimestamp: 1 } }, 'json: cannot unmarshal number into Go value of type string'],
  ])('refuses %j', (json, message) => {
    expect(() => decodeMap('core/v1.Pod', json)).toThrow(message);
  });

  test('sorts what no field has', () => {
    expect(decodeMap('core/v1.Pod', { z: 1, spec: { y: 1, nodeName: 'n' } }).unknown).toEqual([
      'unknown field "spec.y"',
      'unknown field "z"',
    ]);
  });
});
