import { CelRuntimeError } from '../issues.ts';
import { type CelValue, celEqual, compareValues } from '../values.ts';
import { forOrdered, type Library } from './library.ts';

const ADDED: Record<string, { zero: unknown; add(a: never, b: never): unknown }> = {
  bigint: { zero: 0n, add: (a: bigint, b: bigint) => a + b },
  number: { zero: 0, add: (a: number, b: number) => a + b },
};

/** int, uint and double are added as they are; durations know how. */
function sum(list: CelValue[]): unknown {
  const [first] = list;
  if (first === undefined) return 0n;
  const kind = ADDED[typeof first];
  if (kind) return list.reduce<unknown>((total, one) => kind.add(total as never, one as never), kind.zero);
  const { addDuration } = first as { addDuration?: (other: unknown) => unknown };
  if (!addDuration) throw new CelRuntimeError('no such overload: sum(list)');
  return list.slice(1).reduce<unknown>((total, one) => addDuration.call(total, one), first);
}

const extreme = (name: string, sign: number) => (list: CelValue[]) => {
  if (list.length === 0) throw new CelRuntimeError(`${name} called on empty list`);
  try {
    return list.reduce((best, one) => (compareValues(best, one) * sign > 0 ? one : best));
  } catch {
    throw new CelRuntimeError(`no such overload: ${name}(list)`);
  }
};

const isSorted = (list: CelValue[]): boolean =>
  list.every((one, index) => index === 0 || compareValues(list[index - 1], one) <= 0);

export const lists: Library = {
  functions: [
    [forOrdered((type) => `list<${type}>.isSorted(): bool`), isSorted],
    [['int', 'uint', 'double', 'duration'].map((type) => `list<${type}>.sum(): ${type}`), sum],
    [forOrdered((type) => `list<${type}>.max(): ${type}`), extreme('max', -1)],
    [forOrdered((type) => `list<${type}>.min(): ${type}`), extreme('min', 1)],
    [
      'list<A>.indexOf(A): int',
      (list: CelValue[], item: CelValue) => BigInt(list.findIndex((one) => celEqual(one, item))),
    ],
    [
      'list<A>.lastIndexOf(A): int',
      (list: CelValue[], item: CelValue) => BigInt(list.findLastIndex((one) => celEqual(one, item))),
    ],
  ],
};

const includes = (list: CelValue[], item: CelValue): boolean => list.some((one) => celEqual(one, item));
const contains = (list: CelValue[], other: CelValue[]): boolean => other.every((one) => includes(list, one));

export const sets: Library = {
  functions: [
    ['sets:contains(list<T>, list<T>): bool', contains],
    ['sets:equivalent(list<T>, list<T>): bool', (a: CelValue[], b: CelValue[]) => contains(a, b) && contains(b, a)],
    ['sets:intersects(list<T>, list<T>): bool', (a: CelValue[], b: CelValue[]) => a.some((one) => includes(b, one))],
  ],
};
