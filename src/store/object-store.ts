import type { KubeObject } from '../types/objects.ts';
import type { ObjectIndex } from './object-index.ts';

/** A change to one object, in the order of revisions. */
export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `pods`, `deployments.apps` … */
  resource: string;
  revision: number;
  object: KubeObject;
  /** What it was before; absent when ADDED. */
  previous?: KubeObject;
}

/**
 * What etcd is to a real API server: objects by resource, namespace and name, one revision counter for all.
 * Knows nothing of kinds, defaults or validation. `namespace` is '' for cluster-scoped objects.
 */
export interface ObjectStore {
  /** The revision of the last change. */
  readonly revision: number;
  get(resource: string, namespace: string, name: string): KubeObject | undefined;
  /**
   * Ordered by namespace, then name. Without `namespace`: of all namespaces. With `mentions`, those may be missing that do not have
   * all of these strings somewhere: who looks for a few among many spares parsing the others.
   */
  list(resource: string, namespace?: string, mentions?: string[]): KubeObject[];
  /** What `index` files under `value`, ordered by namespace, then name; the same array until one of them changes. */
  under(resource: string, index: ObjectIndex, value: string): readonly KubeObject[];
  /** Resources that hold at least one object. */
  resources(): string[];
  /** Inserts or replaces under the object's own namespace and name; returns it stamped with its new resourceVersion. */
  write<T extends KubeObject>(resource: string, object: T): T;
  /** Removes; returns the last value, stamped with the revision of the removal. Throws if it is not there. */
  remove(resource: string, namespace: string, name: string): KubeObject;
  /** Calls `listener` after each change, in order, until the returned function is called. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** Changes after `revision`, oldest first; `undefined` if they are no longer all kept ("too old resource version"). */
  since(revision: number, resource?: string): StoreEvent[] | undefined;
}
