import { expect, it } from 'vitest';
import { encodeOpenApi } from './openapi-protobuf.ts';
import { type Value, WireReader } from './wire.ts';

/** The fields of a message by their numbers; the last one of each. */
const read = (bytes: Value | undefined) => new Map(new WireReader(bytes as Buffer).fields());
const text = (bytes: Value | undefined) => (bytes as Buffer).toString();

it("writes schemas in gnostic's messages", () => {
  const document = read(
    encodeOpenApi({
      swagger: '2.0',
      info: { title: 'Kubernetes', version: 'v1.33.13' },
      definitions: {
        'io.k8s.Pod': {
          description: 'x'.repeat(300),
          type: 'object',
          required: ['spec'],
          properties: { spec: { type: 'array', items: { $ref: '#/definitions/io.k8s.Spec' } } },
          'x-kubernetes-group-version-kind': [{ group: '', kind: 'Pod', version: 'v1' }],
        },
      },
    }),
  );
  expect(text(read(document.get(2)).get(2))).toBe('v1.33.13');
  const named = read(read(document.get(9)).get(1));
  expect(text(named.get(1))).toBe('io.k8s.Pod');
  const schema = read(named.get(2));
  expect(text(schema.get(4))).toHaveLength(300);
  expect(text(schema.get(19))).toBe('spec');
  expect(text(read(schema.get(22)).get(1))).toBe('object');
  const property = read(read(read(schema.get(25)).get(1)).get(2));
  expect(text(read(read(property.get(23)).get(1)).get(1))).toBe('#/definitions/io.k8s.Spec');
  const extension = read(schema.get(31));
  expect(text(extension.get(1))).toBe('x-kubernetes-group-version-kind');
  expect(JSON.parse(text(read(extension.get(2)).get(2)))).toEqual([{ group: '', kind: 'Pod', version: 'v1' }]);
});
