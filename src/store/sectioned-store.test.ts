import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../types/objects.ts';
import { restoreState, snapshotState } from './memory-keeper.ts';
import { memoryStore } from './memory-store.ts';
import type { StoreEvent } from './object-store.ts';
import { MemoryState } from './state.ts';

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

  test('that cannot mention something are left out where they were read and not yet parsed', () => {
    const state = new MemoryState();
    const written = memoryStore(state);
    for (const name of ['a', 'b', 'ab']) written.write('x', object('n', name));
    const read = memoryStore(restoreState(snapshotState(state)));
    const names = (...mentions: string[]) => read.list('x', 'n', mentions).map(({ metadata }) => metadata.name);
    expect(names('a')).toEqual(['a']);
    expect(names('a', 'n')).toEqual(['a']);
    expect(names('a', 'b')).toEqual([]);
    expect(names()).toEqual(['a', 'ab', 'b']);
    const changed = read.get('x', 'n', 'b')!;
    read.write('x', { ...changed, metadata: { ...changed.metadata, labels: { now: 'c' } } });
    expect(names('c')).toContain('b');
  });
});
