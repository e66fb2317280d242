import { goSlice } from './format.ts';
import { writeClaimSpec } from './persistent-volume-claim.ts';
import { formatSize } from './quantities.ts';
import type { DescribeWriter } from './writer.ts';

/** A volume source as JSON: its fields by name. */
export type Source = Record<string, unknown>;
/** A value that is undefined has no row. */
type Row = [label: string, value: (s: Source, persistent: boolean) => unknown];

const field =
  (name: string, fallback: unknown = '') =>
  (s: Source): unknown =>
    s[name] ?? fallback;
const flag = (name: string) => field(name, false);
const READ_ONLY: Row = ['ReadOnly', flag('readOnly')];
const FS_TYPE: Row = ['FSType', field('fsType')];
const reference = (name: string): Row => [
  'SecretRef',
  (s, persistent) => {
    const secret = s[name] as { name?: string; namespace?: string } | undefined;
    if (!secret) return 'nil';
    return persistent
      ? `&SecretReference{Name:${secret.name ?? ''},Namespace:${secret.namespace ?? ''},}`
      : `&LocalObjectReference{Name:${secret.name ?? ''},}`;
  },
];

/** A part of the secret that only a persistent volume's source shows. */
const ofSecret = (label: string, name: 'name' | 'namespace'): Row => [
  label,
  (s, persistent) => (persistent ? ((s.secretRef as Source | undefined)?.[name] ?? '') : undefined),
];

