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

/** A part of a value, and what it is; a list may hold several of one name. */
interface ValuePart {
  values: unknown[];
  shape: Shape;
}

/** The value's parts by the element that names each. */
function partsOf(shape: MapShape | ListShape, value: unknown): Map<string, ValuePart> {
  const parts = new Map<string, ValuePart>();
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return parts;
    for (const item of value) {
      const name = itemElement(shape, item);
      const part = parts.get(name);
      if (part) part.values.push(item);
      else parts.set(name, { values: [item], shape: shape.item });
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] !== undefined) parts.set(`f:${key}`, { values: [value[key]], shape: shape.field(key) });
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
    const part = compareNamed(
      (right.get(name) ?? left.get(name))!.shape,
      left.get(name)?.values,
      right.get(name)?.values,
    );
    if (part.changed) changed[name] = part.changed;
    if (part.removed) removed[name] = part.removed;
  }
  return { changed: node(before === undefined, changed), removed: node(after === undefined, removed) };
}

/** Parts of one name: several are compared as one. */
function compareNamed(shape: Shape, before: unknown[] = [], after: unknown[] = []): Part {
  const [wasSeveral, isSeveral] = [before.length > 1, after.length > 1];
  if (wasSeveral && isSeveral) return equal(before, after) ? {} : { changed: LEAF };
  if (wasSeveral) return { ...(after.length > 0 && compareParts(shape, undefined, after[0])), removed: LEAF };
  if (isSeveral) return { ...(before.length > 0 && compareParts(shape, before[0], undefined)), changed: LEAF };
  return compareParts(shape, before[0], after[0]);
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
  for (const [name, { values, shape: below }] of partsOf(own, value)) {
    const [part] = values;
    const inner = values.length > 1 ? LEAF : partFields(below, part);
    const isEmptyMap = part === null || (isObject(part) && Object.keys(part).length === 0);
    const isNamed = own.kind === 'list' || isEmptyMap || !own.has(name.slice(2));
    const child = inner && Object.keys(inner).length === 0 ? inner : node(isNamed, inner ?? {});
    if (child) children[name] = child;
  }
  return Object.keys(children).length === 0 ? undefined : children;
}
