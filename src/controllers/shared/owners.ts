import type { ActorWorld, WatchRule } from '../../runtime/actor.ts';
import type { Client } from '../../runtime/client.ts';
import { controllerOf } from '../../runtime/component-helpers/owners.ts';
import type { ObjectIndex } from '../../store/object-index.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { KubeObject, ObjectOf, OwnerReference, ResourceName } from '../../types/objects.ts';
import { keyOf } from './keys.ts';

export { controllerOf, isControlledBy } from '../../runtime/component-helpers/owners.ts';

/** Files objects under their namespace and who controls them. */
const BY_CONTROLLER: ObjectIndex = {
  name: 'controller',
  valueOf: (object) => controllerValue(object.metadata.namespace, controllerOf(object)?.uid),
};

/** The value of `BY_CONTROLLER` for what `uid` controls; without it, for orphans. */
const controllerValue = (namespace = '', uid = ''): string => `${namespace}/${uid}`;

/** The objects of a resource that `owner` controls, by name. */
export const controlledBy = <R extends ResourceName>(
  client: Client,
  resource: R,
  owner: KubeObject,
): readonly ObjectOf<R>[] =>
  client.under(resource, BY_CONTROLLER, controllerValue(owner.metadata.namespace, owner.metadata.uid));

/** The objects of a resource that nobody controls, by name. */
export const orphansIn = <R extends ResourceName>(
  client: Client,
  resource: R,
  namespace: string | undefined,
): readonly ObjectOf<R>[] => client.under(resource, BY_CONTROLLER, controllerValue(namespace));

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
