import type { StorageClass } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const isDefault = ({ metadata }: StorageClass): boolean =>
  DEFAULT_ANNOTATIONS.some((name) => metadata.annotations?.[name] === 'true');

export const view: KindView<StorageClass> = {
  cells: {
    Name: (storageClass) => `${storageClass.metadata.name}${isDefault(storageClass) ? ' (default)' : ''}`,
    Provisioner: ({ provisioner }) => provisioner,
    ReclaimPolicy: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    VolumeBindingMode: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  },
};
