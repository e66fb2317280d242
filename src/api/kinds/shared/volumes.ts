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
import { each, label1123, subdomain1123 } from './checks.ts';
import type { Volume } from './volume-defaults.ts';
import { descendingPath, noBacksteps, SOURCE_PATHS, SOURCES, type SourceName } from './volume-sources.ts';

type VolumeMount = NonNullable<Container['volumeMounts']>[number];

const MAX_ISCSI_NAME = 64;

function validateIscsiLength({ name, iscsi }: Volume, path: string): FieldError[] {
  if (iscsi?.initiatorName === undefined || `${name}:${iscsi.targetPortal ?? ''}`.length <= MAX_ISCSI_NAME) return [];
  return [
    invalid(
      `${path}.name`,
      name,
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ),
  ];
}

function validateSource(volume: Volume, metadata: ObjectMeta | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const name of Object.keys(SOURCES) as SourceName[]) {
    const source = volume[name];
    if (source === undefined || source === null) continue;
    const { alone = name, second = name } = SOURCE_PATHS[name] ?? {};
    if (found) errors.push(forbidden(`${path}.${second}`, 'may not specify more than 1 volume type'));
    else errors.push(...(SOURCES[name] as (source: unknown, path: string) => FieldError[])(source, `${path}.${alone}`));
    found = true;
    if (name === 'iscsi') errors.push(...validateIscsiLength(volume, path));
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
