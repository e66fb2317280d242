import { Quantity } from '../../../base/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, forbidden } from '../../machinery/field-errors.ts';
import { immutable, same } from '../shared/checks.ts';
import { validateClaimSpec } from '../shared/claim-spec.ts';
import { goDiff } from '../shared/go-diff.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import { defaultClaimSpec } from '../shared/volume-defaults.ts';
import { CLAIM_SPEC } from './spec-type.ts';

type Spec = NonNullable<PersistentVolumeClaim['spec']>;

const storage = (list: object | undefined): string => (list as Record<string, string> | undefined)?.storage ?? '0';

/** Both specs with what may change made equal. */
function comparable(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): [Spec, Spec] {
  const spec = structuredClone(claim.spec ?? {});
  const before = structuredClone(old.spec ?? {});
  if (!before.volumeName) before.volumeName = spec.volumeName;
  if (before.storageClassName === undefined) spec.storageClassName = undefined;
  if (claim.status?.phase === 'Bound' && spec.resources?.requests && before.resources?.requests)
    spec.resources.requests = { ...spec.resources.requests, storage: storage(before.resources.requests) };
  return [spec, before];
}

function validateUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const [spec, before] = comparable(claim, old);
  const errors: FieldError[] = [];
  if (!same(spec, before))
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${goDiff(CLAIM_SPEC, before, spec)}`,
      ),
    );
  const size = Quantity.parse(storage(claim.spec?.resources?.requests));
  const shrunk = size.compare(Quantity.parse(storage(old.spec?.resources?.requests))) < 0;
  if (shrunk && size.compare(Quantity.parse(storage(old.status?.capacity))) <= 0)
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  return [...errors, ...immutable('volumeMode', claim.spec?.volumeMode, old.spec?.volumeMode)];
}

export const strategy: KindRules<PersistentVolumeClaim> = {
  resource: 'persistentvolumeclaims',
  setDefaults: (claim) => {
    claim.spec ??= {};
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
    defaultClaimSpec(claim.spec);
  },
  ...withStatus(() => ({ phase: 'Pending' }), 'none'),
  validate: ({ spec }) => validateClaimSpec(spec ?? {}, 'spec'),
  validateUpdate,
};
