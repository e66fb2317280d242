import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../types/objects.ts';
import { memoryStore } from './memory-store.ts';
import type { StoreEvent } from './object-store.ts';

const object = (namespace: string, name: string): KubeObject => ({
  kind: 'X',
  apiVersion: 'v1',
  metadata: { name, namespace, labels: {} },
});

describe('objects by namespace and name', () => {
  test('are stamped with one growing revision, where Go writes it', () => {
    const store = memoryStore();
    const first = store.write('x', object('b', 'a'));
    store.write('x', object('a', 'b'));
    expect(Object.keys(first.metadata)).toEqual(['name', 'namespace', 'resourceVersion', 'labels']);
    expect(
      store.list('x').map(({ metadata }) => `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`),
    ).toEqual(['a/b@3', 'b/a@2']);
    expect(store.list('x', 'b').length).toBe(1);
    expect(store.resources()).toEqual(['x']);
  });

  test('tell those who subscribed, and what was missed', () => {
    const store = memoryStore();
    const seen: StoreEvent['type'][] = [];
    const stop = store.subscribe(({ type }) => seen.push(type));
    const { revision } = store;
    store.write('x', object('a', 'b'));
    store.write('x', object('a', 'b'));
    store.remove('x', 'a', 'b');
    stop();
    store.write('y', object('a', 'b'));
    expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(store.since(revision, 'x')?.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(store.since(revision - 1)).toBeUndefined();
    expect(() => store.remove('x', 'a', 'b')).toThrow('there is no x a/b');
  });
});
