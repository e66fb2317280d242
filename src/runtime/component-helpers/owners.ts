import type { KubeObject, OwnerReference } from '../../types/objects.ts';

/** The owner reference that says who manages the object (metav1.GetControllerOf). */
export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((owner) => owner.controller);

/** metav1.IsControlledBy. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;
