import type { ObjectIndex } from '../store/object-index.ts';
import type { KubeObject, ObjectOf, ResourceName } from '../types/objects.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/**
 * The typed in-process client that controllers, the scheduler and kubelets write through: the same admission, validation and
 * conflict rules as any request, without bytes. Synchronous: reads come from the store. Every write may throw ApiError.
 * `namespace` is '' for cluster-scoped resources.
 */
export interface Client {
  get<R extends ResourceName>(resource: R, namespace: string, name: string): ObjectOf<R> | undefined;
  list<R extends ResourceName>(resource: R, namespace?: string): ObjectOf<R>[];
  /** What `index` files under `value`; the same array until one of them changes. */
  under<R extends ResourceName>(resource: R, index: ObjectIndex, value: string): readonly ObjectOf<R>[];
  create<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R>;
  /** Fails with a conflict if `object.metadata.resourceVersion` is set and no longer current. */
  update<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R>;
  updateStatus<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R>;
  /** Server-side apply, as a manager of its own name; it takes what others have. `subresource`: 'status'. */
  apply<R extends ResourceName>(resource: R, config: ObjectOf<R>, manager: string, subresource?: string): ObjectOf<R>;
  /** Strategic merge patch where the kind has one, JSON merge patch otherwise. `subresource`: 'status', 'scale' … */
  patch<R extends ResourceName>(
    resource: R,
    namespace: string,
    name: string,
    patch: unknown,
    subresource?: string,
  ): ObjectOf<R>;
  delete(resource: ResourceName, namespace: string, name: string, options?: DeleteOptions): void;
  /** POST to a subresource: `pods/binding`, `pods/eviction`. */
  createSubresource(
    resource: ResourceName,
    namespace: string,
    name: string,
    subresource: string,
    body: KubeObject,
  ): void;
}
