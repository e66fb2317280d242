import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { UNSET } from '../shared/cells.ts';
import { accessModes, classOf } from '../shared/storage-cells.ts';

export const view: KindView<PersistentVolumeClaim> = {
  cells: {
    Status: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')),
    Volume: ({ spec }) => spec?.volumeName ?? '',
    Capacity: ({ spec, status }) =>
      spec?.volumeName ? ((status?.capacity as Record<string, string> | undefined)?.storage ?? '0') : '',
    'Access Modes': ({ spec, status }) => (spec?.volumeName ? accessModes(status?.accessModes) : ''),
    StorageClass: classOf,
    VolumeAttributesClass: ({ spec }) => spec?.volumeAttributesClassName ?? UNSET,
    VolumeMode: ({ spec }) => spec?.volumeMode ?? UNSET,
  },
};
