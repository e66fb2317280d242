import { formatTime } from '../../../base/time.ts';
import type { PersistentVolume } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { IMMUTABLE, immutable, same } from '../shared/checks.ts';
import { goDiff } from '../shared/go-cmp/diff.ts';
import { roundUpAll } from '../shared/resources.ts';
import type { KindRules } from '../shared/strategy.ts';
import { defaultVolumeSource } from '../shared/volume-defaults.ts';
import { VOLUME_SOURCES, type VolumeSpec } from './sources.ts';
import { validateVolumeSpec } from './spec.ts';
import { warnings } from './warnings.ts';

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
/** Sources for which the annotation may say how they are mounted. */
const WITH_OPTIONS = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const;

function setDefaults(volume: PersistentVolume): void {
  volume.spec ??= {};
  const { spec } = volume;
  roundUpAll(spec.capacity);
  volume.status ??= {};
  volume.status.phase ||= 'Pending';
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  defaultVolumeSource(spec as Parameters<typeof defaultVolumeSource>[0]);
}

/** Attributes classes are behind a gate that is off: what says one is not kept. */
function dropDisabled({ spec }: PersistentVolume, old?: PersistentVolume): void {
  if (spec && old?.spec?.volumeAttributesClassName === undefined) delete spec.volumeAttributesClassName;
}

const validate = ({ metadata, spec = {} }: PersistentVolume): FieldError[] => [
  ...validateVolumeSpec(spec, metadata.name ?? '', 'spec'),
  ...(metadata.annotations?.[MOUNT_OPTIONS] !== undefined && !WITH_OPTIONS.some((name) => spec[name])
    ? [forbidden(`metadata.annotations.${MOUNT_OPTIONS}`, 'may not specify mount options for this volume type')]
    : []),
];

/** A CSI volume that had no secret for its expansion may be given one. */
function comparable(spec: VolumeSpec, old: VolumeSpec): VolumeSpec {
  if (!spec.csi || !old.csi || old.csi.controllerExpandSecretRef) return spec;
  return { ...spec, csi: { ...spec.csi, controllerExpandSecretRef: undefined } };
}

const goAffinity = (required: unknown): GoSyntax =>
  new GoSyntax(`core.VolumeNodeAffinity{Required:(*core.NodeSelector)(${required ? '0xc000a1e2d0' : 'nil'})}`);

function validateUpdate({ spec = {} }: PersistentVolume, { spec: old = {} }: PersistentVolume): FieldError[] {
  const source = comparable(spec, old);
  const errors: FieldError[] = [];
  if (!VOLUME_SOURCES.every((name) => same(source[name], old[name])))
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${goDiff('core.PersistentVolumeSource', old, source)}`,
      ),
    );
  errors.push(...immutable('volumeMode', spec.volumeMode, old.volumeMode));
  if (old.nodeAffinity && !same(spec.nodeAffinity, old.nodeAffinity))
    errors.push(
      invalid(
        'nodeAffinity',
        spec.nodeAffinity && goAffinity(spec.nodeAffinity.required),
        `${IMMUTABLE}, except for updating from beta label to GA`,
      ),
    );
  if (!same(spec.volumeAttributesClassName, old.volumeAttributesClassName))
    errors.push(
      forbidden(
        'spec.volumeAttributesClassName',
        'update is forbidden when the VolumeAttributesClass feature gate is disabled',
      ),
    );
  return errors;
}

export const strategy: KindRules<PersistentVolume> = {
  resource: 'persistentvolumes',
  updateChecks: ['object', 'object', 'changes'],
  clusterScoped: true,
  setDefaults,
  prepareForCreate: (volume, context) => {
    const lastPhaseTransitionTime = formatTime(context.now()) as unknown as NonNullable<
      NonNullable<PersistentVolume['status']>['lastPhaseTransitionTime']
    >;
    volume.status = { phase: 'Pending', lastPhaseTransitionTime };
    dropDisabled(volume);
  },
  prepareForUpdate: (volume, old) => {
    volume.status = old.status;
    dropDisabled(volume, old);
  },
  prepareForStatusUpdate: (volume, old, context) => {
    volume.spec = old.spec;
    const { status, status: { phase } = {} } = volume;
    const since = status?.lastPhaseTransitionTime;
    const before = old.status?.lastPhaseTransitionTime;
    if (!status) return;
    if (phase === old.status?.phase) status.lastPhaseTransitionTime = since ?? before;
    else if (since === undefined || same(since, before))
      Object.assign(status, { lastPhaseTransitionTime: formatTime(context.now()) });
  },
  validate,
  validateUpdate,
  warnings,
};
