import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, forbidden } from '../../machinery/field-errors.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';

type ClaimTemplate = Partial<Pick<PersistentVolumeClaim, 'metadata' | 'spec'>>;

const METADATA = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;
/** Fields whose name in Go does not begin like the one in JSON. */
const GO_NAMES: Record<string, string> = { uid: 'uID' };

/** ValidatePersistentVolumeClaimTemplate, of ephemeral volumes. */
export const validateClaimTemplate = ({ metadata, spec }: ClaimTemplate, path: string): FieldError[] => [
  ...validateAnnotations(metadata?.annotations, `${path}.metadata.annotations`),
  ...validateLabels(metadata?.labels, `${path}.metadata.labels`),
  ...METADATA.filter((field) => metadata?.[field] !== undefined).map((field) =>
    forbidden(`${path}.metadata.${GO_NAMES[field] ?? field}`, 'cannot be set'),
  ),
  ...validateClaimSpec(spec ?? {}, `${path}.spec`),
];
