import { isObject, type JsonObject } from '../patch/json-value.ts';
import { type Fields, isEmpty } from './fields.ts';
import { itemElement, type ListShape, resolve, type Shape } from './shape.ts';

/** typed.TypedValue.Merge: what is configured over what is live. */
export function merge(shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null) return config;
  const own = resolve(shape, config);
  if (own.kind === 'scalar') return config;
  if (own.kind === 'list') return Array.isArray(live) && Array.isArray(config) ? mergeList(own, live, config) : config;
  if (!isObject(live) || !isObject(config)) return config;
  const result: JsonObject = { ...live };
  for (const [key, value] of Object.entries(config)) result[key] = merge(own.field(key), live[key], value);
  return result;
}

/** Configured items in their order; items that only the live list has stay where they are, before the next that both have. */
function mergeList(shape: ListShape, live: unknown[], config: unknown[]): unknown[] {
  const name = (item: unknown) => itemElement(shape, item);
  const before = new Map(live.map((item) => [name(item), item]));
  const wanted = new Map(config.map((item) => [name(item), item]));
  const shared = [...wanted.keys()].filter((key) => before.has(key));
  const result: unknown[] = [];
  const left = [...before.keys()];
  const right = [...wanted.keys()];
  let nextShared = shared.shift();
  const both = (key: string) => {
    result.push(merge(shape.item, before.get(key), wanted.get(key)));
    if (key === nextShared) nextShared = shared.shift();
  };
  while (left.length > 0 || right.length > 0) {
    const [l, r] = [left[0], right[0]];
    if (l !== undefined && r !== undefined && l === r) {
      both(r);
      left.shift();
      right.shift();
    } else if (l !== undefined && wanted.has(l) && (r === undefined || l !== nextShared)) left.shift();
    else if (l !== undefined && !wanted.has(l)) {
      result.push(before.get(l));
      left.shift();
    } else if (r !== undefined) {
      both(r);
      right.shift();
    } else left.shift();
  }
  return result;
}

/** Takes out of a merged value what its manager applied last time, applies no longer, and nobody else owns. */
export function prune(shape: Shape, value: unknown, last: Fields, owned: Fields): unknown {
  const own = resolve(shape, value);
  if (own.kind === 'scalar') return value;
  if (own.kind === 'list') {
    if (!Array.isArray(value)) return value;
    const kept = value.flatMap((item: unknown) => {
      const name = itemElement(own, item);
      const [applied, held] = [last[name], owned[name]];
      if (applied === undefined) return [item];
      return held === undefined ? [] : [prune(own.item, item, applied, held)];
    });
    return kept.length > 0 || value.length === 0 ? kept : undefined;
  }
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  let cut = false;
  for (const [key, part] of Object.entries(value)) {
    const [applied, held] = [last[`f:${key}`], owned[`f:${key}`]];
    if (applied === undefined) result[key] = part;
    else if (held !== undefined || !isEmpty(withoutSelf(applied))) {
      const rest = prune(own.field(key), part, applied, held ?? {});
      if (held === undefined && (!isObject(rest) || own.keyed)) cut = true;
      else if (rest !== undefined) result[key] = rest;
      else cut = true;
    } else cut = true;
  }
  return cut && Object.keys(result).length === 0 ? undefined : result;
}

const withoutSelf = ({ '.': _, ...rest }: Fields): Fields => rest;
