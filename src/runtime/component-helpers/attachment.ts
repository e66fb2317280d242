import { sha256 } from '../../base/hash.ts';
import type { PersistentVolume } from '../../types/objects.ts';
import type { Client } from '../client.ts';

/** Whether a volume must be attached to a node before it can be mounted there (CSIDriver's attachRequired). */
export function needsAttach({ spec }: PersistentVolume, client: Client): boolean {
  const driver = spec?.csi?.driver;
  return driver !== undefined && client.get('csidrivers.storage.k8s.io', '', driver)?.spec?.attachRequired !== false;
}

/** getAttachmentName of the CSI plugin. */
export function attachmentName({ spec }: PersistentVolume, node: string): string {
  const { volumeHandle = '', driver = '' } = spec!.csi ?? {};
  return `csi-${sha256(`${volumeHandle}${driver}${node}`)}`;
}

/** Whether the volume is attached to the node. */
export const isAttached = (volume: PersistentVolume, node: string, client: Client): boolean =>
  client.get('volumeattachments.storage.k8s.io', '', attachmentName(volume, node))?.status?.attached === true;
