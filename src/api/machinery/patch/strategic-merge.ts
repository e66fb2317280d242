import { goValue } from '../../../base/go-quote.ts';
import { type GoType, goType } from '../../schema/types.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';

/** Why a strategic merge patch cannot be applied; `message` is apimachinery's. */
export class StrategicMergeError extends Error {}

/** How a type's fields merge: what the patchStrategy and patchMergeKey tags of Go's structs say. */
export interface PatchSchema {
  field(name: string): PatchField;
}

export interface PatchField {
  /** `merge`, `replace`, `retainKeys`; empty: maps merge, lists are replaced. */
  strategies: string[];
  mergeKey: string;
  /** Of the value, or of a list's elements; absent for scalars. */
  schema?: PatchSchema;
}

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const PATCH = '$patch';
const RETAIN = '$retainKeys';

const NO_FIELD: PatchField = { strategies: [], mergeKey: '' };

/** The schema of a built-in type, `apps/v1.Deployment`. */
export const patchSchema = (typeName: string): PatchSchema => schemaOf(goType(typeName))!;

function schemaOf(type: GoType): PatchSchema | undefined {
  switch (type.kind) {
    case 'pointer':
    case 'slice':
      return schemaOf(type.elem);
    case 'map':
      return { field: () => ({ ...NO_FIELD, schema: schemaOf(type.elem) }) };
    case 'struct':
      return {
        field(name) {
          const field = type.struct.byName.get(name);
          if (!field) return NO_FIELD;
          return {
            strategies: field.patchStrategy?.split(',') ?? [],
            mergeKey: field.patchMergeKey ?? '',
            schema: schemaOf(field.type),
          };
        },
      };
    default:
      return undefined;
  }
}

const strategyOf = ({ strategies }: PatchField): string => strategies.find((one) => one !== 'retainKeys') ?? '';

/** The document after the patch; neither is changed. Throws StrategicMergeError. */
export function strategicMergePatch(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  return mergeMap(original, patch, schema);
}

function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema | undefined): JsonObject {
  const directive = patch[PATCH];
  if (directive !== undefined) {
    const rest: JsonObject = { ...patch };
    delete rest[PATCH];
    if (directive === 'replace') return rest;
    if (directive === 'delete') return {};
    if (directive !== 'merge')
      throw new StrategicMergeError(`unknown patch type: ${String(directive)} in map: ${goValue(patch)}`);
    return mergeMap(original, rest, schema);
  }
  const result = retained(original, patch);
  const ordered = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ORDER)) continue;
    const name = key.slice(ORDER.length);
    if (!Array.isArray(order)) throw new StrategicMergeError('invalid patch format of setElementOrder list');
    mergeInOrder(result, name, patch[name], order, schema);
    ordered.add(name);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN || key.startsWith(ORDER) || ordered.has(key)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length);
      const list = result[name];
      if (Array.isArray(list) && Array.isArray(value)) result[name] = list.filter((item) => !value.includes(item));
      continue;
    }
    mergeValue(result, key, value, schema);
  }
  return result;
}

function mergeValue(result: JsonObject, key: string, value: unknown, schema: PatchSchema | undefined): void {
  if (value === null) {
    delete result[key];
    return;
  }
  const before = result[key];
  const field = schema?.field(key) ?? NO_FIELD;
  if (isObject(value) && isObject(before)) {
    result[key] = strategyOf(field) === 'replace' ? value : mergeMap(before, value, field.schema);
  } else if (Array.isArray(value) && Array.isArray(before)) {
    result[key] = strategyOf(field) === 'merge' ? mergeList(before, value, field) : value;
  } else {
    const plain = withoutDirectives(value);
    if (plain !== undefined) result[key] = plain;
  }
}

