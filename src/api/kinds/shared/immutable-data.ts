import { type FieldError, forbidden } from '../../machinery/field-errors.ts';
import { same } from './checks.ts';

/** What config maps and secrets may hold together. */
export const MAX_DATA_BYTES = 1024 * 1024;

type Data = { immutable?: boolean; data?: object; binaryData?: object };

/** Once `immutable` is set, neither it nor the data may change. */
export function validateImmutableData(
  object: Data,
  old: Data,
  fields: readonly ('data' | 'binaryData')[],
): FieldError[] {
  if (!old.immutable) return [];
  const refuse = (field: string) => forbidden(field, 'field is immutable when `immutable` is set');
  return [
    ...(object.immutable ? [] : [refuse('immutable')]),
    ...fields.filter((field) => !same(object[field] ?? {}, old[field] ?? {})).map(refuse),
  ];
}
