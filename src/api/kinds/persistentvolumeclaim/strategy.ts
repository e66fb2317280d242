import { Quantity } from '../../../base/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { IMMUTABLE, immutable, same } from '../shared/checks.ts';
import { claimSpecWarnings, validateClaimSpec } from '../shared/claim-spec.ts';
import { goDiff } from '../shared/go-cmp/diff.ts';
import { roundUpAll } from '../shared/resources.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import { defaultClaimSpec } from '../shared/volume-defaults.ts';
import { type ClaimSpec, normalizeDataSources } from './data-source.ts';
import { validateStatusUpdate } from './status.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const specOf = (claim: PersistentVolumeClaim): ClaimSpec => claim.spec ?? {};
const storage = (list: object | undefined): string => (list as Record<string, string> | undefined)?.storage ?? '0';
const classAnnotation = ({ metadata }: PersistentVolumeClaim) => metadata.annotations?.[BETA_CLASS];

/** From the annotation, or from nothing, to the field: the one change of a class that is allowed. */
function mayNameClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = classAnnotation(old);
  const name = specOf(claim).storageClassName;
  return name !== undefined && specOf(old).storageClassName === undefined && [undefined, name].includes(annotation);
}

function validateClassAnnotation(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [now, before] = [classAnnotation(claim) ?? '', classAnnotation(old) ?? ''];
  const isMoved = before !== '' && classAnnotation(claim) === undefined && mayNameClass(claim, old);
  return now === before || isMoved ? [] : [invalid(`metadata.annotations.${BETA_CLASS}`, now, IMMUTABLE)];
}

/** Both specs with what may change made equal. */
function comparable(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): [ClaimSpec, ClaimSpec] {
  const spec = structuredClone(specOf(claim));
  const before = structuredClone(specOf(old));
  if (!before.volumeName) before.volumeName = spec.volumeName;
  if (mayNameClass(claim, old)) spec.storageClassName = before.storageClassName;
  if (claim.status?.phase === 'Bound') {
    if (spec.resources?.requests)
      spec.resources.requests = { ...spec.resources.requests, storage: storage(before.resources?.requests) };
    if (spec.volumeAttributesClassName !== undefined) spec.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  return [spec, before];
}

function validateUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [spec, before] = comparable(claim, old);
  const errors = validateClassAnnotation(claim, old);
  if (!same(spec, before))
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${goDiff('core.PersistentVolumeClaimSpec', before, spec)}`,
      ),
    );
  const size = Quantity.parse(storage(claim.spec?.resources?.requests));
  const shrunk = size.compare(Quantity.parse(storage(old.spec?.resources?.requests))) < 0;
  if (shrunk && size.compare(Quantity.parse(storage(old.status?.capacity))) <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  errors.push(...immutable('volumeMode', claim.spec?.volumeMode, old.spec?.volumeMode));
  if (!same(claim.spec?.volumeAttributesClassName, old.spec?.volumeAttributesClassName))
    errors.push(
      forbidden(
        'spec.volumeAttributesClassName',
        'update is forbidden when the VolumeAttributesClass feature gate is disabled',
      ),
    );
  return errors;
}

/** What a gate that is off, and older clients, leave of a spec. */
function prepareSpec(claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): void {
  const spec = specOf(claim);
  if (old?.spec?.volumeAttributesClassName === undefined) delete spec.volumeAttributesClassName;
  normalizeDataSources(spec, old?.spec);
}

const hooks = withStatus(() => ({ phase: 'Pending' }), 'none');

export const strategy: KindRules<PersistentVolumeClaim> = {
  resource: 'persistentvolumeclaims',
  updateChecks: ['object', 'metadata', 'object', 'changes'],
  setDefaults: (claim) => {
    claim.spec ??= {};
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
    defaultClaimSpec(claim.spec);
    roundUpAll(claim.status.capacity, claim.status.allocatedResources);
  },
  prepareForCreate: (claim, context) => {
    hooks.prepareForCreate?.(claim, context);
    prepareSpec(claim);
  },
  prepareForUpdate: (claim, old, context) => {
    hooks.prepareForUpdate?.(claim, old, context);
    prepareSpec(claim, old);
  },
  validate: ({ spec }) => validateClaimSpec(spec ?? {}, 'spec'),
  validateUpdate,
  validateStatusUpdate,
  warnings: (claim) => [
    ...(classAnnotation(claim) === undefined
      ? []
      : [`metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(specOf(claim), 'spec'),
  ],
};
