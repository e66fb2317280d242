import { inclusiveRangeError, isDns1123Subdomain } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, label1123, oneOfIfSet, requiredText, sortedEntries, subdomain1123 } from './checks.ts';
import { validateClaimTemplate } from './claim-template.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';
import type { Volume } from './volume-defaults.ts';

export type SourceName = Exclude<keyof Volume, 'name'>;
type Source<K extends SourceName> = NonNullable<Volume[K]>;
type KeyToPath = NonNullable<Source<'secret'>['items']>[number];
type DownwardFile = NonNullable<Source<'downwardAPI'>['items']>[number];
type Projection = NonNullable<Source<'projected'>['sources']>[number];

const MAX_MODE = 0o777;
const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export const noBacksteps = (value: string, path: string): FieldError[] =>
  value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : [];

export const descendingPath = (value: string, path: string): FieldError[] => [
  ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
  ...noBacksteps(value, path),
];

const nonReservedPath = (value: string, path: string): FieldError[] => [
  ...descendingPath(value, path),
  ...(value.startsWith('..') && !value.startsWith('../') && value !== '..'
    ? [invalid(path, value, "must not start with '..'")]
    : []),
];

const validateMode = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > MAX_MODE)
    ? [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : [];

const validateItems = (items: KeyToPath[] | undefined, path: string): FieldError[] =>
  each(items, `${path}.items`, (item, at) => [
    ...requiredText(`${at}.key`, item.key),
    ...requiredText(`${at}.path`, item.path),
    ...nonReservedPath(item.path ?? '', `${at}.path`),
    ...validateMode(item.mode, `${at}.mode`),
  ]);

/** Every file's errors stand at the volume's own path, as the real one reports them. */
const validateDownwardFiles = (files: DownwardFile[] | undefined, path: string): FieldError[] =>
  (files ?? []).flatMap((file) => {
    const errors = [...requiredText(`${path}.path`, file.path), ...nonReservedPath(file.path ?? '', `${path}.path`)];
    if (file.fieldRef) {
      errors.push(...validateFieldRef(file.fieldRef, VOLUME_FIELDS, `${path}.fieldRef`));
      if (file.resourceFieldRef)
        errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (file.resourceFieldRef)
      errors.push(...validateResourceFieldRef(file.resourceFieldRef, true, `${path}.resourceFieldRef`));
    else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
    return [...errors, ...validateMode(file.mode, `${path}.mode`)];
  });

function validateToken(
  token: NonNullable<Projection['serviceAccountToken']>,
  path: string,
  sourcePath: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = token.expirationSeconds ?? 3600;
  if (seconds < 600)
    errors.push(invalid(`${sourcePath}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(
      invalid(`${sourcePath}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'),
    );
  return [...errors, ...(token.path ? nonReservedPath(token.path, `${path}.path`) : [required(`${path}.path`)])];
}

function validateProjected(projected: NonNullable<Volume['projected']>, path: string): FieldError[] {
  const paths = new Set<string>();
  const unique = (names: (string | undefined)[], shown: (name: string) => string): FieldError[] =>
    names.flatMap((name) => {
      if (!name) return [];
      if (paths.has(name)) return [invalid(path, shown(name), 'conflicting duplicate paths')];
      paths.add(name);
      return [];
    });
  return [
    ...validateMode(projected.defaultMode, `${path}.defaultMode`),
    ...each(projected.sources, `${path}.sources`, (source, at) => {
      const errors: FieldError[] = [];
      for (const kind of ['secret', 'configMap'] as const) {
        const named = source[kind];
        if (!named) continue;
        errors.push(...requiredText(`${at}.${kind}.name`, named.name), ...validateItems(named.items, `${at}.${kind}`));
        errors.push(
          ...unique(
            (named.items ?? []).map((item) => item.path),
            () => named.name ?? '',
          ),
        );
      }
      if (source.downwardAPI) {
        const { items } = source.downwardAPI;
        errors.push(...validateDownwardFiles(items, `${at}.downwardAPI`));
        errors.push(
          ...unique(
            (items ?? []).map((item) => item.path),
            (name) => name,
          ),
        );
      }
      if (source.serviceAccountToken)
        errors.push(...validateToken(source.serviceAccountToken, path, `${at}.serviceAccountToken`));
      if (Object.values(source).filter(Boolean).length > 1)
        errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
      return errors;
    }),
  ];
}

const MAX_DRIVER_NAME = 63;

/** ValidateCSIDriverName */
export function validateDriverName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path), ...invalidEach(path, '', isDns1123Subdomain(''))];
  const long = name.length > MAX_DRIVER_NAME ? [tooLong(path, '', MAX_DRIVER_NAME)] : [];
  return [...long, ...invalidEach(path, name, isDns1123Subdomain(name.toLowerCase()))];
}

