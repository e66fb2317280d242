import { Quantity } from '../../../base/quantity.ts';
import type { Container, ObjectMeta } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { each, label1123, requiredText, subdomain1123 } from './checks.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';
import type { Volume } from './volume-defaults.ts';

type SourceName = Exclude<keyof Volume, 'name'>;
type KeyToPath = NonNullable<NonNullable<Volume['secret']>['items']>[number];
type DownwardFile = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];
type VolumeMount = NonNullable<Container['volumeMounts']>[number];

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

/** ValidateCSIDriverName */
export function validateDriverName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  const tooLong: FieldError[] =
    name.length > 63 ? [{ type: 'FieldValueTooLong', field: path, detail: 'may not be more than 63 bytes' }] : [];
  return [...tooLong, ...subdomain1123(path, name.toLowerCase())];
}

const requiredFields =
  <T extends object>(...fields: (keyof T & string)[]) =>
  (source: T, path: string): FieldError[] =>
    fields.flatMap((field) => requiredText(`${path}.${field}`, source[field]));

type Checks = { [K in SourceName]: (source: NonNullable<Volume[K]>, path: string) => FieldError[] };

/** Checks of each source, in the order that the real one visits them. */
const SOURCES: Checks = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit && Quantity.parse(sizeLimit).sign() < 0
      ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: (source, path) => validateHostPath(source, path),
  gitRepo: (source, path) => [
    ...requiredText(`${path}.repository`, source.repository),
    ...descendingPath(source.directory ?? '', `${path}.directory`),
  ],
  gcePersistentDisk: requiredFields('pdName'),
  awsElasticBlockStore: requiredFields('volumeID'),
  secret: (source, path) => [
    ...requiredText(`${path}.secretName`, source.secretName),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateItems(source.items, path),
  ],
  nfs: (source, path) => validateNfs(source, path),
  iscsi: requiredFields('targetPortal', 'iqn'),
  glusterfs: requiredFields('endpoints', 'path'),
  flocker: (source, path) =>
    source.datasetName || source.datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')],
  persistentVolumeClaim: requiredFields('claimName'),
  rbd: requiredFields('image'),
  cinder: requiredFields('volumeID'),
  cephfs: (source, path) => (source.monitors?.length ? [] : [required(`${path}.monitors`)]),
  quobyte: requiredFields('registry', 'volume'),
  downwardAPI: (source, path) => [
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateDownwardFiles(source.items, path),
  ],
  fc: () => [],
  flexVolume: requiredFields('driver'),
  configMap: (source, path) => [
    ...requiredText(`${path}.name`, source.name),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...validateItems(source.items, path),
  ],
  azureFile: requiredFields('secretName', 'shareName'),
  vsphereVolume: requiredFields('volumePath'),
  photonPersistentDisk: requiredFields('pdID'),
  portworxVolume: requiredFields('volumeID'),
  azureDisk: requiredFields('diskName', 'diskURI'),
  storageos: requiredFields('volumeName'),
  projected: validateProjected,
  scaleIO: requiredFields('gateway', 'system', 'volumeName'),
  csi: (source, path) => validateDriverName(source.driver, `${path}.driver`),
  ephemeral: ({ volumeClaimTemplate }, path) =>
    volumeClaimTemplate
      ? validateClaimSpec(volumeClaimTemplate.spec, `${path}.volumeClaimTemplate.spec`)
      : [required(`${path}.volumeClaimTemplate`)],
  image: requiredFields('reference'),
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

function validateSource(volume: Volume, metadata: ObjectMeta | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const name of Object.keys(SOURCES) as SourceName[]) {
    const source = volume[name];
    if (source === undefined || source === null) continue;
    if (found) errors.push(forbidden(`${path}.${name}`, 'may not specify more than 1 volume type'));
    else errors.push(...(SOURCES[name] as (source: unknown, path: string) => FieldError[])(source, `${path}.${name}`));
    found = true;
  }
  if (volume.ephemeral && metadata?.name && volume.name) {
    const claim = `${metadata.name}-${volume.name}`;
    errors.push(
      ...subdomain1123(`${path}.name`, claim).map(({ detail }) =>
        invalid(`${path}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${detail}`),
      ),
    );
  }
  return found ? errors : [...errors, required(path, 'must specify a volume type')];
}

/** ValidateVolumes; `volumes` are those that are right, by name, for the mounts to refer to. */
export function validateVolumes(
  list: Volume[] | undefined,
  metadata: ObjectMeta | undefined,
  path: string,
): { volumes: Map<string, Volume>; errors: FieldError[] } {
  const volumes = new Map<string, Volume>();
  const created = new Set(
    (list ?? []).filter((v) => v.ephemeral && metadata?.name).map((v) => `${metadata?.name}-${v.name}`),
  );
  const errors = each(list, path, (volume, at) => {
    const wrong = validateSource(volume, metadata, at);
    if (!volume.name) wrong.push(required(`${at}.name`));
    else wrong.push(...label1123(`${at}.name`, volume.name));
    if (volumes.has(volume.name)) wrong.push(duplicate(`${at}.name`, volume.name));
    if (wrong.length === 0) volumes.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && created.has(claim))
      wrong.push(
        invalid(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
    return wrong;
  });
  return { volumes, errors };
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

/** Propagation and recursive read-only are reported at the list's path, as the real one does. */
function validateMountModes(mount: VolumeMount, container: Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { mountPropagation, recursiveReadOnly } = mount;
  if (mountPropagation !== undefined) {
    const at = `${path}.mountPropagation`;
    if (!PROPAGATIONS.includes(mountPropagation)) errors.push(notSupported(at, mountPropagation, PROPAGATIONS));
    if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
      errors.push(forbidden(at, 'Bidirectional mount propagation is available only to privileged containers'));
  }
  if (recursiveReadOnly !== undefined) {
    const at = `${path}.recursiveReadOnly`;
    if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly))
      errors.push(notSupported(at, recursiveReadOnly, RECURSIVE_READ_ONLY));
    else if (recursiveReadOnly !== 'Disabled') {
      if (!mount.readOnly) errors.push(forbidden(at, 'may only be specified when readOnly is true'));
      if (mountPropagation !== undefined && mountPropagation !== 'None')
        errors.push(forbidden(at, 'may only be specified when mountPropagation is None or not specified'));
    }
  }
  return errors;
}

/** ValidateVolumeMounts */
export function validateVolumeMounts(container: Container, volumes: Map<string, Volume>, path: string): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const mountPaths = new Set<string>();
  return each(container.volumeMounts, path, (mount, at) => {
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (mountPaths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    mountPaths.add(mount.mountPath);
    if (devices.some(({ name }) => name === mount.name))
      errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'));
    if (devices.some(({ devicePath }) => devicePath === mount.mountPath))
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) errors.push(...descendingPath(mount.subPath, `${path}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath)
        errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...descendingPath(mount.subPathExpr, `${path}.subPathExpr`));
    }
    return [...errors, ...validateMountModes(mount, container, path)];
  });
}

/** ValidateVolumeDevices */
export function validateVolumeDevices(container: Container, volumes: Map<string, Volume>, path: string): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  return each(container.volumeDevices, path, ({ name, devicePath }, at) => {
    const errors: FieldError[] = [];
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        invalid(
          `${at}.name`,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    if (!volume) errors.push(notFound(`${at}.name`, name));
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    if (devicePath && noBacksteps(devicePath, '').length > 0)
      errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    names.add(name);
    return errors;
  });
}
