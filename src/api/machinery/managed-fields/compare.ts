import { equal, isObject, type JsonObject } from '../patch/json-value.ts';
import { type Fields, node } from './fields.ts';
import { itemElement, type ListShape, type MapShape, resolve, type Shape } from './shape.ts';

/** What differs between two values: fields that are new or other, and fields that are gone. */
export interface Comparison {
  changed: Fields;
  removed: Fields;
}

interface Part {
  changed?: Fields;
  removed?: Fields;
}

const LEAF: Fields = {};
const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

function leaf(before: unknown, after: unknown): Part {
  if (before === undefined) return { changed: LEAF };
  if (after === undefined) return { removed: LEAF };
  return equal(before, after) ? {} : { changed: LEAF };
}

/** The value's parts by the element that names each. */
export function partsOf(shape: MapShape | ListShape, value: unknown): Map<string, { value: unknown; shape: Shape }> {
  const parts = new Map<string, { value: unknown; shape: Shape }>();
  if (shape.kind === 'list') {
    if (Array.isArray(value))
      for (const item of value) parts.set(itemElement(shape, item), { value: item, shape: shape.item });
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] !== undefined) parts.set(`f:${key}`, { value: value[key], shape: shape.field(key) });
    }
  }
  return parts;
}

function compareParts(shape: Shape, before: unknown, after: unknown): Part {
  if (before === after && before !== undefined) return {};
  const own = resolve(shape, after === undefined || after === null ? before : after);
  if (own.kind === 'scalar' || (isBlank(before) && isBlank(after))) return leaf(before, after);
  if (shape.kind === 'deduced' && before !== undefined && after !== undefined && isObject(before) !== isObject(after))
    return leaf(before, after);
  const left = partsOf(own, before);
  const right = partsOf(own, after);
  const changed: Fields = {};
  const removed: Fields = {};
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [l, r] = [left.get(name), right.get(name)];
    const part = compareParts((r ?? l)!.shape, l?.value, r?.value);
    if (part.changed) changed[name] = part.changed;
    if (part.removed) removed[name] = part.removed;
  }
  return { changed: node(before === undefined, changed), removed: node(after === undefined, removed) };
}

/** typed.TypedValue.Compare */
export function compare(shape: Shape, before: JsonObject, after: JsonObject): Comparison {
  const { changed = {}, removed = {} } = compareParts(shape, before, after);
  return { changed, removed };
}

/** typed.TypedValue.ToFieldSet: every field that a configuration sets. */
export function fieldsOf(shape: Shape, value: unknown): Fields {
  return partFields(shape, value) ?? {};
}

function partFields(shape: Shape, value: unknown): Fields | undefined {
  const own = resolve(shape, value);
  if (own.kind === 'scalar') return LEAF;
  const children: Fields = {};
  for (const [name, part] of partsOf(own, value)) {
    const inner = partFields(part.shape, part.value);
    const emptyMap = part.value === null || (isObject(part.value) && Object.keys(part.value).length === 0);
    const named = own.kind === 'list' || emptyMap || isMapKey(own);
    const child = inner && Object.keys(inner).length === 0 ? inner : node(named, inner ?? {});
    if (child) children[name] = child;
  }
  return Object.keys(children).length === 0 ? undefined : children;
}

/** Keys of a map are owned for themselves; fields of a struct only through what is in them. */
const isMapKey = (shape: Shape): boolean => shape.kind === 'map' && shape.keyed === true;
