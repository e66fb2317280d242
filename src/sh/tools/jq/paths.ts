import { brief, isObject, JqError, type Json, type JsonObject, typeOf } from './values.ts';

export type Path = Json[];

const isSlice = (key: Json): key is { start: Json; end: Json } => isObject(key) && 'start' in key && 'end' in key;

/** Where a slice of so many items begins and ends. */
function bounds({ start, end }: { start: Json; end: Json }, length: number): [number, number] {
  if ((start !== null && typeof start !== 'number') || (end !== null && typeof end !== 'number'))
    throw new JqError('Start and end indices of an array slice must be numbers');
  const place = (at: number) => Math.max(0, Math.min(length, at < 0 ? at + length : at));
  const from = place(Math.floor(start ?? 0));
  return [from, Math.max(from, place(Math.ceil(end ?? length)))];
}

/** Where a list stands in another. */
function positions(list: Json[], wanted: Json[]): Json[] {
  if (wanted.length === 0) return [];
  return list.flatMap((_, i) =>
    wanted.every((item, n) => i + n < list.length && JSON.stringify(list[i + n]) === JSON.stringify(item)) ? [i] : [],
  );
}

const named = (key: Json): string => (typeof key === 'string' ? `string ${JSON.stringify(key)}` : typeOf(key));

/** `.[key]` */
export function getKey(value: Json, key: Json): Json {
  if (isSlice(key)) {
    if (value === null) return null;
    if (typeof value === 'string') {
      const points = [...value];
      return points.slice(...bounds(key, points.length)).join('');
    }
    if (Array.isArray(value)) return value.slice(...bounds(key, value.length));
  }
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key]! : null;
  if (Array.isArray(value) && typeof key === 'number') {
    const at = Math.floor(key);
    return value[at < 0 ? at + value.length : at] ?? null;
  }
  if (Array.isArray(value) && Array.isArray(key)) return positions(value, key);
  if (value === null && (typeof key === 'string' || typeof key === 'number' || key === null || isObject(key)))
    return null;
  throw new JqError(`Cannot index ${typeOf(value)} with ${named(key)}`);
}

/** The same value with another under a key. */
export function setKey(value: Json, key: Json, item: Json): Json {
  if (isSlice(key) && (value === null || Array.isArray(value))) {
    if (!Array.isArray(item)) throw new JqError('A slice of an array can only be assigned another array');
    const list = value ?? [];
    const [from, to] = bounds(key, list.length);
    return [...list.slice(0, from), ...item, ...list.slice(to)];
  }
  if (typeof key === 'string' && (value === null || isObject(value))) return { ...(value as JsonObject), [key]: item };
  if (typeof key === 'number' && (value === null || Array.isArray(value))) {
    const list = [...(value ?? [])];
    const at = key < 0 ? key + list.length : Math.floor(key);
    if (at < 0) throw new JqError('Out of bounds negative array index');
    while (list.length < at) list.push(null);
    list[at] = item;
    return list;
  }
  throw new JqError(`Cannot index ${typeOf(value)} with ${named(key)}`);
}

export const getPath = (value: Json, path: Path): Json =>
  path.reduce<Json>((found, key) => (found === null ? null : getKey(found, key)), value);

export function setPath(value: Json, path: Path, item: Json): Json {
  if (path.length === 0) return item;
  const [key, ...rest] = path as [Json, ...Json[]];
  return setKey(value, key, setPath(getKey(value, key), rest, item));
}

function deleteKey(value: Json, key: Json): Json {
  if (value === null) return null;
  if (isObject(value) && typeof key === 'string') {
    const { [key]: _, ...rest } = value;
    return rest;
  }
  if (Array.isArray(value) && typeof key === 'number') {
    const at = key < 0 ? key + value.length : key;
    return value.filter((_, i) => i !== at);
  }
  if (Array.isArray(value) && isSlice(key)) {
    const [from, to] = bounds(key, value.length);
    return value.filter((_, i) => i < from || i >= to);
  }
  throw new JqError(`Cannot delete field at ${typeof key === 'string' ? 'object' : 'array'} index of ${typeOf(value)}`);
}

/** Without what a path leads to. */
export function deletePath(value: Json, path: Path): Json {
  if (path.length === 0) return null;
  const [key, ...rest] = path as [Json, ...Json[]];
  if (rest.length === 0) return deleteKey(value, key);
  const inner = getKey(value, key);
  return inner === null ? value : setKey(value, key, deletePath(inner, rest));
}

/** What a value holds, each with its key. */
export function itemsOf(value: Json): [key: Json, item: Json][] {
  if (Array.isArray(value)) return value.map((item, i) => [i, item]);
  if (isObject(value)) return Object.entries(value);
  throw new JqError(`Cannot iterate over ${typeOf(value)} (${brief(value)})`);
}
