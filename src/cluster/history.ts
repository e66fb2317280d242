import type { SectionedStore } from '../store/sectioned-store.ts';
import type { MemoryState } from '../store/state.ts';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject, Pod } from '../types/objects.ts';

export interface Past {
  store: SectionedStore;
  state: MemoryState;
  /** The resource of an object: `pods`, `deployments.apps`. Throws for a kind that does not exist. */
  resourceOf(object: KubeObject): string;
}

/**
 * Gives what a cluster begins with the past that its configuration tells: objects are as old as their creationTimestamp, and
 * containers were restarted as often as the restartCount of their status. To be called when the cluster has come to rest.
 */
export function giveHistory(objects: KubeObject[], { store, state, resourceOf }: Past): void {
  for (const { apiVersion = '', kind = '', metadata, status } of objects as Pod[]) {
    const { creationTimestamp, namespace = '', name = '' } = metadata;
    const resource = resourceOf({ apiVersion, kind, metadata });
    const now = store.get(resource, namespace, name);
    if (!now || !creationTimestamp) continue;
    const restarts = new Map(status?.containerStatuses?.map((one) => [one.name, one.restartCount ?? 0]));
    store.write(resource, withRestarts({ ...now, metadata: { ...now.metadata, creationTimestamp } }, restarts));
    const records = state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
    for (const key of restarts.size > 0 ? records.keys() : []) {
      const record = records.get(key)!;
      if (record.pod.uid !== now.metadata.uid) continue;
      records.set(key, { ...record, attempt: restarts.get(record.name) ?? record.attempt });
    }
  }
}

function withRestarts(object: KubeObject, restarts: Map<string, number>): KubeObject {
  const { status } = object as Pod;
  if (!status?.containerStatuses || restarts.size === 0) return object;
  const containerStatuses = status.containerStatuses.map((one) => ({
    ...one,
    restartCount: restarts.get(one.name) ?? one.restartCount,
  }));
  return { ...object, status: { ...status, containerStatuses } } as KubeObject;
}
