import { equal, isObject, type JsonObject } from './json-value.ts';
import type { PatchField, PatchSchema } from './strategic-merge.ts';

/** Which differences a pass looks at: additions and changes, or deletions. */
type Pass = 'changes' | 'deletions' | 'both';

const hasKey = (value: unknown, key: string): value is JsonObject => isObject(value) && Object.hasOwn(value, key);

/** The strategic merge patch that turns `original` into `modified` (strategicpatch.CreateTwoWayMergePatch). */
export const createTwoWayStrategicPatch = (
  original: JsonObject,
  modified: JsonObject,
  schema: PatchSchema,
): JsonObject => diffMaps(original, modified, schema, 'both', false);

/**
 * The patch that `kubectl apply` sends (strategicpatch.CreateThreeWayMergePatch): what `modified` adds or changes against
 * `current`, and what it deletes against `original`, the configuration that was applied last.
 */
export function createThreeWayStrategicPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  schema: PatchSchema,
): JsonObject {
  const changes = diffMaps(current, modified, schema, 'changes', false);
  const deletions = diffMaps(original, modified, schema, 'deletions', false);
  return joinPatches(deletions, changes, schema);
}

function diffMaps(
  original: JsonObject,
  modified: JsonObject,
  schema: PatchSchema | undefined,
  pass: Pass,
  retainKeys: boolean,
): JsonObject {
  const patch: JsonObject = {};
  for (const [key, after] of Object.entries(modified)) {
    const before = original[key];
    const field = schema?.field(key);
    if (!Object.hasOwn(original, key)) {
      if (pass !== 'deletions') patch[key] = after;
    } else if (isObject(before) && isObject(after) && !field?.strategies.includes('replace')) {
      const inner = diffMaps(before, after, field?.schema, pass, field?.strategies.includes('retainKeys') ?? false);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (Array.isArray(before) && Array.isArray(after) && field?.strategies.includes('merge')) {
      diffLists(patch, key, before, after, field, pass);
    } else if (pass !== 'deletions' && !equal(before, after)) {
      patch[key] = after;
    }
  }
  if (pass !== 'changes') {
    for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) patch[key] = null;
  }
  if (retainKeys && Object.keys(patch).length > 0) patch.$retainKeys = Object.keys(modified).sort();
  return patch;
}

/** Adds to `patch` how a merged list changes: its elements, deletions and the order of all. */
function diffLists(
  patch: JsonObject,
  key: string,
  before: unknown[],
  after: unknown[],
  field: PatchField,
  pass: Pass,
): void {
  if (before.length === 0) {
    if (after.length > 0 && pass !== 'deletions') patch[key] = after;
    return;
  }
  const ofMaps = isObject(before[0] ?? after[0]);
  if (ofMaps) diffMapLists(patch, key, before, after, field, pass);
  else diffScalarLists(patch, key, before, after, pass);
}

function diffMapLists(
  patch: JsonObject,
  key: string,
  before: unknown[],
  after: unknown[],
  { mergeKey, schema, strategies }: PatchField,
  pass: Pass,
): void {
  const byKey = (list: unknown[], id: unknown) =>
    list.find((item) => hasKey(item, mergeKey) && equal(item[mergeKey], id));
  const elements: unknown[] = [];
  for (const item of after) {
    const id = (item as JsonObject)[mergeKey];
    const old = byKey(before, id);
    if (!old) {
      if (pass !== 'deletions') elements.push(item);
      continue;
    }
    const inner = diffMaps(old as JsonObject, item as JsonObject, schema, pass, strategies.includes('retainKeys'));
    if (Object.keys(inner).length > 0) elements.push({ ...inner, [mergeKey]: id });
  }
  if (pass !== 'changes') {
    for (const item of before) {
      const id = (item as JsonObject)[mergeKey];
      if (!byKey(after, id)) elements.push({ $patch: 'delete', [mergeKey]: id });
    }
  }
  if (elements.length > 0) patch[key] = elements;
  const ids = (list: unknown[]) => list.map((item) => (item as JsonObject)[mergeKey]);
  const kept = ids(after).filter((id) => byKey(before, id));
  const reordered = !equal(
    kept,
    ids(before).filter((id) => byKey(after, id)),
  );
  if (elements.length > 0 || (reordered && pass !== 'deletions')) {
    patch[`$setElementOrder/${key}`] = ids(after).map((id) => ({ [mergeKey]: id }));
  }
}

function diffScalarLists(patch: JsonObject, key: string, before: unknown[], after: unknown[], pass: Pass): void {
  const added = pass === 'deletions' ? [] : after.filter((item) => !before.includes(item));
  const deleted = pass === 'changes' ? [] : before.filter((item) => !after.includes(item));
  if (added.length > 0) patch[key] = added;
  if (deleted.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = deleted;
  const reordered = pass !== 'deletions' && !equal(before, after) && added.length === 0;
  if (added.length > 0 || deleted.length > 0 || (reordered && pass === 'both')) {
    patch[`$setElementOrder/${key}`] = after;
  }
}

/** Two patches of one document as one: lists of elements join by their merge key, directives stand beside each other. */
function joinPatches(first: JsonObject, second: JsonObject, schema: PatchSchema | undefined): JsonObject {
  const joined = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = joined[key];
    const field = schema?.field(key);
    if (isObject(before) && isObject(value)) joined[key] = joinPatches(before, value, field?.schema);
    else if (Array.isArray(before) && Array.isArray(value) && field?.strategies.includes('merge')) {
      joined[key] = joinLists(before, value, field);
    } else joined[key] = value;
  }
  return joined;
}

function joinLists(first: unknown[], second: unknown[], { mergeKey, schema }: PatchField): unknown[] {
  if (!isObject(second[0])) return [...new Set([...second, ...first])];
  const idOf = (item: unknown) => (item as JsonObject)[mergeKey];
  const merged = second.map((item) => {
    const other = first.find((each) => equal(idOf(each), idOf(item)));
    return other ? joinPatches(other as JsonObject, item as JsonObject, schema) : item;
  });
  return [...merged, ...first.filter((item) => !second.some((each) => equal(idOf(each), idOf(item))))];
}
