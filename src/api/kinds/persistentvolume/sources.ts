import { isDns1123Label } from '../../../base/names.ts';
import type { PersistentVolume } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { invalidEach, label1123, requiredText, subdomain1123 } from '../shared/checks.ts';
import {
  noBacksteps,
  SOURCES as SHARED,
  SOURCE_PATHS,
  validateAzureDisk,
  validateDriverName,
  validateFc,
  validateFlex,
  validateFlocker,
  validateHostPath,
  validateIscsi,
  validateNfs,
  validateQuobyte,
  validateStorageOs,
} from '../shared/volume-sources.ts';

export type VolumeSpec = NonNullable<PersistentVolume['spec']>;

interface SecretReference {
  name?: string;
  namespace?: string;
}

/** A secret must be named whole: persistent volumes have no namespace of their own. */
const secret = (reference: SecretReference | undefined, path: string, ...fields: (keyof SecretReference)[]) =>
  reference ? fields.flatMap((field) => requiredText(`${path}.secretRef.${field}`, reference[field])) : [];

/** validatePVSecretReference */
const secretReference = ({ name, namespace }: SecretReference, path: string): FieldError[] => [
  ...(name ? subdomain1123(`${path}.name`, name) : [required(`${path}.name`)]),
  ...(namespace ? label1123(`${path}.namespace`, namespace) : [required(`${path}.namespace`)]),
];

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

const ISCSI_LIMIT = 64;
const ISCSI_LENGTH =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

type Checks = {
  [K in keyof VolumeSpec]?: (source: NonNullable<VolumeSpec[K]>, path: string, volume: string) => FieldError[];
};

/** Checks of each source, in the order that the real one visits them; `volume` is the name of the volume. */
const CHECKS = {
  hostPath: validateHostPath,
  gcePersistentDisk: SHARED.gcePersistentDisk,
  awsElasticBlockStore: SHARED.awsElasticBlockStore,
  glusterfs: ({ endpointsNamespace: namespace, ...source }, path) => {
    const at = `${path}.endpointsNamespace`;
    const errors = SHARED.glusterfs(source, path);
    if (namespace === '')
      return [...errors, invalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name')];
    return namespace === undefined ? errors : [...errors, ...invalidEach(at, namespace, isDns1123Label(namespace))];
  },
  flocker: validateFlocker,
  nfs: validateNfs,
  rbd: SHARED.rbd,
  quobyte: validateQuobyte,
  cephfs: (source, path) => SHARED.cephfs({ monitors: source.monitors }, path),
  iscsi: (source, path, volume) => [
    ...(source.initiatorName !== undefined && `${volume}:${source.targetPortal}`.length > ISCSI_LIMIT
      ? [invalid(`${path}.targetportal`, source.targetPortal, ISCSI_LENGTH)]
      : []),
    ...validateIscsi(source, path, 'must be valid format'),
    ...secret(source.secretRef, path, 'name'),
  ],
  cinder: ({ volumeID, secretRef }, path) => [
    ...requiredText(`${path}.volumeID`, volumeID),
    ...secret(secretRef, path, 'name', 'namespace'),
  ],
  fc: validateFc,
  flexVolume: validateFlex,
  azureFile: ({ secretName, shareName, secretNamespace }, path) => [
    ...requiredText(`${path}.secretName`, secretName),
    ...requiredText(`${path}.shareName`, shareName),
    ...(secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ],
  vsphereVolume: SHARED.vsphereVolume,
  photonPersistentDisk: SHARED.photonPersistentDisk,
  portworxVolume: SHARED.portworxVolume,
  azureDisk: validateAzureDisk,
  scaleIO: SHARED.scaleIO,
  local: ({ path: value }, path) => (value ? noBacksteps(value, `${path}.path`) : [required(`${path}.path`)]),
  storageos: ({ secretRef, ...source }, path) => [
    ...validateStorageOs(source, path),
    ...secret(secretRef, path, 'name', 'namespace'),
  ],
  csi: (source, path) => [
    ...validateDriverName(source.driver, `${path}.driver`),
    ...requiredText(`${path}.volumeHandle`, source.volumeHandle),
    ...CSI_SECRETS.flatMap((field) => (source[field] ? secretReference(source[field], `${path}.${field}`) : [])),
  ],
} satisfies Checks;

export type VolumeSource = keyof typeof CHECKS;
export const VOLUME_SOURCES = Object.keys(CHECKS) as VolumeSource[];

/** The sources that a volume names, in the real order. */
export const sourcesOf = (spec: VolumeSpec): VolumeSource[] =>
  VOLUME_SOURCES.filter((name) => spec[name] !== undefined && spec[name] !== null);

/** What is wrong with one source. */
export const validateVolumeSource = (
  spec: VolumeSpec,
  name: VolumeSource,
  path: string,
  volume: string,
): FieldError[] => {
  const check = CHECKS[name] as (source: unknown, path: string, volume: string) => FieldError[];
  return check(spec[name], `${path}.${sourcePaths(name).alone ?? name}`, volume);
};

/** Some sources' errors stand at another path than their field's. */
export const sourcePaths = (name: VolumeSource): { alone?: string; second?: string } =>
  (SOURCE_PATHS as Record<string, { alone?: string; second?: string } | undefined>)[name] ?? {};
