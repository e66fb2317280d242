import type { Client } from '../runtime/client.ts';
import { claimsOf, isBound, matchingVolume } from '../runtime/component-helpers/volumes.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../types/objects.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const withAnnotation = <T extends PersistentVolume | PersistentVolumeClaim>(
  object: T,
  name: string,
  value: string,
): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: value } },
});

export const allBound = (pod: Pod, client: Client): boolean => claimsOf(pod, client).every(isBound);

/** VolumeBinding's PreBind: reserves volumes for the pod's claims, or asks for one to be made at the node. */
export function bindVolumes(pod: Pod, node: Node, client: Client): void {
  for (const claim of claimsOf(pod, client)) {
    if (isBound(claim)) continue;
    const volume = matchingVolume(claim, client.list('persistentvolumes'), node);
    if (!volume) {
      client.update('persistentvolumeclaims', withAnnotation(claim, SELECTED_NODE, node.metadata.name!));
      continue;
    }
    if (volume.spec!.claimRef) continue;
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
    const reserved = { ...volume, spec: { ...volume.spec!, claimRef } };
    client.update('persistentvolumes', withAnnotation(reserved, 'pv.kubernetes.io/bound-by-controller', 'yes'));
  }
}
