import { isQualifiedName } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { invalidEach, sortedEntries } from '../shared/checks.ts';

const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

function validateResourceKey(name: string, path: string): FieldError[] {
  const errors = invalidEach(path, name, isQualifiedName(name));
  if (errors.length > 0) return errors;
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  return isNative && name !== 'storage' ? [notSupported(path, name, ['storage'])] : [];
}

const basicResource = (value: string, path: string): FieldError[] => {
  const amount = Quantity.parse(value).value();
  return amount < 0 ? [invalid(path, amount, 'must be a valid resource quantity')] : [];
};

/** ValidatePersistentVolumeClaimStatusUpdate */
export function validateStatusUpdate({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const allocated = 'status.allocatedResources';
  const resizing = 'status.allocatedResourceStatus';
  return [
    ...(spec?.accessModes?.length ? [] : [required('Spec.accessModes')]),
    ...sortedEntries(status?.capacity as Record<string, string> | undefined).flatMap(([name, value]) =>
      basicResource(value, `status.capacity[${name}]`),
    ),
    ...sortedEntries(status?.allocatedResourceStatuses).flatMap(([name, value]) => [
      ...validateResourceKey(name, resizing),
      ...(RESIZE_STATUSES.includes(value) ? [] : [notSupported(resizing, new GoSyntax(name), RESIZE_STATUSES)]),
    ]),
    ...sortedEntries(status?.allocatedResources as Record<string, string> | undefined).flatMap(([name, value]) => {
      const errors = validateResourceKey(name, allocated);
      return errors.length > 0 ? errors : basicResource(value, `${allocated}[${name}]`);
    }),
  ];
}