/** What the patch says of a value that was not there: without its directives and its nulls. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!isObject(value)) return value;
  if (value[PATCH] === 'delete') return undefined;
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || key.startsWith('$')) continue;
    const plain = withoutDirectives(inner);
    if (plain !== undefined) result[key] = plain;
  }
  return result;
}

/** `$retainKeys` names every key that may stay. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keep = patch[RETAIN];
  if (keep === undefined) return { ...original };
  if (!Array.isArray(keep)) throw new StrategicMergeError('invalid patch format of retainKeys');
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keep.includes(key))
      throw new StrategicMergeError("patch content doesn't match retainKeys list");
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.includes(key)));
}

function mergeInOrder(
  result: JsonObject,
  name: string,
  patch: unknown,
  order: unknown[],
  schema: PatchSchema | undefined,
): void {
  const field = schema?.field(name) ?? NO_FIELD;
  const before = result[name];
  let merged: unknown[];
  if (Array.isArray(before) && Array.isArray(patch)) {
    merged = strategyOf(field) === 'merge' ? mergeList(before, patch, field) : patch;
  } else if (Array.isArray(patch)) merged = (withoutDirectives(patch) as unknown[] | undefined) ?? [];
  else if (Array.isArray(before)) merged = before;
  else return;
  result[name] = inOrder(merged, order, Array.isArray(before) ? before : [], field.mergeKey);
}

function mergeList(original: unknown[], patch: unknown[], field: PatchField): unknown[] {
  const maps = [...original, ...patch].some(isObject);
  if (!maps) {
    const merged = [...new Set([...original, ...patch])];
    return inOrder(merged, patch, original, '');
  }
  const { mergeKey, schema } = field;
  if (mergeKey === '') throw new StrategicMergeError('cannot merge lists without merge key');
  const keyOf = (item: unknown): unknown => {
    if (!isObject(item) || item[mergeKey] === undefined)
      throw new StrategicMergeError(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);
    return item[mergeKey];
  };
  let merged = original;
  let additions: unknown[] = [];
  let replaced = false;
  for (const item of patch) {
    const directive = isObject(item) ? item[PATCH] : undefined;
    if (directive === undefined) additions.push(item);
    else if (directive === 'delete') {
      const key = keyOf(item);
      merged = merged.filter((other) => !equal(keyOf(other), key));
    } else if (directive === 'replace') replaced = true;
    else if (directive === 'merge') throw new StrategicMergeError('merging lists cannot yet be specified in the patch');
    else throw new StrategicMergeError(`unknown patch type: ${String(directive)} in map: ${goValue(item)}`);
  }
  if (replaced) return additions.map(withoutDirectives);
  additions = additions.filter((item) => {
    const key = keyOf(item);
    const at = merged.findIndex((other) => equal(keyOf(other), key));
    if (at < 0) return true;
    const next = mergeMap(merged[at] as JsonObject, item as JsonObject, schema);
    merged = merged.map((other, index) => (index === at ? next : other));
    return false;
  });
  merged = [...merged, ...additions.map((item) => withoutDirectives(item))];
  return inOrder(merged, patch, original, mergeKey);
}

/** Items named by `order` stand in its order; the others keep their places relative to those that the original held too. */
function inOrder(merged: unknown[], order: unknown[], original: unknown[], mergeKey: string): unknown[] {
  const keyOf = (item: unknown): unknown => (mergeKey !== '' && isObject(item) ? item[mergeKey] : item);
  const position = (list: unknown[], item: unknown) => list.findIndex((other) => equal(keyOf(other), keyOf(item)));
  const named = merged.filter((item) => position(order, item) >= 0);
  const others = merged.filter((item) => position(order, item) < 0);
  const sortBy = (items: unknown[], list: unknown[]) =>
    items
      .map((item) => ({ item, at: position(list, item) }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  const left = sortBy(others, original);
  const right = sortBy(named, order);
  const result: unknown[] = [];
  while (left.length > 0 && right.length > 0) {
    const l = position(original, left[0]);
    const r = position(original, right[0]);
    result.push(l >= 0 && r >= 0 && l < r ? left.shift() : right.shift());
  }
  return [...result, ...left, ...right];
}