const requiredFields =
  <T extends object>(...fields: (keyof T & string)[]) =>
  (source: T, path: string): FieldError[] =>
    fields.flatMap((field) => requiredText(`${path}.${field}`, source[field]));

/** A secret that is named must have a name; so must its namespace where it has one. */
const secretName = (secret: { name?: string } | undefined, path: string): FieldError[] =>
  secret && !secret.name ? [required(`${path}.secretRef.name`)] : [];

/** Partitions of disks. */
const partition = (value: number | undefined, path: string): FieldError[] =>
  value !== undefined && (value < 0 || value > 255)
    ? [invalid(`${path}.partition`, value, inclusiveRangeError(1, 255))]
    : [];

const MAX_LUN = 255;
const lunRange = (lun: number, path: string): FieldError[] =>
  lun < 0 || lun > MAX_LUN ? [invalid(`${path}.lun`, lun, inclusiveRangeError(0, MAX_LUN))] : [];

/** What names of iSCSI look like, by how they begin. */
const ISCSI_NAMES: Record<string, RegExp> = {
  iqn: /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

const ISCSI_FORMAT = 'must be valid format';

function iscsiName(name: string, path: string, unknown: string): FieldError[] {
  const format = ISCSI_NAMES[name.slice(0, 3)];
  if (!format) return [invalid(path, name, unknown)];
  return format.test(name) ? [] : [invalid(path, name, ISCSI_FORMAT)];
}

/** validateISCSIVolumeSource, which persistent volumes share. */
export function validateIscsi(
  source: Omit<Source<'iscsi'>, 'secretRef'> & { secretRef?: object },
  path: string,
  unknownName = `${ISCSI_FORMAT} starting with iqn, eui, or naa`,
): FieldError[] {
  const { targetPortal, iqn, lun = 0, initiatorName } = source;
  const needsSecret = source.chapAuthDiscovery || source.chapAuthSession;
  return [
    ...requiredText(`${path}.targetPortal`, targetPortal),
    ...(iqn ? iscsiName(iqn, `${path}.iqn`, unknownName) : [required(`${path}.iqn`)]),
    ...lunRange(lun, path),
    ...(needsSecret && !source.secretRef ? [required(`${path}.secretRef`)] : []),
    ...(initiatorName === undefined ? [] : iscsiName(initiatorName, `${path}.initiatorname`, unknownName)),
  ];
}

/** validateFCVolumeSource */
export function validateFc({ targetWWNs = [], wwids = [], lun }: Source<'fc'>, path: string): FieldError[] {
  const at = `${path}.targetWWNs`;
  if (targetWWNs.length === 0)
    return wwids.length === 0 ? [required(at, 'must specify either targetWWNs or wwids, but not both')] : [];
  const both =
    wwids.length === 0
      ? []
      : [invalid(at, goStrings(targetWWNs), 'targetWWNs and wwids can not be specified simultaneously')];
  if (lun === undefined) return [...both, required(`${path}.lun`, 'lun is required if targetWWNs is specified')];
  return [...both, ...lunRange(lun, path)];
}

/** validateFlockerVolumeSource */
export function validateFlocker({ datasetName, datasetUUID }: Source<'flocker'>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  if (datasetName && datasetUUID)
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName?.includes('/')) errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
}

const HOST_PORTS = 'must be a host:port pair or multiple pairs separated by commas';
const HOST_PORT = /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/;
const MAX_TENANT = 64;

/** validateQuobyteVolumeSource */
export function validateQuobyte({ registry, tenant, volume }: Source<'quobyte'>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${path}.registry`, HOST_PORTS));
  else if ((tenant ?? '').length > MAX_TENANT)
    errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else
    for (const pair of registry.split(','))
      if (!HOST_PORT.test(pair)) errors.push(invalid(`${path}.registry`, registry, HOST_PORTS));
  return [...errors, ...requiredText(`${path}.volume`, volume)];
}

/** validateFlexVolumeSource */
export const validateFlex = (
  { driver, options }: Pick<Source<'flexVolume'>, 'driver' | 'options'>,
  path: string,
): FieldError[] => [
  ...requiredText(`${path}.driver`, driver),
  ...sortedEntries(options).flatMap(([key]) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/')[0]!.toLowerCase()}`)
      ? [invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
      : [],
  ),
];

const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

/** validateAzureDisk */
export function validateAzureDisk(
  { diskName, diskURI, cachingMode, kind }: Source<'azureDisk'>,
  path: string,
): FieldError[] {
  const [prefix, example] = kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI];
  return [
    ...requiredText(`${path}.diskName`, diskName),
    ...requiredText(`${path}.diskURI`, diskURI),
    ...oneOfIfSet(`${path}.cachingMode`, cachingMode, CACHING_MODES),
    ...oneOfIfSet(`${path}.kind`, kind, DISK_KINDS),
    ...(kind !== undefined && !(diskURI ?? '').startsWith(prefix)
      ? [notSupported(`${path}.diskURI`, diskURI ?? '', [example])]
      : []),
  ];
}

