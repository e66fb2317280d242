import { matchesLabels, requirementsOf } from '../../api/machinery/selectors.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, LabelSelector, ObjectOf, ResourceName } from '../../types/objects.ts';
import { controlledBy, controllerRef, orphansIn } from './owners.ts';

/**
 * controller.ControllerRefManager: the objects of `resource` that `owner` controls. Orphans that its selector matches are
 * adopted; what it controls but no longer matches is released. `regards` says which objects the owner looks at at all;
 * `finalizer` holds what is adopted, and goes with what is released.
 */
export function claim<R extends ResourceName>(
  world: ActorWorld,
  resource: R,
  owner: KubeObject,
  selector: LabelSelector | undefined,
  regards: (object: ObjectOf<R>) => boolean = () => true,
  finalizer?: string,
): ObjectOf<R>[] {
  const { client } = world;
  const dying = owner.metadata.deletionTimestamp !== undefined;
  const requirements = requirementsOf(selector);
  const matches = (object: ObjectOf<R>) =>
    requirements !== undefined && matchesLabels(requirements, (object as KubeObject).metadata.labels);
  const claimed: ObjectOf<R>[] = [];
  for (const object of controlledBy(client, resource, owner)) {
    const { metadata } = object as KubeObject;
    if (!regards(object)) continue;
    if (matches(object)) claimed.push(object);
    else if (!dying) {
      const ownerReferences = metadata.ownerReferences!.filter((one) => one.uid !== owner.metadata.uid);
      const finalizers = metadata.finalizers?.filter((one) => one !== finalizer);
      client.update(resource, { ...object, metadata: { ...metadata, ownerReferences, finalizers } });
    }
  }
  if (dying) return claimed;
  const adopted = orphansIn(client, resource, owner.metadata.namespace)
    .filter((object) => !(object as KubeObject).metadata.deletionTimestamp && regards(object) && matches(object))
    .map((object) => {
      const { metadata } = object as KubeObject;
      const ownerReferences = [...(metadata.ownerReferences ?? []), controllerRef(owner)];
      const finalizers = finalizer ? [...new Set([...(metadata.finalizers ?? []), finalizer])] : metadata.finalizers;
      return client.update(resource, { ...object, metadata: { ...metadata, ownerReferences, finalizers } });
    });
  return adopted.length > 0 ? [...claimed, ...adopted].sort(byName) : claimed;
}

const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name! < b.metadata.name! ? -1 : 1);
