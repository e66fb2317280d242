import type { PersistentVolume } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { UNSET } from '../shared/cells.ts';
import { accessModes, classOf } from '../shared/storage-cells.ts';

export const view: KindView<PersistentVolume> = {
  cells: {
    Capacity: ({ spec }) => (spec?.capacity as Record<string, string> | undefined)?.storage ?? '0',
    'Access Modes': ({ spec }) => accessModes(spec?.accessModes),
    'Reclaim Policy': ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '',
    Status: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')),
    Claim: ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : ''),
    StorageClass: classOf,
    VolumeAttributesClass: ({ spec }) => spec?.volumeAttributesClassName ?? UNSET,
    Reason: ({ status }) => status?.reason ?? '',
    VolumeMode: ({ spec }) => spec?.volumeMode ?? UNSET,
  },
};
