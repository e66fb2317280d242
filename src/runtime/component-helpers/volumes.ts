import { selects } from '../../api/machinery/selectors.ts';
import { Quantity } from '../../base/quantity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../types/objects.ts';
import type { Client } from '../client.ts';
import { matchesNodeSelector } from './node-selector.ts';
import { isControlledBy } from './owners.ts';

/** The names of the claims that a pod's volumes use; ephemeral volumes have claims named after pod and volume. */
export function claimNames(pod: Pod): { name: string; ephemeral: boolean }[] {
  return (pod.spec?.volumes ?? []).flatMap((volume): { name: string; ephemeral: boolean }[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName, ephemeral: false }];
    return volume.ephemeral ? [{ name: `${pod.metadata.name}-${volume.name}`, ephemeral: true }] : [];
  });
}

/** Claims of a pod that exist. */
export const claimsOf = (pod: Pod, client: Client): PersistentVolumeClaim[] =>
  claimNames(pod)
    .map(({ name }) => client.get('persistentvolumeclaims', pod.metadata.namespace!, name))
    .filter((claim) => claim !== undefined);

const nameOf = ({ metadata }: PersistentVolumeClaim | Pod): string => `${metadata.namespace}/${metadata.name}`;

/** What is wrong with an ephemeral claim of a pod: it is somebody else's (ephemeral.VolumeIsForPod). */
export const isForOther = (claim: PersistentVolumeClaim, pod: Pod): string | undefined =>
  isControlledBy(claim, pod)
    ? undefined
    : `PVC ${nameOf(claim)} was not created for pod ${nameOf(pod)} (pod is not owner)`;

export const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  !!spec?.volumeName && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;

export const classOf = (claim: PersistentVolumeClaim, client: Client): StorageClass | undefined =>
  claim.spec?.storageClassName
    ? client.get('storageclasses.storage.k8s.io', '', claim.spec.storageClassName)
    : undefined;

/** Whether a claim waits for a pod that uses it before it is bound. */
export const waitsForConsumer = (claim: PersistentVolumeClaim, client: Client): boolean =>
  classOf(claim, client)?.volumeBindingMode === 'WaitForFirstConsumer';

/** Whether the volume can be reached from the node. */
export const fitsNode = (volume: PersistentVolume, node: Node): boolean => {
  const required = volume.spec?.nodeAffinity?.required;
  return !required || matchesNodeSelector(required, node);
};

/** volume.FindMatchingVolume: the smallest free volume that does for the claim (on `node`, if given). */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: PersistentVolume[],
  node?: Node,
): PersistentVolume | undefined {
  const { accessModes = [], storageClassName = '', selector, volumeMode = 'Filesystem' } = claim.spec!;
  const size = (text: string | undefined) => Quantity.parse(text ?? '0');
  const wanted = size(claim.spec!.resources?.requests?.storage);
  const reserved = volumes.find(
    ({ spec }) =>
      spec?.claimRef?.name === claim.metadata.name &&
      spec?.claimRef?.namespace === claim.metadata.namespace &&
      (!spec?.claimRef?.uid || spec.claimRef.uid === claim.metadata.uid),
  );
  const fits = ({ metadata, spec, status }: PersistentVolume) =>
    !spec!.claimRef &&
    !metadata.deletionTimestamp &&
    (status?.phase ?? 'Available') === 'Available' &&
    (spec!.storageClassName ?? '') === storageClassName &&
    (spec!.volumeMode ?? 'Filesystem') === volumeMode &&
    accessModes.every((mode) => spec!.accessModes?.includes(mode)) &&
    (!selector || selects(selector, metadata.labels)) &&
    size(spec!.capacity?.storage).compare(wanted) >= 0;
  const candidates = reserved ? [reserved] : volumes.filter(fits);
  return candidates
    .filter((volume) => !node || fitsNode(volume, node))
    .sort((a, b) => size(a.spec!.capacity?.storage).compare(size(b.spec!.capacity?.storage)))[0];
}