/** Sources that are a sentence and some rows: the words of pkg/describe, by the field that holds the source. */
const PLAIN: Record<string, { type: string; rows: Row[] }> = {
  hostPath: {
    type: 'HostPath (bare host directory volume)',
    rows: [
      ['Path', field('path')],
      ['HostPathType', field('type', '<none>')],
    ],
  },
  emptyDir: {
    type: "EmptyDir (a temporary directory that shares a pod's lifetime)",
    rows: [
      ['Medium', field('medium')],
      ['SizeLimit', (s) => formatSize(s.sizeLimit as string | undefined) ?? '<unset>'],
    ],
  },
  secret: {
    type: 'Secret (a volume populated by a Secret)',
    rows: [
      ['SecretName', field('secretName')],
      ['Optional', flag('optional')],
    ],
  },
  configMap: {
    type: 'ConfigMap (a volume populated by a ConfigMap)',
    rows: [
      ['Name', field('name')],
      ['Optional', flag('optional')],
    ],
  },
  nfs: {
    type: 'NFS (an NFS mount that lasts the lifetime of a pod)',
    rows: [['Server', field('server')], ['Path', field('path')], READ_ONLY],
  },
  persistentVolumeClaim: {
    type: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    rows: [['ClaimName', field('claimName')], READ_ONLY],
  },
  gcePersistentDisk: {
    type: 'GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)',
    rows: [['PDName', field('pdName')], FS_TYPE, ['Partition', field('partition', 0)], READ_ONLY],
  },
  awsElasticBlockStore: {
    type: 'AWSElasticBlockStore (a Persistent Disk resource in AWS)',
    rows: [['VolumeID', field('volumeID')], FS_TYPE, ['Partition', field('partition', 0)], READ_ONLY],
  },
  gitRepo: {
    type: 'GitRepo (a volume that is pulled from git when the pod is created)',
    rows: [
      ['Repository', field('repository')],
      ['Revision', field('revision')],
    ],
  },
  azureDisk: {
    type: 'AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)',
    rows: [
      ['DiskName', field('diskName')],
      ['DiskURI', field('diskURI')],
      ['Kind', field('kind')],
      FS_TYPE,
      ['CachingMode', field('cachingMode')],
      READ_ONLY,
    ],
  },
  azureFile: {
    type: 'AzureFile (an Azure File Service mount on the host and bind mount to the pod)',
    rows: [['SecretName', field('secretName')], ['ShareName', field('shareName')], READ_ONLY],
  },
  vsphereVolume: {
    type: 'vSphereVolume (a Persistent Disk resource in vSphere)',
    rows: [['VolumePath', field('volumePath')], FS_TYPE, ['StoragePolicyName', field('storagePolicyName')]],
  },
  cinder: {
    type: 'Cinder (a Persistent Disk resource in OpenStack)',
    rows: [['VolumeID', field('volumeID')], FS_TYPE, READ_ONLY, reference('secretRef')],
  },
  glusterfs: {
    type: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
    rows: [['EndpointsName', field('endpoints')], ['Path', field('path')], READ_ONLY],
  },
  quobyte: {
    type: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
    rows: [['Registry', field('registry')], ['Volume', field('volume')], READ_ONLY],
  },
  rbd: {
    type: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
    rows: [
      ['CephMonitors', (s) => goSlice(s.monitors as unknown[])],
      ['RBDImage', field('image')],
      FS_TYPE,
      ['RBDPool', field('pool')],
      ['RadosUser', field('user')],
      ['Keyring', field('keyring')],
      reference('secretRef'),
      READ_ONLY,
    ],
  },
  cephfs: {
    type: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
    rows: [
      ['Monitors', (s) => goSlice(s.monitors as unknown[])],
      ['Path', field('path')],
      ['User', field('user')],
      ['SecretFile', field('secretFile')],
      reference('secretRef'),
      READ_ONLY,
    ],
  },
  iscsi: {
    type: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
    rows: [
      ['TargetPortal', field('targetPortal')],
      ['IQN', field('iqn')],
      ['Lun', field('lun', 0)],
      ['ISCSIInterface', field('iscsiInterface')],
      FS_TYPE,
      READ_ONLY,
      ['Portals', (s) => goSlice(s.portals as unknown[])],
      ['DiscoveryCHAPAuth', flag('chapAuthDiscovery')],
      ['SessionCHAPAuth', flag('chapAuthSession')],
      reference('secretRef'),
      ['InitiatorName', field('initiatorName', '<none>')],
    ],
  },
  fc: {
    type: 'FC (a Fibre Channel disk)',
    rows: [
      ['TargetWWNs', (s) => ((s.targetWWNs as string[]) ?? []).join(', ')],
      ['LUN', field('lun', '<none>')],
      FS_TYPE,
      READ_ONLY,
    ],
  },
  flexVolume: {
    type: 'FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)',
    rows: [
      ['Driver', field('driver')],
      FS_TYPE,
      reference('secretRef'),
      READ_ONLY,
      ['Options', (s) => goMap(s.options as Record<string, string>)],
    ],
  },
  local: {
    type: 'LocalVolume (a persistent volume backed by local storage on a node)',
    rows: [['Path', field('path')]],
  },
  portworxVolume: { type: 'PortworxVolume (a Portworx Volume resource)', rows: [['VolumeID', field('volumeID')]] },
  photonPersistentDisk: {
    type: 'PhotonPersistentDisk (a Persistent Disk resource in photon platform)',
    rows: [['PdID', field('pdID')], FS_TYPE],
  },
  flocker: {
    type: 'Flocker (a Flocker volume mounted by the Flocker agent)',
    rows: [
      ['DatasetName', field('datasetName')],
      ['DatasetUUID', field('datasetUUID')],
    ],
  },
  scaleIO: {
    type: 'ScaleIO (a persistent volume backed by a block device in ScaleIO)',
    rows: [
      ['Gateway', field('gateway')],
      ['System', field('system')],
      ['Protection Domain', field('protectionDomain')],
      ['Storage Pool', field('storagePool')],
      ['Storage Mode', field('storageMode')],
      ['VolumeName', field('volumeName')],
      ofSecret('SecretName', 'name'),
      ofSecret('SecretNamespace', 'namespace'),
      FS_TYPE,
      READ_ONLY,
    ],
  },
  storageos: {
    type: 'StorageOS (a StorageOS Persistent Disk resource)',
    rows: [['VolumeName', field('volumeName')], ['VolumeNamespace', field('volumeNamespace')], FS_TYPE, READ_ONLY],
  },
  image: {
    type: 'Image (a container image or OCI artifact)',
    rows: [
      ['Reference', field('reference')],
      ['PullPolicy', field('pullPolicy')],
    ],
  },
};

/** `map[a:1]`, as Go's %v prints a map. */
const goMap = (map: Record<string, string> | undefined): string =>
  `map[${Object.keys(map ?? {})
    .sort()
    .map((k) => `${k}:${map?.[k]}`)
    .join(' ')}]`;

