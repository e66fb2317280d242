import { expect, test } from 'vitest';
import { readManifest } from './manifest.ts';

const PATH = '/etc/kubernetes/manifests/x.yaml';

test.each([
  ['foo: [', 'yaml: line 1: did not find expected node content'],
  ['metadata: {}', `Object 'Kind' is missing in '{"metadata":{}}'`],
  ['kind: Pod', `Object 'apiVersion' is missing in '{"kind":"Pod"}'`],
  [
    'apiVersion: v1\nkind: Pot',
    'no kind "Pot" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: b}',
    'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
])('%s is no pod', (text, why) => {
  expect(() => readManifest(text, PATH)).toThrow(`${PATH}: couldn't parse as pod(${why}), please check config file`);
});

test('a pod needs a name', () => {
  expect(() => readManifest('apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: []}', PATH)).toThrow(
    'invalid pod: name is needed for the pod',
  );
});
