import { selects } from '../../api/machinery/selectors.ts';
import { Quantity } from '../../base/quantity.ts';
import type { Client } from '../../runtime/client.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../types/objects.ts';
import type { Cycle, FilterPlugin, Rejection } from '../framework.ts';
import { matchesNodeSelector, matchesTerm } from '../node-selector.ts';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";

const hopeless = (reason: string): Rejection => ({ reasons: [reason], unresolvable: true });

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

export const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  !!spec?.volumeName && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;

export const classOf = (claim: PersistentVolumeClaim, client: Client): StorageClass | undefined =>
  claim.spec?.storageClassName
    ? client.get('storageclasses.storage.k8s.io', '', claim.spec.storageClassName)
    : undefined;

/** Whether a claim waits for a pod that uses it before it is bound. */
export const waitsForConsumer = (claim: PersistentVolumeClaim, client: Client): boolean =>
  classOf(claim, client)?.volumeBindingMode === 'WaitForFirstConsumer';

const fitsNode = (volume: PersistentVolume, node: Node): boolean => {
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

/** VolumeRestrictions: claims must be there, and ReadWriteOncePod means it. */
export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  wakes: ['volumes', 'pod-deleted'],
  prepare({ pod, client }) {
    const missing = claimNames(pod).find(
      ({ name, ephemeral }) => !ephemeral && !client.get('persistentvolumeclaims', pod.metadata.namespace!, name),
    );
    if (missing) return hopeless(`persistentvolumeclaim "${missing.name}" not found`);
    const exclusive = claimsOf(pod, client)
      .filter(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod'))
      .map(({ metadata }) => metadata.name);
    if (exclusive.length === 0) return undefined;
    const uses = (other: Pod) =>
      other.metadata.namespace === pod.metadata.namespace &&
      claimNames(other).some(({ name }) => exclusive.includes(name));
    return ({ pods }) =>
      pods.some(uses)
        ? {
            reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
          }
        : undefined;
  },
};

function problemWith({ pod, client }: Cycle): string | undefined {
  for (const { name, ephemeral } of claimNames(pod)) {
    const claim = client.get('persistentvolumeclaims', pod.metadata.namespace!, name);
    if (!claim)
      return ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName}"`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  }
  return undefined;
}

/** VolumeBinding: bound volumes must be reachable from the node, unbound ones must be to be had there. */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  wakes: ['volumes'],
  prepare(cycle) {
    const { pod, client } = cycle;
    if (claimNames(pod).length === 0) return undefined;
    const problem = problemWith(cycle);
    if (problem) return hopeless(problem);
    const claims = claimsOf(pod, client);
    const bound = claims.filter(isBound);
    const unbound = claims.filter((claim) => !isBound(claim));
    if (unbound.some((claim) => !waitsForConsumer(claim, client)))
      return hopeless('pod has unbound immediate PersistentVolumeClaims');
    const volumes = client.list('persistentvolumes');
    return ({ node }) => {
      const reasons: string[] = [];
      const held = bound.map((claim) => volumes.find(({ metadata }) => metadata.name === claim.spec!.volumeName));
      if (held.some((volume) => !volume))
        return hopeless('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
      if (unbound.some((claim) => !canHave(claim, volumes, node, client))) reasons.push(BIND_CONFLICT);
      if (held.some((volume) => !fitsNode(volume!, node)))
        reasons.push("node(s) didn't match PersistentVolume's node affinity");
      return reasons.length > 0 ? { reasons, unresolvable: true } : undefined;
    };
  },
};

function canHave(claim: PersistentVolumeClaim, volumes: PersistentVolume[], node: Node, client: Client): boolean {
  const selected = claim.metadata.annotations?.['volume.kubernetes.io/selected-node'];
  if (selected && selected !== node.metadata.name) return false;
  if (matchingVolume(claim, volumes, node)) return true;
  const storage = classOf(claim, client);
  if (!storage || storage.provisioner === NO_PROVISIONER) return false;
  const topologies = storage.allowedTopologies ?? [];
  return (
    topologies.length === 0 ||
    topologies.some(({ matchLabelExpressions = [] }) =>
      matchesTerm({ matchExpressions: matchLabelExpressions.map((one) => ({ ...one, operator: 'In' })) }, node),
    )
  );
}