type SpecialWriter = (w: DescribeWriter, source: Source) => void;

const writeCsi: SpecialWriter = (w, s) => {
  w.row(2, 'Type', 'CSI (a Container Storage Interface (CSI) volume source)');
  w.row(2, 'Driver', s.driver ?? '');
  w.row(2, 'FSType', s.fsType ?? '');
  if ('volumeHandle' in s) w.row(2, 'VolumeHandle', s.volumeHandle);
  w.row(2, 'ReadOnly', s.readOnly ?? false);
  const attributes = (s.volumeAttributes ?? {}) as Record<string, string>;
  const keys = Object.keys(attributes).sort();
  w.write(2, 'VolumeAttributes:\t');
  if (!keys.length) w.write(0, '<none>\n');
  keys.forEach((key, i) => {
    const line = `${key}=${attributes[key]}`;
    if (i) w.write(2, '\t');
    w.write(2, `${line.length > 140 ? `${line.slice(0, 140)}...` : line}\n`);
  });
};

const writeDownward: SpecialWriter = (w, s) => {
  w.row(2, 'Type', 'DownwardAPI (a volume populated by information about the pod)');
  w.write(2, 'Items:\n');
  for (const item of (s.items ?? []) as {
    path: string;
    fieldRef?: { fieldPath: string };
    resourceFieldRef?: { resource: string };
  }[])
    w.write(3, `${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource} -> ${item.path}\n`);
};

/** What each kind of source inside a projected volume shows. */
const PROJECTED: Record<string, (w: DescribeWriter, s: Source) => void> = {
  secret: (w, s) => {
    w.row(2, 'SecretName', s.name);
    w.row(2, 'Optional', s.optional ?? false);
  },
  downwardAPI: (w) => w.row(2, 'DownwardAPI', true),
  configMap: (w, s) => {
    w.row(2, 'ConfigMapName', s.name);
    w.row(2, 'Optional', s.optional ?? false);
  },
  serviceAccountToken: (w, s) => w.row(2, 'TokenExpirationSeconds', s.expirationSeconds),
};

const SPECIAL: Record<string, SpecialWriter> = {
  csi: writeCsi,
  downwardAPI: writeDownward,
  projected: (w, s) => {
    w.row(2, 'Type', 'Projected (a volume that contains injected data from multiple sources)');
    for (const source of (s.sources ?? []) as Record<string, Source>[])
      for (const [kind, write] of Object.entries(PROJECTED)) if (source[kind]) write(w, source[kind]);
  },
  ephemeral: (w, s) => {
    w.row(
      2,
      'Type',
      'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
    );
    const template = s.volumeClaimTemplate as Parameters<typeof writeClaimSpec>[1] | undefined;
    if (template) writeClaimSpec(w, template, 2);
  },
};

/** The source of a volume of a pod, or of a persistent volume: the first known field that is set. */
export function writeVolumeSource(w: DescribeWriter, holder: Source): void {
  for (const [name, source] of Object.entries(holder) as [string, Source][]) {
    if (SPECIAL[name]) return SPECIAL[name](w, source);
    const plain = PLAIN[name];
    if (!plain || typeof source !== 'object') continue;
    w.row(2, 'Type', plain.type);
    for (const [label, shown] of plain.rows) {
      const value = shown(source, 'capacity' in holder);
      // The one label that has no colon.
      if (label === 'ISCSIInterface') w.cells(2, label, value);
      else if (value !== undefined) w.row(2, label, value);
    }
    return;
  }
  w.write(1, '<unknown>\n');
}

/** The Volumes part of a pod or of a template, whose names are indented by one more. */
export function writeVolumes(w: DescribeWriter, volumes: object[] | undefined, indent = ''): void {
  if (!volumes?.length) return w.write(0, `${indent}Volumes:\t<none>\n`);
  w.write(0, `${indent}Volumes:\n`);
  for (const { name, ...source } of volumes as ({ name: string } & Source)[]) {
    w.write(1, `${indent ? ' ' : ''}${name}:\n`);
    writeVolumeSource(w, source);
  }
}
