import { expect, test } from 'vitest';
import type { FlagValues } from '../command.ts';
import { applyOverrides } from './overrides.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'p' }] } };
const KIND_ONLY =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const overridden = (type: string, text: string) =>
  applyOverrides(
    structuredClone(POD) as never,
    {
      string: (name: string) => (name === 'overrides' ? text : type),
    } as FlagValues,
  );

test.each([
  ['merge', '日本', 'Invalid JSON Patch'],
  ['merge', 'a: b', 'Invalid JSON Patch'],
  ['merge', 'null', 'Invalid JSON Patch'],
  [
    'merge',
    '[1]',
    `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${KIND_ONLY}`,
  ],
  ['strategic', '5', 'invalid JSON document'],
  ['strategic', '[]', 'invalid JSON document'],
  ['json', '日本', "invalid character 'æ' looking for beginning of value"],
  ['json', '{"kind":"Foo"}', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
  ['json', '[true]', 'json: cannot unmarshal bool into Go value of type jsonpatch.Operation'],
  ['xml', '{}', 'invalid override type: xml'],
])('--override-type=%s --overrides=%s is refused as kubectl refuses it', (type, text, message) => {
  expect(() => overridden(type, text)).toThrow(message);
});

test.each([
  ['merge', '{"spec":{"nodeName":"a"}}', { nodeName: 'a' }],
  ['strategic', '{"spec":{"containers":[{"name":"p","image":"x"}]}}', { containers: [{ name: 'p', image: 'x' }] }],
  ['strategic', 'null', {}],
  ['json', '[{"op":"add","path":"/spec/nodeName","value":"a"}]', { nodeName: 'a' }],
  ['json', 'null', {}],
])('--override-type=%s --overrides=%s', (type, text, spec) => {
  expect(overridden(type, text)).toMatchObject({ spec });
});
