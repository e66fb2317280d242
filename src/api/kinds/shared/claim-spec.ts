import { Quantity } from '../../../base/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { oneOfIfSet, subdomain1123 } from './checks.ts';
import { validateLabelSelector } from './label-selector.ts';
import { validateQuantityValue } from './resources.ts';

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** Modes of a claim or a volume: known ones, and ReadWriteOncePod alone. */
export function validateAccessModes(modes: string[], path: string): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(path, mode, ACCESS_MODES));
  if (modes.includes('ReadWriteOncePod') && new Set(modes).size > 1)
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

/** ValidatePersistentVolumeClaimSpec */
export function validateClaimSpec(spec: ClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`));
  errors.push(...validateAccessModes(modes, `${path}.accessModes`));
  const storage = (spec.resources?.requests as Record<string, string> | undefined)?.storage;
  const at = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(required(at));
  else {
    errors.push(...validateQuantityValue('storage', storage, at));
    if (Quantity.parse(storage).sign() <= 0) errors.push(invalid(at, storage, 'must be greater than zero'));
  }
  if (spec.storageClassName) errors.push(...subdomain1123(`${path}.storageClassName`, spec.storageClassName));
  errors.push(...oneOfIfSet(`${path}.volumeMode`, spec.volumeMode, VOLUME_MODES));
  return errors;
}
