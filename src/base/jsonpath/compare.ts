import { GoFloat } from '../go-float.ts';
import { compareStrings } from '../go-json.ts';

type Basic = { kind: 'bool' | 'int' | 'float' | 'string'; value: boolean | number | bigint | string };

function basic(value: unknown): Basic {
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (value instanceof GoFloat) return { kind: 'float', value: value.value };
  if (typeof value === 'bigint') return { kind: 'int', value };
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value };
  throw new Error('invalid type for comparison');
}

function pair(a: unknown, b: unknown): [Basic, Basic] {
  const [left, right] = [basic(a), basic(b)];
  if (left.kind !== right.kind) throw new Error('incompatible types for comparison');
  return [left, right];
}

function equal(a: unknown, b: unknown): boolean {
  const [left, right] = pair(a, b);
  return left.value === right.value;
}

function less(a: unknown, b: unknown): boolean {
  const [left, right] = pair(a, b);
  if (left.kind === 'bool') throw new Error('invalid type for comparison');
  if (left.kind === 'string') return compareStrings(String(left.value), String(right.value)) < 0;
  return left.value < right.value;
}

/** Filters' operators; they throw the messages of Go templates' comparison functions. */
export const COMPARISONS: Record<string, (a: unknown, b: unknown) => boolean> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': less,
  '<=': (a, b) => less(a, b) || equal(a, b),
  '>': (a, b) => !(less(a, b) || equal(a, b)),
  '>=': (a, b) => !less(a, b),
};
