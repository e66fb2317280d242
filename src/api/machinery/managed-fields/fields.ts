import { resolve, type Shape } from './shape.ts';

/**
 * A set of field paths in the form of FieldsV1: an element is `f:name`, `k:{"name":"c"}`, `v:"x"` or `i:0`. A node belongs to
 * the set when it is empty or holds `.`. The root `{}` is the empty set.
 */
export interface Fields {
  [element: string]: Fields;
}

const SELF = '.';
const MEMBER: Fields = {};

/** Elements of fields by name: most are used again and again. */
const fieldElements = new Map<string, string>();
const ELEMENTS_KEPT = 10_000;

/** How a field is called in a set: `f:spec`. */
export function fieldElement(name: string): string {
  let element = fieldElements.get(name);
  if (element === undefined) {
    element = `f:${name}`;
    if (fieldElements.size >= ELEMENTS_KEPT) fieldElements.clear();
    fieldElements.set(name, element);
  }
  return element;
}

const elements = (fields: Fields): string[] => {
  const names = Object.keys(fields);
  return Object.hasOwn(fields, SELF) ? names.filter((name) => name !== SELF) : names;
};
/** Whether the node itself belongs to the set. */
export const isMember = (fields: Fields): boolean => Object.hasOwn(fields, SELF) || isEmpty(fields);

export function isEmpty(fields: Fields | undefined): boolean {
  for (const _ in fields) return false;
  return true;
}

/** A node out of what it holds; undefined when that is nothing. */
export function node(member: boolean, children: Fields): Fields | undefined {
  if (isEmpty(children)) return member ? MEMBER : undefined;
  return member ? { [SELF]: {}, ...children } : children;
}

/** Whether there is an element of both, beside themselves. */
function sharesElement(a: Fields, b: Fields): boolean {
  for (const name in b) if (name !== SELF && a[name]) return true;
  return false;
}

type Combine = (a: Fields | undefined, b: Fields | undefined) => Fields | undefined;

/** `a` itself where `b` adds nothing. */
function unite(a: Fields | undefined, b: Fields | undefined): Fields | undefined {
  if (!a || !b || a === b) return a ?? b;
  const member = isMember(a) || isMember(b);
  const children: Fields = {};
  let changed = member !== isMember(a);
  for (const name of elements(a)) {
    const child = unite(a[name], b[name])!;
    if (child !== a[name]) changed = true;
    children[name] = child;
  }
  for (const name of elements(b)) {
    if (children[name]) continue;
    children[name] = b[name]!;
    changed = true;
  }
  return changed ? node(member, children) : a;
}

function intersect(a: Fields | undefined, b: Fields | undefined): Fields | undefined {
  if (!a || !b || a === b) return a && b;
  const children: Fields = {};
  for (const name of elements(a)) {
    const child = intersect(a[name], b[name]);
    if (child) children[name] = child;
  }
  return node(isMember(a) && isMember(b), children);
}

/** Sets are roots: a root is never a member of itself. */
const root =
  (work: Combine): ((a: Fields, b: Fields) => Fields) =>
  (a, b) => {
    const result = work(isEmpty(a) ? undefined : a, isEmpty(b) ? undefined : b);
    return result && !isEmpty(result) ? result : {};
  };

export const union = root(unite);
export const intersection = root(intersect);

function subtract(a: Fields | undefined, b: Fields | undefined): Fields | undefined {
  if (!a || !b) return a;
  const member = isMember(a) && !isMember(b);
  const children: Fields = {};
  let changed = member !== isMember(a);
  if (!changed && !sharesElement(a, b)) return a;
  for (const name of elements(a)) {
    const child = subtract(a[name], b[name]);
    if (child) children[name] = child;
    if (child !== a[name]) changed = true;
  }
  return changed ? node(member, children) : a;
}

/** Paths of `a` that are not in `b`; `a` itself when there are none in both. */
export const difference = root(subtract);

/** `a` without the paths of `b` and everything below them. */
export function without(a: Fields, b: Fields): Fields {
  if (!sharesElement(a, b)) return a;
  const result: Fields = {};
  for (const name of Object.keys(a)) {
    const cut = b[name];
    if (cut === undefined) result[name] = a[name]!;
    else if (!isMember(cut)) {
      const rest = without(a[name]!, cut);
      if (!isEmpty(rest)) result[name] = rest;
    }
  }
  return result;
}

const RANK: Record<string, number> = { '.': 0, f: 1, k: 2, v: 3, i: 4 };

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The keys of a list's item, by its element: most are read again and again. */
const keysRead = new Map<string, [string, unknown][]>();
const KEYS_KEPT = 1000;

function keysOf(element: string): [string, unknown][] {
  let keys = keysRead.get(element);
  if (!keys) {
    keys = Object.entries(JSON.parse(element.slice(2)) as Record<string, unknown>);
    if (keysRead.size >= KEYS_KEPT) keysRead.clear();
    keysRead.set(element, keys);
  }
  return keys;
}

function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const kind = a[0]!;
  if (kind !== b[0]) return RANK[kind]! - RANK[b[0]!]!;
  if (kind === 'v' || kind === 'i') return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
  if (kind !== 'k') return a < b ? -1 : 1;
  const left = keysOf(a);
  const right = keysOf(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareValues(left[i]![0], right[i]![0]) || compareValues(left[i]![1], right[i]![1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** The set with its elements in the order in which FieldsV1 is written; the same where they are. */
export function sorted(fields: Fields): Fields {
  if (isEmpty(fields)) return fields;
  const names = Object.keys(fields);
  let changed = false;
  for (let i = 1; i < names.length && !changed; i++) changed = compareElements(names[i - 1]!, names[i]!) > 0;
  if (changed) names.sort(compareElements);
  const result: Fields = {};
  for (const name of names) {
    const inner = sorted(fields[name]!);
    if (inner !== fields[name]) changed = true;
    result[name] = inner;
  }
  return changed ? result : fields;
}

/** A value as a path shows it (value.ToString of structured-merge-diff). */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${valueText(inner)}`)
    .join('');
}

/** An element as it stands in a path: `.image`, `[name="c"]`. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'k':
      return `[${Object.entries(JSON.parse(rest) as Record<string, unknown>)
        .map(([key, value]) => `${key}=${valueText(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}

/** Every path of the set as text, `.spec.containers[name="c"].image`: members of a level come before what is below them. */
export function paths(fields: Fields, prefix = ''): string[] {
  const names = elements(fields).sort(compareElements);
  const here = names.filter((name) => isMember(fields[name]!)).map((name) => prefix + elementText(name));
  return [...here, ...names.flatMap((name) => paths(fields[name]!, prefix + elementText(name)))];
}

/** The set with `.` in each node that is the field of a struct, which sets of leaves leave out. */
export function withNamedFields(fields: Fields, shape: Shape | undefined): Fields {
  const result: Fields = {};
  for (const [name, inner] of Object.entries(fields)) {
    if (name === SELF) {
      result[SELF] = inner;
      continue;
    }
    const own = shape && resolve(shape, {});
    const field = own?.kind === 'map' && name.startsWith('f:') ? name.slice(2) : undefined;
    const below =
      field !== undefined && own?.kind === 'map'
        ? own.field(field)
        : own?.kind === 'list' && name.startsWith('k:')
          ? own.item
          : undefined;
    const children = withNamedFields(inner, below);
    const isNamed = field !== undefined && own?.kind === 'map' && own.has(field);
    result[name] = isNamed && !isEmpty(children) ? { [SELF]: {}, ...children } : children;
  }
  return result;
}
