import type { ObjectStore } from '../../store/object-store.ts';
import type { KubeObject } from '../../types/objects.ts';

/**
 * The objects of a resource (the store's name of it) as they were at a revision, in the store's order; undefined when the store no
 * longer knows.
 */
export function objectsAt(
  store: ObjectStore,
  resource: string,
  namespace: string | undefined,
  revision: number,
): KubeObject[] | undefined {
  const now = store.list(resource, namespace);
  if (revision >= store.revision) return now;
  const since = store.since(revision, resource);
  if (!since) return undefined;
  if (since.length === 0) return now;
  const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ''}/${metadata.name}`;
  const objects = new Map(now.map((object) => [keyOf(object), object]));
  for (const { object, previous } of since.reverse()) {
    if (namespace !== undefined && (object.metadata.namespace ?? '') !== namespace) continue;
    if (previous) objects.set(keyOf(previous), previous);
    else objects.delete(keyOf(object));
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
