import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from '../../../base/names.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';

export const IMMUTABLE = 'field is immutable';

/** One Invalid error for each message. */
export const invalidEach = (path: string, value: unknown, messages: string[]): FieldError[] =>
  messages.map((message) => invalid(path, value, message));

/** The errors of each element, at `path[index]`. */
export const each = <T>(
  list: readonly T[] | undefined,
  path: string,
  check: (element: T, path: string, index: number) => FieldError[],
): FieldError[] => (list ?? []).flatMap((element, index) => check(element, `${path}[${index}]`, index));

/** Keys in ascending order: Go's are random there, ours are always the same. */
export const sortedEntries = <T>(map: Record<string, T> | undefined): [string, T][] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** A value that must be one of `supported`, and must be there. */
export function oneOf(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [required(path)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

/** The same, for a value that may be absent. */
export const oneOfIfSet = (path: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined ? [] : supported.includes(value) ? [] : [notSupported(path, value, supported)];

export const NOT_NEGATIVE = 'must be greater than or equal to 0';
export const nonNegative = (path: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(path, value, NOT_NEGATIVE)] : [];

export const positive = (path: string, value: number | undefined): FieldError[] =>
  value !== undefined && value <= 0 ? [invalid(path, value, 'must be greater than zero')] : [];

export const requiredText = (path: string, value: unknown): FieldError[] =>
  value === undefined || value === null || value === '' ? [required(path)] : [];

export const label1123 = (path: string, value: string): FieldError[] => invalidEach(path, value, isDns1123Label(value));
export const subdomain1123 = (path: string, value: string): FieldError[] =>
  invalidEach(path, value, isDns1123Subdomain(value));
export const qualifiedName = (path: string, value: string): FieldError[] =>
  invalidEach(path, value, isQualifiedName(value));

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** apiequality.Semantic.DeepEqual on JSON: absent, null and empty lists are the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!same(left[key], right[key])) return false;
  for (const key in right) if (!(key in left) && !isEmpty(right[key])) return false;
  return true;
}

/** ValidateImmutableField; `shown` is the value as Go prints it, where that is not plain JSON. */
export const immutable = (path: string, value: unknown, old: unknown, shown: unknown = value): FieldError[] =>
  same(value, old) ? [] : [invalid(path, shown, IMMUTABLE)];
