import { goValue } from '../../../base/go-quote.ts';
import { type GoType, goType } from '../../schema/types.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';
import {
  asList,
  distinct,
  holdMaps,
  indexOfKey,
  isSameType,
  keyOf,
  noMergeKey,
  StrategicMergeError,
  woven,
} from './strategic-order.ts';

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

const ORDER = '$setElementOrder';
const DELETE_FROM = '$deleteFromPrimitiveList';
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

export const strategyOf = ({ strategies }: PatchField): string => strategies.find((one) => one !== 'retainKeys') ?? '';

/** `apply`: a patch changes a document. `join`: a patch is added to another, and directives stay what they are. */
type Mode = 'apply' | 'join';

/** The document after the patch; neither is changed. Throws StrategicMergeError. */
export const strategicMergePatch = (original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject =>
  mergeMap(original, structuredClone(patch), schema, 'apply');

/** The same, but the patch loses what has been read of it, as error messages show it afterwards. */
export const consumeStrategicPatch = (original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject =>
  mergeMap(original, patch, schema, 'apply');

/** Two patches of one document as one; neither is changed. */
export const joinStrategicPatches = (first: JsonObject, second: JsonObject, schema: PatchSchema): JsonObject =>
  mergeMap(first, structuredClone(second), schema, 'join');

function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema | undefined, mode: Mode): JsonObject {
  const directive = patch[PATCH];
  if (directive === 'delete') return {};
  if (directive === 'replace') {
    delete patch[PATCH];
    return patch;
  }
  if (directive !== undefined)
    throw new StrategicMergeError(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`);
  const result: JsonObject = { ...original };
  retain(result, patch, mode);
  for (const key of Object.keys(patch)) if (key.startsWith(ORDER)) mergeInOrder(result, patch, key, schema, mode);
  for (const [key, value] of Object.entries(patch)) {
    const deletes = key.startsWith(DELETE_FROM);
    if (deletes && mode === 'join') result[key] = value;
    else if (deletes) mergeMember(result, listNamed(key, DELETE_FROM, 'primitive list'), value, schema, mode, true);
    else mergeMember(result, key, value, schema, mode, false);
  }
  return result;
}

/** The name of the list that `$directive/name` is about. */
function listNamed(key: string, prefix: string, what: string): string {
  if (!key.startsWith(`${prefix}/`)) throw new StrategicMergeError(`invalid patch format of ${what}`);
  return key.slice(prefix.length + 1);
}

function mergeMember(
  result: JsonObject,
  key: string,
  value: unknown,
  schema: PatchSchema | undefined,
  mode: Mode,
  deletes: boolean,
): void {
  if (value === null) {
    delete result[key];
    if (mode === 'apply') return;
  }
  const before = result[key];
  const field = schema?.field(key) ?? NO_FIELD;
  if (before === undefined || !isSameType(before, value)) {
    if (deletes) return;
    if (mode === 'apply') dropNulls(value);
    const plain = withoutDirectives(value);
    if (plain === undefined) delete result[key];
    else result[key] = plain;
  } else if (isObject(value))
    result[key] = strategyOf(field) === 'replace' ? value : mergeMap(before as JsonObject, value, field.schema, mode);
  else if (Array.isArray(value)) result[key] = mergeListField(before as unknown[], value, field, mode, deletes);
  else result[key] = value;
}

const mergeListField = (before: unknown[], patch: unknown[], field: PatchField, mode: Mode, deletes = false) =>
  deletes || strategyOf(field) === 'merge' ? mergeList(before, patch, field, mode, deletes) : patch;

/** Takes members that are null out of a patch, at any depth. */
function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (inner === null) delete value[key];
      else dropNulls(inner);
    }
  }
}

/** A value without the maps that are directives; undefined when it is one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (value[PATCH] !== undefined) return undefined;
  for (const key of Object.keys(value)) {
    const plain = withoutDirectives(value[key]);
    if (plain === undefined) delete value[key];
    else value[key] = plain;
  }
  return value;
}

/** `$retainKeys` names every key that may stay. */
function retain(result: JsonObject, patch: JsonObject, mode: Mode): void {
  const keep = patch[RETAIN];
  if (keep === undefined) return;
  delete patch[RETAIN];
  if (mode === 'join') {
    const before = result[RETAIN];
    if (before !== undefined && !equal(before, keep))
      throw new StrategicMergeError(
        `${goValue(before)} and ${goValue(keep)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    result[RETAIN] = keep;
    return;
  }
  const isKept = (key: string) => Array.isArray(keep) && keep.includes(key);
  const named = Object.keys(patch).filter(
    (key) => patch[key] !== null && !key.startsWith(DELETE_FROM) && !key.startsWith(ORDER),
  );
  if (!Array.isArray(keep) || !named.every(isKept)) throw new StrategicMergeError('invalid patch format of retainKeys');
  for (const key of Object.keys(result)) if (!isKept(key)) delete result[key];
}

/** `$setElementOrder/name`, and with it what the patch says of that list. */
function mergeInOrder(
  result: JsonObject,
  patch: JsonObject,
  key: string,
  schema: PatchSchema | undefined,
  mode: Mode,
): void {
  const given = patch[key];
  if (mode === 'join') {
    if (result[key] !== undefined && !equal(result[key], given))
      throw new StrategicMergeError('invalid patch format of setElementOrder list');
    result[key] = given;
  }
  delete patch[key];
  const order = asList(given);
  const name = listNamed(key, ORDER, 'setElementOrder list');
  const before = result[name] === undefined ? undefined : asList(result[name]);
  const changes = patch[name] === undefined ? undefined : asList(patch[name]);
  const field = schema?.field(name) ?? NO_FIELD;
  checkOrder(changes ?? [], order, field.mergeKey);
  let merged: unknown[];
  if (before && changes) merged = mergeListField(before, changes, field, mode);
  else if (changes) merged = withoutDirectives(changes) as unknown[];
  else if (before) merged = before;
  else return;
  result[name] = woven(merged, order, before ?? [], field.mergeKey, holdMaps(before ?? [], changes ?? []));
  delete patch[name];
}

/** What the patch says of a list must come in the order that the list shall have. */
function checkOrder(changes: unknown[], order: unknown[], mergeKey: string): void {
  if (changes.length === 0 || order.length === 0) return;
  const id = (item: unknown) => (mergeKey === '' ? item : keyOf(item, mergeKey));
  const items = mergeKey === '' ? changes : changes.filter((item) => (item as JsonObject)?.[PATCH] !== 'delete');
  let at = 0;
  for (const place of order) {
    while (at < items.length && isObject(items[at]) && (items[at] as JsonObject)[PATCH] !== undefined) at++;
    if (at < items.length && id(items[at]) === id(place)) at++;
  }
  if (at < items.length)
    throw new StrategicMergeError(
      `The order in patch list:\n${goValue(changes)}\n doesn't match ${ORDER} list:\n${goValue(order)}\n`,
    );
}

function mergeList(before: unknown[], patch: unknown[], field: PatchField, mode: Mode, deletes: boolean): unknown[] {
  if (before.length === 0 && patch.length === 0) return before;
  const { mergeKey } = field;
  if (!holdMaps(before, patch)) {
    if (deletes && mode === 'apply') return before.filter((item) => !patch.includes(item));
    return woven(distinct([...before, ...patch]), patch, before, mergeKey, false);
  }
  if (mergeKey === '') throw new StrategicMergeError('cannot merge lists without merge key for struct');
  const { live, changes } = withoutSpecialItems(before, patch as JsonObject[], mergeKey);
  const merged = [...live];
  for (const item of changes) {
    const at = indexOfKey(merged, mergeKey, keyOf(item, mergeKey));
    if (at < 0) merged.push(item);
    else merged[at] = mergeMap(merged[at] as JsonObject, item, field.schema, mode);
  }
  return woven(merged, changes, merged.slice(0, live.length), mergeKey, true);
}

/** A list after the items of its patch that are directives, and the patch without them. */
function withoutSpecialItems(
  before: unknown[],
  patch: JsonObject[],
  mergeKey: string,
): { live: unknown[]; changes: JsonObject[] } {
  let live = before;
  let replaces = false;
  const changes: JsonObject[] = [];
  for (const item of patch) {
    const directive = item[PATCH];
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') {
      if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
      live = live.filter((other) => (other as JsonObject)[mergeKey] !== item[mergeKey]);
    } else if (directive === 'replace') replaces = true;
    else if (directive === 'merge') throw new StrategicMergeError('merging lists cannot yet be specified in the patch');
    else throw new StrategicMergeError(`unknown patch type: ${goValue(directive)} in map: ${goValue(item)}`);
  }
  return replaces ? { live: changes, changes: [] } : { live, changes };
}
