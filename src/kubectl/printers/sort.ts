import { goSort } from '../../base/go-sort.ts';
import { Quantity } from '../../base/quantity.ts';
import { CommandError } from '../errors.ts';

/** Values that have no order, in Go's words. */
export class UnsortableError extends Error {}

/** Finds the values of a JSONPath in an object; given, so that sorting does not load the parser for nothing. */
export type FindValues = (object: unknown) => unknown[];

function quantity(text: string): Quantity | undefined {
  try {
    return Quantity.parse(text);
  } catch {
    return undefined;
  }
}

/** Values of one type in Go's order, null before all; strings that are quantities by amount. */
function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [quantity(a), quantity(b)];
    if (x && y) return x.compare(y);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' || typeof a === 'number') throw new UnsortableError('unsortable interface: interface');
  const type = typeof a === 'boolean' ? 'bool' : Array.isArray(a) ? '[]interface {}' : 'map[string]interface {}';
  throw new UnsortableError(`unsortable type: ${type}`);
}

/** `items` in the order of a field of their objects; those without it come first (get's --sort-by). */
export function sortByField<T>(items: T[], objectOf: (item: T) => unknown, find: FindValues, field: string): T[] {
  const keyed = items.map((item) => ({ item, key: find(objectOf(item))[0] }));
  if (items.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new CommandError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
  }
  const less = (a: unknown, b: unknown) => {
    if (a === undefined || b === undefined) return a === undefined;
    if (a === null || b === null) return a === null && b !== null;
    return compare(a, b) < 0;
  };
  return goSort(keyed, (a, b) => less(a.key, b.key)).map(({ item }) => item);
}
