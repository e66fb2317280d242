import { finishResize, resizeStatus, writeResize } from '../runtime/component-helpers/claim-resize.ts';
import { claimsOf } from '../runtime/component-helpers/volumes.ts';
import type { PodScope } from './pod/scope.ts';

/** NodeExpandVolume: file systems of the pod's volumes grow as the volumes have. */
export function expandVolumes(scope: PodScope): void {
  const { client, events } = scope.world;
  for (const claim of claimsOf(scope.pod!, client)) {
    const storage = claim.status?.allocatedResources?.storage;
    if (!storage || resizeStatus(claim) !== 'NodeResizePending') continue;
    const begun = writeResize(client, claim, 'NodeResizeInProgress');
    const { node } = scope.worker;
    const message = `MountVolume.NodeExpandVolume succeeded for volume "${claim.spec!.volumeName}" ${node}`;
    scope.event('Normal', 'FileSystemResizeSuccessful', message);
    events.event(begun, 'Normal', 'FileSystemResizeSuccessful', message, { component: 'kubelet', host: node });
    finishResize(client, begun, storage);
  }
}