/** validateStorageOSVolumeSource */
export const validateStorageOs = (source: Source<'storageos'>, path: string): FieldError[] => [
  ...(source.volumeName ? label1123(`${path}.volumeName`, source.volumeName) : [required(`${path}.volumeName`)]),
  ...(source.volumeNamespace ? label1123(`${path}.volumeNamespace`, source.volumeNamespace) : []),
  ...secretName(source.secretRef, path),
];

function validateCsi({ driver, nodePublishSecretRef }: Source<'csi'>, path: string): FieldError[] {
  const errors = validateDriverName(driver, `${path}.driver`);
  if (!nodePublishSecretRef) return errors;
  const { name } = nodePublishSecretRef;
  if (!name) return [...errors, required(`${path}.nodePublishSecretRef.name`)];
  return [...errors, ...subdomain1123(`${path}.name`, name)];
}

type Checks = { [K in SourceName]: (source: Source<K>, path: string) => FieldError[] };

/** Checks of each source, in the order that the real one visits them. */
export const SOURCES: Checks = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit && Quantity.parse(sizeLimit).sign() < 0
      ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: (source, path) => validateHostPath(source, path),
  gitRepo: (source, path) => [
    ...requiredText(`${path}.repository`, source.repository),
    ...descendingPath(source.directory ?? '', `${path}.directory`),
  ],
  gcePersistentDisk: (source, path) => [
    ...requiredText(`${path}.pdName`, source.pdName),
    ...partition(source.partition, path),
  ],
  awsElasticBlockStore: (source, path) => [
    ...requiredText(`${path}.volumeID`, source.volumeID),
    ...partition(source.partition, path),
  ],
  secret: (source, path) => [
    ...requiredText(`${path}.secretName`, source.secretName),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateItems(source.items, path),
  ],
  nfs: (source, path) => validateNfs(source, path),
  iscsi: (source, path) => validateIscsi(source, path),
  glusterfs: requiredFields('endpoints', 'path'),
  flocker: validateFlocker,
  persistentVolumeClaim: requiredFields('claimName'),
  rbd: (source, path) => [
    ...(source.monitors?.length ? [] : [required(`${path}.monitors`)]),
    ...requiredText(`${path}.image`, source.image),
  ],
  cinder: (source, path) => [
    ...requiredText(`${path}.volumeID`, source.volumeID),
    ...secretName(source.secretRef, path),
  ],
  cephfs: (source, path) => (source.monitors?.length ? [] : [required(`${path}.monitors`)]),
  quobyte: validateQuobyte,
  downwardAPI: (source, path) => [
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateDownwardFiles(source.items, path),
  ],
  fc: validateFc,
  flexVolume: validateFlex,
  configMap: (source, path) => [
    ...requiredText(`${path}.name`, source.name),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateItems(source.items, path),
  ],
  azureFile: requiredFields('secretName', 'shareName'),
  vsphereVolume: requiredFields('volumePath'),
  photonPersistentDisk: requiredFields('pdID'),
  portworxVolume: requiredFields('volumeID'),
  azureDisk: validateAzureDisk,
  storageos: validateStorageOs,
  projected: validateProjected,
  scaleIO: requiredFields('gateway', 'system', 'volumeName'),
  csi: validateCsi,
  ephemeral: ({ volumeClaimTemplate }, path) =>
    volumeClaimTemplate
      ? validateClaimTemplate(volumeClaimTemplate, `${path}.volumeClaimTemplate`)
      : [required(`${path}.volumeClaimTemplate`)],
  image: requiredFields('reference'),
};

/** Sources whose errors stand at another path than their field's, alone and as a second one. */
export const SOURCE_PATHS: Partial<Record<SourceName, { alone?: string; second?: string }>> = {
  gcePersistentDisk: { alone: 'persistentDisk' },
  cephfs: { second: 'cephFS' },
  downwardAPI: { second: 'downwarAPI' },
};

export function validateHostPath(source: NonNullable<Volume['hostPath']>, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)];
  const errors = noBacksteps(source.path, `${path}.path`);
  if (!HOST_PATH_TYPES.includes(source.type ?? ''))
    errors.push(notSupported(`${path}.type`, source.type, HOST_PATH_TYPES));
  return errors;
}

export const validateNfs = (source: NonNullable<Volume['nfs']>, path: string): FieldError[] => [
  ...requiredText(`${path}.server`, source.server),
  ...requiredText(`${path}.path`, source.path),
  ...(source.path?.startsWith('/') ? [] : [invalid(`${path}.path`, source.path ?? '', 'must be an absolute path')]),
];
