import type { Client } from '../../runtime/client.ts';
import type { Node } from '../../types/objects.ts';

export const ATTACHMENTS = 'volumeattachments.storage.k8s.io';

type Volumes = Pick<NonNullable<Node['status']>, 'volumesInUse' | 'volumesAttached'>;

/** Disks that are attached to a node, by their unique names: what its kubelet mounts, and what the attach controller notes. */
export function attachedVolumes(client: Client, node: string): Volumes {
  const names = client
    .list(ATTACHMENTS)
    .filter(({ spec, status }) => spec?.nodeName === node && status?.attached)
    .flatMap(({ spec }) => {
      const { csi } = client.get('persistentvolumes', '', spec!.source.persistentVolumeName ?? '')?.spec ?? {};
      return csi ? [`kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`] : [];
    })
    .sort();
  if (names.length === 0) return {};
  return { volumesInUse: names, volumesAttached: names.map((name) => ({ name, devicePath: '' })) };
}
