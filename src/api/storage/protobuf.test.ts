import { expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { storageKey } from './keys.ts';
import { stored } from './protobuf.ts';

const META = { name: 'a', namespace: 'b', creationTimestamp: '2026-01-01T00:00:00Z' };

/** Control characters as Go quotes them. */
const readable = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1'));

test('a secret is its fields in the order of their numbers, its values in plain text', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: META, data: { k: 'bXlkYXRh' }, type: 'Opaque' };
  const text = readable(stored(secret as KubeObject));
  expect(text).toMatch(/^"k8s\\u0000\\n\\f\\n\\u0002v1\\u0012\\u0006Secret\\u0012/);
  expect(text).toContain('\\u0012\\u000b\\n\\u0001k\\u0012\\u0006mydata\\u001a\\u0006Opaque');
  expect(text).toMatch(/\\u001a\\u0000\\"\\u0000"$/);
});

test('what embeds another struct has a message for it', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: META,
    spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', emptyDir: {} }] },
  };
  expect(readable(stored(pod as KubeObject))).toContain('\\n\\u0001v\\u0012\\u0004\\u0012\\u0002\\n\\u0000');
});

test('a custom resource is JSON', () => {
  const crontab = {
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'a', resourceVersion: '7' },
  };
  expect(stored(crontab as KubeObject).toString()).toBe(
    '{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a"}}\n',
  );
});

test.each([
  ['secrets', false, '/registry/secrets/b/a'],
  ['services', false, '/registry/services/specs/b/a'],
  ['nodes', false, '/registry/minions/b/a'],
  ['deployments.apps', false, '/registry/deployments/b/a'],
  ['crontabs.stable.example.com', true, '/registry/stable.example.com/crontabs/b/a'],
])('%s is kept at %s', (resource, custom, key) => {
  expect(storageKey(resource, { metadata: META } as KubeObject, custom)).toBe(key);
});
