import type { V1VolumeAttachment } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1VolumeAttachment>> = {
  cells: {
    Attacher: ({ spec }) => spec.attacher,
    PV: ({ spec }) => spec.source.persistentVolumeName ?? '',
    Node: ({ spec }) => spec.nodeName,
    Attached: ({ status }) => status?.attached ?? false,
  },
};
