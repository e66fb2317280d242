import { Quantity } from '../../base/quantity.ts';
import { CommandError } from '../errors.ts';

/** Finds the values of a JSONPath in an object; given, so that sorting does not load the parser for nothing. */
export type FindValues = (object: unknown) => unknown[];

function quantity(text: string): Quantity | undefined {
  try {
    return Quantity.parse(text);
  } catch {
    return undefined;
  }
}

/** Values of one type in Go's order; strings that are quantities by amount. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [quantity(a), quantity(b)];
    if (x && y) return x.compare(y);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  throw new CommandError(`unsortable type: ${typeof a}`);
}

/** `items` in the order of a field of their objects; those without it come first (get's --sort-by). */
export function sortByField<T>(items: T[], objectOf: (item: T) => unknown, find: FindValues, field: string): T[] {
  const keyed = items.map((item) => ({ item, key: find(objectOf(item))[0] }));
  if (items.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new CommandError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`);
  }
  const order = (a: unknown, b: unknown) =>
    a === undefined ? (b === undefined ? 0 : -1) : b === undefined ? 1 : compare(a, b);
  return keyed.sort((a, b) => order(a.key, b.key)).map(({ item }) => item);
}
