import { matchesLabels, requirementsOf } from '../../api/machinery/selectors.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, LabelSelector, ObjectOf, ResourceName } from '../../types/objects.ts';
import { controllerOf, controllerRef } from './owners.ts';

/**
 * controller.ControllerRefManager: the objects of `resource` that `owner` controls. Orphans that its selector matches are
 * adopted; what it controls but no longer matches is released.
 */
export function claim<R extends ResourceName>(
  world: ActorWorld,
  resource: R,
  owner: KubeObject,
  selector: LabelSelector | undefined,
): ObjectOf<R>[] {
  const { client } = world;
  const dying = owner.metadata.deletionTimestamp !== undefined;
  const requirements = requirementsOf(selector);
  const claimed: ObjectOf<R>[] = [];
  for (const object of client.list(resource, owner.metadata.namespace)) {
    const { metadata } = object as KubeObject;
    const controller = controllerOf(object);
    if (controller && controller.uid !== owner.metadata.uid) continue;
    const matches = requirements !== undefined && matchesLabels(requirements, metadata.labels);
    if (controller && matches) claimed.push(object);
    else if (controller && !dying) {
      const ownerReferences = metadata.ownerReferences!.filter((one) => one.uid !== owner.metadata.uid);
      client.update(resource, { ...object, metadata: { ...metadata, ownerReferences } });
    } else if (!controller && matches && !dying && !metadata.deletionTimestamp) {
      const ownerReferences = [...(metadata.ownerReferences ?? []), controllerRef(owner)];
      claimed.push(client.update(resource, { ...object, metadata: { ...metadata, ownerReferences } }));
    }
  }
  return claimed;
}
