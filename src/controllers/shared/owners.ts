import type { ActorWorld, WatchRule } from '../../runtime/actor.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { KubeObject, OwnerReference } from '../../types/objects.ts';
import { keyOf } from './keys.ts';

/** The owner reference that says who manages the object (metav1.GetControllerOf). */
export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((owner) => owner.controller);

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;

/** metav1.NewControllerRef. */
export const controllerRef = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name!,
  uid: metadata.uid!,
  controller: true,
  blockOwnerDeletion: true,
});

/** Wakes an object for each change of its own. */
export const ownKeys = (resource: string): WatchRule => ({
  resource,
  keys: (event) => [keyOf(event.object)],
});

/** Wakes the controller (of `kind`) of a changed object of `resource`; of an orphan those that `adopters` names. */
export const controllerKeys = (
  resource: string,
  kind: string,
  adopters?: (event: StoreEvent, world: ActorWorld) => string[],
): WatchRule => ({
  resource,
  keys(event, world) {
    const keys = new Set<string>();
    for (const object of [event.object, event.previous]) {
      const owner = object && controllerOf(object);
      if (owner?.kind === kind) keys.add(`${object!.metadata.namespace}/${owner.name}`);
    }
    if (keys.size === 0 && !controllerOf(event.object)) return adopters?.(event, world) ?? [];
    return [...keys];
  },
});
