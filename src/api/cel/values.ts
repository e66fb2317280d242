import { CelRuntimeError } from './issues.ts';

/** A value as the library holds it: integers are bigint, doubles number. */
export type CelValue = unknown;

/** JSON as values of CEL: whole numbers are integers. */
export function fromJson(value: unknown): CelValue {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, fromJson(one)]),
  );
}

const isNumeric = (value: CelValue): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

/** Equality across numeric types, deep. */
export function celEqual(a: CelValue, b: CelValue): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1.0 are equal
  if (isNumeric(a) && isNumeric(b)) return a == b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => celEqual(one, b[at]));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a.constructor !== b.constructor) return false;
  if (a.constructor !== Object && !(a instanceof Date)) return String(a) === String(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  const [x, y] = [Object.entries(a), new Map(Object.entries(b))];
  return x.length === y.size && x.every(([key, one]) => y.has(key) && celEqual(one, y.get(key)));
}

/** Negative, zero or positive; throws for what has no order. */
export function compareValues(a: CelValue, b: CelValue): number {
  const comparable = typeof a === typeof b || (isNumeric(a) && isNumeric(b));
  if (!comparable || a === null || a === undefined || a.constructor === Object)
    throw new CelRuntimeError('no such overload');
  const [x, y] = [a as number, b as number];
  return x < y ? -1 : x > y ? 1 : 0;
}

const TYPE_NAMES: Record<string, string> = { bigint: 'int', number: 'double', string: 'string', boolean: 'bool' };

/** The name of a value's type, as errors tell it. */
export function celTypeName(value: CelValue): string {
  const name = TYPE_NAMES[typeof value];
  if (name) return name;
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Date) return 'google.protobuf.Timestamp';
  return Object.prototype.toString.call(value).slice(8, -1).replace('Object', 'map');
}

/** Makes values that only the library can make. */
export interface CelTimes {
  /** A duration as `duration()` gives it. */
  duration(text: string): CelValue;
  /** An optional value; undefined makes an empty one. */
  optional(value: CelValue): CelValue;
}
