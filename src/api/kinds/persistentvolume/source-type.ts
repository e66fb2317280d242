import type { GoStruct } from '../shared/go-diff.ts';

const SECRET: GoStruct = {
  struct: 'core.SecretReference',
  pointer: true,
  fields: [
    ['Name', 'name', 'text'],
    ['Namespace', 'namespace', 'text'],
  ],
};

const pointer = (name: string, fields: GoStruct['fields']): GoStruct => ({
  struct: `core.${name}`,
  pointer: true,
  fields,
});

/** core.PersistentVolumeSource; sources whose plugins are gone are compared as wholes. */
export const PERSISTENT_VOLUME_SOURCE: GoStruct = {
  struct: 'core.PersistentVolumeSource',
  fields: [
    ['GCEPersistentDisk', 'gcePersistentDisk'],
    ['AWSElasticBlockStore', 'awsElasticBlockStore'],
    [
      'HostPath',
      'hostPath',
      pointer('HostPathVolumeSource', [
        ['Path', 'path', 'text'],
        ['Type', 'type'],
      ]),
    ],
    ['Glusterfs', 'glusterfs'],
    [
      'NFS',
      'nfs',
      pointer('NFSVolumeSource', [
        ['Server', 'server', 'text'],
        ['Path', 'path', 'text'],
        ['ReadOnly', 'readOnly', 'flag'],
      ]),
    ],
    ['RBD', 'rbd'],
    ['Quobyte', 'quobyte'],
    ['ISCSI', 'iscsi'],
    ['FlexVolume', 'flexVolume'],
    ['Cinder', 'cinder'],
    ['CephFS', 'cephfs'],
    ['FC', 'fc'],
    ['Flocker', 'flocker'],
    ['AzureFile', 'azureFile'],
    ['VsphereVolume', 'vsphereVolume'],
    ['AzureDisk', 'azureDisk'],
    ['PhotonPersistentDisk', 'photonPersistentDisk'],
    ['PortworxVolume', 'portworxVolume'],
    ['ScaleIO', 'scaleIO'],
    [
      'Local',
      'local',
      pointer('LocalVolumeSource', [
        ['Path', 'path', 'text'],
        ['FSType', 'fsType'],
      ]),
    ],
    ['StorageOS', 'storageos'],
    [
      'CSI',
      'csi',
      pointer('CSIPersistentVolumeSource', [
        ['Driver', 'driver', 'text'],
        ['VolumeHandle', 'volumeHandle', 'text'],
        ['ReadOnly', 'readOnly', 'flag'],
        ['FSType', 'fsType', 'text'],
        ['VolumeAttributes', 'volumeAttributes', { map: 'map[string]string' }],
        ['ControllerPublishSecretRef', 'controllerPublishSecretRef', SECRET],
        ['NodeStageSecretRef', 'nodeStageSecretRef', SECRET],
        ['NodePublishSecretRef', 'nodePublishSecretRef', SECRET],
        ['ControllerExpandSecretRef', 'controllerExpandSecretRef', SECRET],
        ['NodeExpandSecretRef', 'nodeExpandSecretRef', SECRET],
      ]),
    ],
  ],
};
