import { isObject, type JsonObject } from '../patch/json-value.ts';
import { type Fields, isMember } from './fields.ts';
import { itemElement, type ListShape, resolve, type Shape } from './shape.ts';

/** typed.TypedValue.Merge: what is configured over what is live. */
export function merge(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null) return config;
  const own = resolve(shape, config === null ? live : config);
  if (own.kind === 'scalar') return config;
  // A null says nothing of a list or map that holds something.
  if (config === null) return Object.keys(live as object).length > 0 ? live : null;
  if (own.kind === 'list') return Array.isArray(live) && Array.isArray(config) ? mergeList(own, live, config) : config;
  if (!isObject(live) || !isObject(config)) return config;
  const result: JsonObject = { ...live };
  for (const [key, value] of Object.entries(config)) result[key] = merge(own.field(key), live[key], value);
  return result;
}

/** Configured items in their order; items that only the live list has stay where they are, before the next that both have. */
function mergeList(shape: ListShape, live: unknown[], config: unknown[]): unknown[] {
  const name = (item: unknown) => itemElement(shape, item);
  const left = live.map(name);
  const right = config.map(name);
  const wanted = new Map(right.map((key, index) => [key, config[index]]));
  // An item that the live list has twice is no base for anything.
  const known = (key: string) => left.indexOf(key) === left.lastIndexOf(key);
  const shared = right.filter((key) => left.includes(key));
  const merged = new Set<string>();
  const result: unknown[] = [];
  const take = (key: string) => {
    merged.add(key);
    result.push(merge(shape.item, known(key) ? live[left.indexOf(key)] : undefined, wanted.get(key)));
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [mine, theirs] = [left[l], right[r]];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(theirs);
        l++;
        r++;
        shared.shift();
        continue;
      }
      if (wanted.has(mine) && shared[0] !== undefined && shared[0] !== mine) {
        l++;
        continue;
      }
    }
    if (mine !== undefined && !wanted.has(mine)) {
      result.push(live[l]);
      l++;
      continue;
    }
    if (mine !== undefined && merged.has(mine)) l++;
    if (theirs !== undefined) {
      take(theirs);
      r++;
      if (shared[0] === theirs) shared.shift();
    }
  }
  return result;
}

/** typed.TypedValue.RemoveItems: the value without the members of a set; what is emptied by that is null. */
export function removeItems(shape: Shape, value: unknown, fields: Fields): unknown {
  const own = resolve(shape, value);
  if (own.kind === 'scalar') return own.whole ? null : value;
  /** What is left of a part; undefined when it goes as a whole. */
  const rest = (name: string, part: unknown, below: Shape): unknown => {
    const node = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!node) return part;
    return isMember(node) ? undefined : removeItems(below, part, node);
  };
  if (own.kind === 'list') {
    if (!Array.isArray(value)) return null;
    const kept = value
      .map((item: unknown) => rest(itemElement(own, item), item, own.item))
      .filter((item) => item !== undefined);
    return kept.length > 0 ? kept : null;
  }
  if (!isObject(value)) return null;
  const result: JsonObject = {};
  for (const [key, part] of Object.entries(value)) {
    const left = rest(`f:${key}`, part, own.field(key));
    if (left !== undefined) result[key] = left;
  }
  return Object.keys(result).length > 0 ? result : null;
}
