import { describe, expect, test } from 'vitest';
import { decodeStrict, normalize } from './decode.ts';
import { findDuplicates } from './duplicates.ts';

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
  ])('refuses %#', (json, message) => {
    expect(() => normalize('core/v1.Pod', json)).toThrow(message);
  });

  test('finds what no field has', () => {
    const { unknown } = decodeStrict(
      'core/v1.Pod',
      pod({ colour: 1, containers: [{ name: 'c', imagePullPolice: 'x' }] }),
    );
    expect(unknown).toEqual(['unknown field "spec.colour"', 'unknown field "spec.containers[0].imagePullPolice"']);
  });

  test('finds keys that stand twice', () => {
    expect(findDuplicates('{"a":{"b":1,"b":2},"c":[{"d":1,"d":"}"}],"a":1}')).toEqual([
      'duplicate field "a.b"',
      'duplicate field "c[0].d"',
      'duplicate field "a"',
    ]);
  });
});
