import type { Client } from '../../runtime/client.ts';
import { matchesTerm } from '../../runtime/component-helpers/node-selector.ts';
import {
  claimNames,
  claimsOf,
  classOf,
  fitsNode,
  isBound,
  isForOther,
  matchingVolume,
  waitsForConsumer,
} from '../../runtime/component-helpers/volumes.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../types/objects.ts';
import type { Cycle, FilterPlugin, Rejection } from '../framework.ts';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";

const ONE_POD_ONLY = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';

const hopeless = (reason: string): Rejection => ({ reasons: [reason], unresolvable: true });

/** VolumeRestrictions: claims must be there, and ReadWriteOncePod means it. */
export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  wakes: ['volumes', 'pod-deleted'],
  prepare({ pod, nodes, client }) {
    const missing = claimNames(pod).find(
      ({ name, ephemeral }) => !ephemeral && !client.get('persistentvolumeclaims', pod.metadata.namespace!, name),
    );
    if (missing) return hopeless(`persistentvolumeclaim "${missing.name}" not found`);
    const exclusive = claimsOf(pod, client)
      .filter(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod'))
      .map(({ metadata }) => metadata.name);
    const uses = (other: Pod) =>
      other.metadata.namespace === pod.metadata.namespace &&
      claimNames(other).some(({ name, ephemeral }) => !ephemeral && exclusive.includes(name));
    // Wherever the other pod is, every node is refused for it.
    if (exclusive.length === 0 || !nodes.some(({ pods }) => pods.some(uses))) return undefined;
    return () => ({ reasons: [ONE_POD_ONLY] });
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
    const foreign = ephemeral && isForOther(claim, pod);
    if (foreign) return foreign;
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
    if (unbound.some((claim) => claim.spec?.volumeName || !waitsForConsumer(claim, client)))
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
