import { goValue } from '../../../base/go-quote.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** Why a strategic merge patch cannot be made or applied; `message` is apimachinery's. */
export class StrategicMergeError extends Error {}

const MAP = 'map[string]interface {}';
const LIST = '[]interface {}';

/** What Go calls the type of a value that came as JSON. */
function goTypeName(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return LIST;
  if (isObject(value)) return MAP;
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'string';
}

export const isSameType = (a: unknown, b: unknown): boolean => goTypeName(a) === goTypeName(b);

const notOfType = (expected: string, value: unknown) =>
  new StrategicMergeError(`expected a ${expected}, but received a ${goTypeName(value)}`);

export const noMergeKey = (item: unknown, mergeKey: string) =>
  new StrategicMergeError(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);

export function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw notOfType(LIST, value);
}

function asMap(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw notOfType(MAP, value);
}

/** The value of an item's merge key. */
export function keyOf(item: unknown, mergeKey: string): unknown {
  const map = asMap(item);
  if (map[mergeKey] === undefined) throw noMergeKey(map, mergeKey);
  return map[mergeKey];
}

/** Whether the lists hold maps; all their elements must be of one type. */
export function holdMaps(...lists: unknown[][]): boolean {
  const all = lists.flat(1);
  const [first] = all;
  if (all.length === 0) throw new StrategicMergeError('no elements in any of the given slices');
  if (Array.isArray(first)) throw new StrategicMergeError('lists of lists are not supported');
  if (!all.every((item) => isSameType(item, first)))
    throw new StrategicMergeError(`list element types are not identical: ${goValue(lists)}`);
  return isObject(first);
}

/** Where the item of a key stands in a list of maps; -1 when it does not. */
export const indexOfKey = (list: unknown[], mergeKey: string, key: unknown): number =>
  list.findIndex((item, index) => {
    if (!isObject(item)) throw new StrategicMergeError(`value for key ${index} is not a map`);
    return item[mergeKey] === key;
  });

/** Drops values that are there already; the last one takes the place of each. */
export function distinct(values: unknown[]): unknown[] {
  const list = [...values];
  for (let i = 0; i < list.length - 1; i++) {
    for (let j = i + 1; j < list.length; j++) {
      if (list[i] !== list[j]) continue;
      const last = list.pop();
      if (j < list.length) list[j] = last;
      j--;
    }
  }
  return list;
}

/** What an element is found by: its merge key in a list of maps, itself in a list of plain values. */
const lookup = (mergeKey: string, ofMaps: boolean) => (item: unknown) =>
  ofMaps ? (isObject(item) ? item[mergeKey] : null) : item;

const isDeletion = (item: unknown) => asMap(item).$patch === 'delete';

/** `items` in the order that `order` has; deletions of maps come last. */
export function sortedLike(items: unknown[], order: unknown[], mergeKey: string, ofMaps: boolean): unknown[] {
  if (ofMaps) for (const item of [...items, ...order]) keyOf(item, mergeKey);
  const id = lookup(mergeKey, ofMaps);
  const places = new Map<unknown, number>();
  for (const [index, item] of order.entries()) if (!places.has(id(item))) places.set(id(item), index);
  const kept = ofMaps ? items.filter((item) => !isDeletion(item)) : [...items];
  // An insertion sort, as Go's: what has no place goes before everything.
  const isLess = (a: unknown, b: unknown) => {
    const [x, y] = [places.get(id(a)), places.get(id(b))];
    return x === undefined || y === undefined || x < y;
  };
  for (let i = 1; i < kept.length; i++)
    for (let j = i; j > 0 && isLess(kept[j], kept[j - 1]); j--) [kept[j], kept[j - 1]] = [kept[j - 1], kept[j]];
  return ofMaps ? [...kept, ...items.filter(isDeletion)] : kept;
}

/**
 * A merged list in order: what `order` names stands in its order, the rest as in `live`, and the two are woven so that elements
 * which `live` holds both keep their order there where that is possible.
 */
export function woven(
  merged: unknown[],
  order: unknown[],
  live: unknown[],
  mergeKey: string,
  ofMaps: boolean,
): unknown[] {
  const named =
    mergeKey === ''
      ? (item: unknown) => order.includes(item)
      : (item: unknown) => indexOfKey(order, mergeKey, keyOf(item, mergeKey)) >= 0;
  const fromPatch = sortedLike(merged.filter(named), order, mergeKey, ofMaps);
  const others = sortedLike(
    merged.filter((item) => !named(item)),
    live,
    mergeKey,
    ofMaps,
  );
  const id = lookup(mergeKey, ofMaps);
  const place = (item: unknown) => live.findIndex((other) => id(other) === id(item));
  const result: unknown[] = [];
  while (others.length > 0 && fromPatch.length > 0) {
    const [left, right] = [place(others[0]), place(fromPatch[0])];
    result.push(left >= 0 && right >= 0 && left < right ? others.shift() : fromPatch.shift());
  }
  return [...result, ...others, ...fromPatch];
}
