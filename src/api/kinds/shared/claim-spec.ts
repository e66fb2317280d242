import { isDns1123Label } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { invalidEach, oneOfIfSet, requiredText, subdomain1123 } from './checks.ts';
import { validateLabelSelector } from './label-selector.ts';

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;
type DataSource = NonNullable<ClaimSpec['dataSourceRef']>;

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** Modes of a claim or a volume: known ones, and ReadWriteOncePod alone. */
export function validateAccessModes(modes: string[], path: string): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(path, mode, ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (modes.includes('ReadWriteOncePod') && others)
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

/** What a claim's volume begins with: another claim, or an object of a group that says so. */
function validateDataSource({ name, kind, apiGroup, namespace }: DataSource, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.name`, name),
    ...requiredText(`${path}.kind`, kind),
    ...(!apiGroup && kind !== 'PersistentVolumeClaim'
      ? [invalid(path, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup ? subdomain1123(`${path}.apiGroup`, apiGroup) : []),
    ...(namespace ? invalidEach(`${path}.namespace`, namespace, isDns1123Label(namespace)) : []),
  ];
}

function validateDataSources({ dataSource, dataSourceRef }: ClaimSpec, path: string): FieldError[] {
  const errors = [
    ...(dataSource ? validateDataSource(dataSource, `${path}.dataSource`) : []),
    ...(dataSourceRef ? validateDataSource(dataSourceRef, `${path}.dataSourceRef`) : []),
  ];
  if (!dataSource || !dataSourceRef) return errors;
  // The real one gives the path where a value belongs, with wherever its parent lies in memory.
  const value = new GoSyntax('field.Path{name:"dataSource", index:"", parent:(*field.Path)(0xc000a1e2d0)}');
  const refuse = (detail: string) => [...errors, invalid(path, value, detail)];
  if (dataSourceRef.namespace) return refuse('may not be specified when dataSourceRef.namespace is specified');
  const differs = (['apiGroup', 'kind', 'name'] as const).some((field) => dataSource[field] !== dataSourceRef[field]);
  return differs ? refuse('must match dataSourceRef') : errors;
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
  else if (Quantity.parse(storage).sign() <= 0) errors.push(invalid(at, storage, 'must be greater than zero'));
  if (spec.storageClassName) errors.push(...subdomain1123(`${path}.storageClassName`, spec.storageClassName));
  errors.push(...oneOfIfSet(`${path}.volumeMode`, spec.volumeMode, VOLUME_MODES));
  return [...errors, ...validateDataSources(spec, path)];
}

const isFractional = (quantity: string | undefined): quantity is string =>
  quantity !== undefined && !Quantity.parse(quantity).isInteger();

/** GetWarningsForPersistentVolumeClaimSpec */
export const claimSpecWarnings = ({ resources }: ClaimSpec, path: string): string[] =>
  (['requests', 'limits'] as const).flatMap((list) => {
    const quantity = (resources?.[list] as Record<string, string> | undefined)?.storage;
    if (!isFractional(quantity)) return [];
    return [`${path}.resources.${list}[storage]: fractional byte value "${quantity}" is invalid, must be an integer`];
  });
