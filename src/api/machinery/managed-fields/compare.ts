import { equal, isObject, type JsonObject } from '../patch/json-value.ts';
import { type Fields, fieldElement, isEmpty, node } from './fields.ts';
import { itemElement, type ListShape, type MapShape, resolve, type Shape } from './shape.ts';

/** What differs between two values: fields that are new or other, and fields that are gone. */
export interface Comparison {
  changed: Fields;
  removed: Fields;
}

/** What differs in a part of them. */
class Part {
  constructor(
    public changed?: Fields,
    public removed?: Fields,
  ) {}

  /** Takes in what differs below. */
  take(name: string, below: Part): void {
    if (below.changed) {
      this.changed ??= {};
      this.changed[name] = below.changed;
    }
    if (below.removed) {
      this.removed ??= {};
      this.removed[name] = below.removed;
    }
  }
}

const LEAF: Fields = {};
const SAME = new Part();
const CHANGED = new Part(LEAF);
const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && isEmpty(value as Fields));

const leaf = (before: unknown, after: unknown): Part => (equal(before, after) ? SAME : CHANGED);

function compareParts(shape: Shape, before: unknown, after: unknown): Part {
  if (before === undefined) return new Part(whole(shape, after));
  if (after === undefined) return new Part(undefined, whole(shape, before));
  if (before === after) return SAME;
  const own = resolve(shape, after === null ? before : after);
  if (own.kind === 'scalar' || (isBlank(before) && isBlank(after))) return leaf(before, after);
  if (shape.kind === 'deduced' && isObject(before) !== isObject(after)) return leaf(before, after);
  const part = new Part();
  if (own.kind === 'map') compareFields(own, before, after, part);
  else compareItems(own, before, after, part);
  return part;
}

/** A part that is only on one side, with everything in it. */
function whole(shape: Shape, value: unknown): Fields {
  const own = resolve(shape, value);
  if (own.kind === 'scalar' || isBlank(value)) return LEAF;
  const fields: Fields = { '.': LEAF };
  if (own.kind === 'list')
    for (const [name, items] of itemsOf(own, value)) fields[name] = items.length > 1 ? LEAF : whole(own.item, items[0]);
  else if (isObject(value))
    for (const key in value)
      if (value[key] !== undefined) fields[fieldElement(key)] = whole(own.field(key), value[key]);
  return hasMore(fields) ? fields : LEAF;
}

/** Whether a node holds more than itself. */
function hasMore(fields: Fields): boolean {
  for (const name in fields) if (name !== '.') return true;
  return false;
}

function compareFields(shape: MapShape, before: unknown, after: unknown, part: Part): void {
  const left = isObject(before) ? before : undefined;
  const right = isObject(after) ? after : undefined;
  for (const key in left)
    if (left[key] !== undefined && left[key] !== right?.[key])
      part.take(fieldElement(key), compareParts(shape.field(key), left[key], right?.[key]));
  for (const key in right)
    if (right[key] !== undefined && left?.[key] === undefined)
      part.take(fieldElement(key), compareParts(shape.field(key), undefined, right[key]));
}

function compareItems(shape: ListShape, before: unknown, after: unknown, part: Part): void {
  const left = itemsOf(shape, before);
  const right = itemsOf(shape, after);
  for (const [name, items] of left) part.take(name, compareNamed(shape.item, items, right.get(name)));
  for (const [name, items] of right) if (!left.has(name)) part.take(name, compareNamed(shape.item, undefined, items));
}

/** A list's items by the element that names each: there may be several of one name. */
function itemsOf(shape: ListShape, value: unknown): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  if (!Array.isArray(value)) return items;
  for (const item of value) {
    const name = itemElement(shape, item);
    const same = items.get(name);
    if (same) same.push(item);
    else items.set(name, [item]);
  }
  return items;
}

/** Parts of one name: several are compared as one. */
function compareNamed(shape: Shape, before: unknown[] = [], after: unknown[] = []): Part {
  const [wasSeveral, isSeveral] = [before.length > 1, after.length > 1];
  if (wasSeveral && isSeveral) return equal(before, after) ? SAME : CHANGED;
  if (wasSeveral)
    return new Part(after.length > 0 ? compareParts(shape, undefined, after[0]).changed : undefined, LEAF);
  if (isSeveral)
    return new Part(LEAF, before.length > 0 ? compareParts(shape, before[0], undefined).removed : undefined);
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
  const take = (name: string, below: Shape, values: unknown[]) => {
    const [part] = values;
    const inner = values.length > 1 ? LEAF : partFields(below, part);
    const isEmptyMap = part === null || (isObject(part) && Object.keys(part).length === 0);
    const isNamed = own.kind === 'list' || isEmptyMap || !own.has(name.slice(2));
    const child = inner && Object.keys(inner).length === 0 ? inner : node(isNamed, inner ?? {});
    if (child) children[name] = child;
  };
  if (own.kind === 'list') for (const [name, items] of itemsOf(own, value)) take(name, own.item, items);
  else if (isObject(value))
    for (const key of Object.keys(value))
      if (value[key] !== undefined) take(fieldElement(key), own.field(key), [value[key]]);
  return Object.keys(children).length === 0 ? undefined : children;
}
