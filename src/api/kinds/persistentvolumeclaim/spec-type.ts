import type { GoStruct } from '../shared/go-diff.ts';

/** core.PersistentVolumeClaimSpec */
export const CLAIM_SPEC: GoStruct = {
  struct: 'core.PersistentVolumeClaimSpec',
  fields: [
    ['AccessModes', 'accessModes', { list: 'core.PersistentVolumeAccessMode' }],
    ['Selector', 'selector'],
    [
      'Resources',
      'resources',
      {
        struct: 'core.VolumeResourceRequirements',
        fields: [
          ['Limits', 'limits', 'quantities'],
          ['Requests', 'requests', 'quantities'],
        ],
      },
    ],
    ['VolumeName', 'volumeName', 'text'],
    ['StorageClassName', 'storageClassName'],
    ['VolumeMode', 'volumeMode'],
    ['DataSource', 'dataSource'],
    ['DataSourceRef', 'dataSourceRef'],
    ['VolumeAttributesClassName', 'volumeAttributesClassName'],
  ],
};
