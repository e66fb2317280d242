import type { PersistentVolume } from '../../../types/objects.ts';
import { termWarnings } from '../shared/node-label-warnings.ts';
import type { VolumeSource } from './sources.ts';

const ANNOTATIONS: Record<string, string> = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** Sources that no kubelet mounts any more, in the order of their warnings; `at` is the field as they name it. */
const GONE: readonly [source: VolumeSource, at: string, since: string][] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** GetWarningsForPersistentVolume */
export const warnings = ({ metadata, spec = {} }: PersistentVolume): string[] => [
  ...Object.entries(ANNOTATIONS)
    .filter(([key]) => metadata.annotations?.[key] !== undefined)
    .map(([key, message]) => `metadata.annotations[${key}]: ${message}`),
  ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
    ? [
        'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      ]
    : []),
  ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) =>
    termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`),
  ),
  ...GONE.filter(([source]) => spec[source]).map(([, at, since]) => `spec.${at}: ${since}`),
];
