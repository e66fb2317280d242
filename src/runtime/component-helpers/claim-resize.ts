import { formatTime } from '../../base/time.ts';
import type { PersistentVolumeClaim } from '../../types/objects.ts';
import type { Client } from '../client.ts';

type Status = NonNullable<PersistentVolumeClaim['status']>;
type Condition = NonNullable<Status['conditions']>[number];

export type ResizeStatus = 'ControllerResizeInProgress' | 'NodeResizePending' | 'NodeResizeInProgress';

export const resizeStatus = ({ status }: PersistentVolumeClaim): string | undefined =>
  status?.allocatedResourceStatuses?.storage;

/** A condition of a claim that is being resized, true from `now` (ms) on. */
export function resizeCondition(type: string, now: number, message?: string): Condition {
  const lastProbeTime = null as unknown as string;
  return { type, status: 'True', lastProbeTime, lastTransitionTime: formatTime(now), ...(message && { message }) };
}

/** Writes how far the resize of a claim is. */
export function writeResize(
  client: Client,
  claim: PersistentVolumeClaim,
  storage: ResizeStatus,
  more: Status = {},
): PersistentVolumeClaim {
  const status = { ...claim.status, ...more, allocatedResourceStatuses: { storage } };
  return client.updateStatus('persistentvolumeclaims', { ...claim, status });
}

/** The claim has its new size: nothing of the resize is left but what was allocated. */
export function finishResize(client: Client, claim: PersistentVolumeClaim, storage: string): PersistentVolumeClaim {
  const { allocatedResourceStatuses: _, conditions: __, ...rest } = claim.status ?? {};
  return client.updateStatus('persistentvolumeclaims', { ...claim, status: { ...rest, capacity: { storage } } });
}
