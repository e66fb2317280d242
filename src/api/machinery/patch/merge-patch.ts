import { compareStrings } from '../../../base/go-json.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';

/** RFC 7386 as evanphx/json-patch 4 understands it: null deletes, objects merge, anything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  // A list that takes the place of an object keeps the nulls of its items, any other loses them.
  if (!isObject(patch)) return isObject(target) ? patch : withoutNulls(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return sorted(result);
}

const withoutNulls = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((item) => (isObject(item) ? mergePatch({}, item) : withoutNulls(item))) : value;

/** What a patch has touched is a map in Go, and written with its keys sorted. */
const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => compareStrings(a, b)));

/** The merge patch that turns `original` into `modified`. */
export function createMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const [key, value] of Object.entries(modified)) {
    const before = original[key];
    if (!Object.hasOwn(original, key)) patch[key] = value;
    else if (isObject(before) && isObject(value)) {
      const inner = createMergePatch(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!equal(before, value)) patch[key] = value;
  }
  for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) patch[key] = null;
  return patch;
}

const keep = (patch: JsonObject, wanted: (value: unknown) => boolean): JsonObject => {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(patch)) {
    const inner = isObject(value) ? keep(value, wanted) : value;
    if (
      isObject(inner)
        ? Object.keys(inner).length > 0 || (isObject(value) && Object.keys(value).length === 0 && wanted(value))
        : wanted(inner)
    )
      result[key] = inner;
  }
  return result;
};

/** jsonmergepatch.CreateThreeWayJSONMergePatch: additions and changes against `current`, deletions against `original`. */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const changes = keep(createMergePatch(current, modified), (value) => value !== null);
  const deletions = keep(createMergePatch(original, modified), (value) => value === null);
  return mergeKeepingNulls(changes, deletions);
}

function mergeKeepingNulls(target: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    result[key] = isObject(value) && isObject(before) ? mergeKeepingNulls(before, value) : value;
  }
  return result;
}
