import { Quantity } from '../../../base/quantity.ts';
import { formatTime } from '../../../base/time.ts';
import type { PersistentVolume } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { immutable, oneOfIfSet, same, sortedEntries, subdomain1123 } from '../shared/checks.ts';
import { VOLUME_MODES, validateAccessModes } from '../shared/claim-spec.ts';
import { validateNodeSelector } from '../shared/scheduling.ts';
import type { KindRules } from '../shared/strategy.ts';
import { defaultVolumeSource } from '../shared/volume-defaults.ts';
import { noBacksteps, validateDriverName, validateHostPath, validateNfs } from '../shared/volumes.ts';

type Spec = NonNullable<PersistentVolume['spec']>;

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
/** The sources of a volume, in the order that the real one visits them. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

function setDefaults(volume: PersistentVolume): void {
  volume.spec ??= {};
  const { spec } = volume;
  volume.status ??= {};
  volume.status.phase ||= 'Pending';
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  defaultVolumeSource(spec as Parameters<typeof defaultVolumeSource>[0]);
}

function validateCapacity(capacity: Record<string, string> | undefined): FieldError[] {
  const at = 'spec.capacity';
  const names = Object.keys(capacity ?? {});
  const errors: FieldError[] = names.length === 0 ? [required(at)] : [];
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(notSupported(at, capacity ?? new GoSyntax('core.ResourceList(nil)'), ['storage']));
  return [
    ...errors,
    ...sortedEntries(capacity).flatMap(([name, value]) =>
      Quantity.parse(value).sign() > 0 ? [] : [invalid(`${at}[${name}]`, value, 'must be greater than zero')],
    ),
  ];
}

function validateSource(spec: Spec, name: (typeof SOURCES)[number]): FieldError[] {
  const path = `spec.${name}`;
  if (name === 'hostPath') return validateHostPath(spec.hostPath!, path);
  if (name === 'nfs') return validateNfs(spec.nfs!, path);
  if (name === 'csi')
    return [
      ...validateDriverName(spec.csi!.driver, `${path}.driver`),
      ...(spec.csi!.volumeHandle ? [] : [required(`${path}.volumeHandle`)]),
    ];
  if (name !== 'local') return [];
  return [
    ...(spec.local!.path ? noBacksteps(spec.local!.path, `${path}.path`) : [required(`${path}.path`)]),
    ...(spec.nodeAffinity ? [] : [required('spec.nodeAffinity', 'Local volume requires node affinity')]),
  ];
}

function validate({ spec = {} }: PersistentVolume): FieldError[] {
  const modes = spec.accessModes ?? [];
  const errors: FieldError[] = modes.length === 0 ? [required('spec.accessModes')] : [];
  errors.push(
    ...validateAccessModes(modes, 'spec.accessModes'),
    ...validateCapacity(spec.capacity as Record<string, string> | undefined),
    ...oneOfIfSet('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, RECLAIM_POLICIES),
  );
  if (spec.nodeAffinity)
    errors.push(
      ...(spec.nodeAffinity.required
        ? validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required')
        : [required('spec.nodeAffinity.required', 'must specify required node constraints')]),
    );
  const given = SOURCES.filter((name) => spec[name] !== undefined);
  errors.push(
    ...given.flatMap((name, index) =>
      index === 0 ? validateSource(spec, name) : [forbidden(`spec.${name}`, 'may not specify more than 1 volume type')],
    ),
  );
  if (given.length === 0) errors.push(required('spec', 'must specify a volume type'));
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle')
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName) errors.push(...subdomain1123('spec.storageClassName', spec.storageClassName));
  return [...errors, ...oneOfIfSet('spec.volumeMode', spec.volumeMode, VOLUME_MODES)];
}

function validateUpdate({ spec = {} }: PersistentVolume, { spec: old = {} }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = SOURCES.every((name) => same(spec[name], old[name]))
    ? []
    : [forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')];
  errors.push(...immutable('volumeMode', spec.volumeMode, old.volumeMode));
  if (old.nodeAffinity && !same(spec.nodeAffinity, old.nodeAffinity))
    errors.push(
      invalid(
        'nodeAffinity',
        spec.nodeAffinity ?? null,
        'field is immutable, except for updating from beta label to GA',
      ),
    );
  return errors;
}

export const strategy: KindRules<PersistentVolume> = {
  resource: 'persistentvolumes',
  clusterScoped: true,
  setDefaults,
  prepareForCreate: (volume, context) => {
    const lastPhaseTransitionTime = formatTime(context.now()) as unknown as NonNullable<
      NonNullable<PersistentVolume['status']>['lastPhaseTransitionTime']
    >;
    volume.status = { phase: 'Pending', lastPhaseTransitionTime };
  },
  prepareForUpdate: (volume, old) => {
    volume.status = old.status;
  },
  prepareForStatusUpdate: (volume, old, context) => {
    volume.spec = old.spec;
    const changed = volume.status?.phase !== old.status?.phase;
    if (volume.status && changed && same(volume.status.lastPhaseTransitionTime, old.status?.lastPhaseTransitionTime))
      Object.assign(volume.status, { lastPhaseTransitionTime: formatTime(context.now()) });
  },
  validate,
  validateUpdate,
};
