import type { StoreEvent } from '../store/object-store.ts';
import type { MemoryState } from '../store/state.ts';
import type { KubeObject } from '../types/objects.ts';

const PREFIX = 'objects/';

/** What happened to the objects between two readings of a state file, in the order of revisions. */
export function changesBetween(before: MemoryState, after: MemoryState): StoreEvent[] {
  const names = new Set([...before.sections(), ...after.sections()].filter((name) => name.startsWith(PREFIX)));
  const events = [...names].flatMap((name) => sectionChanges(name.slice(PREFIX.length), before, after));
  return events.sort((a, b) => a.revision - b.revision);
}

function sectionChanges(resource: string, before: MemoryState, after: MemoryState): StoreEvent[] {
  const old = before.memorySection(PREFIX + resource);
  const now = after.memorySection(PREFIX + resource);
  const revisionOf = (object: KubeObject) => Number(object.metadata.resourceVersion);
  // When it was deleted is forgotten: at the latest now.
  const latest = after.section<number>('store').get('revision') ?? 0;
  const deleted = old
    .keys()
    .filter((key) => !now.has(key))
    .map((key): StoreEvent => {
      const object = old.get(key) as KubeObject;
      return { type: 'DELETED', resource, revision: latest, object, previous: object };
    });
  const written = now
    .keys()
    .filter((key) => !old.has(key) || old.text(key) !== now.text(key))
    .map((key): StoreEvent => {
      const object = now.get(key) as KubeObject;
      const previous = old.get(key) as KubeObject | undefined;
      const revision = revisionOf(object);
      return previous
        ? { type: 'MODIFIED', resource, revision, object, previous }
        : { type: 'ADDED', resource, revision, object };
    });
  return [...deleted, ...written];
}
