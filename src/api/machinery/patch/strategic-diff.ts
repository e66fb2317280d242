import { compareStrings } from '../../../base/go-json.ts';
import { goValue } from '../../../base/go-quote.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';
import { joinStrategicPatches, type PatchField, type PatchSchema, strategyOf } from './strategic-merge.ts';
import { distinct, holdMaps, isSameType, keyOf, sortedLike } from './strategic-order.ts';

/** Which differences a pass looks at: additions and changes, deletions, both, or both without the order of lists. */
type Pass = 'changes' | 'deletions' | 'both' | 'unordered';

/** The strategic merge patch that turns `original` into `modified` (strategicpatch.CreateTwoWayMergePatch). */
export const createTwoWayStrategicPatch = (
  original: JsonObject,
  modified: JsonObject,
  schema: PatchSchema,
): JsonObject => diffMaps(original, modified, schema, 'both', false);

/**
 * The patch that `kubectl apply` sends (strategicpatch.CreateThreeWayMergePatch): what `modified` adds or changes against
 * `current`, and what it deletes against `original`, the configuration that was applied last. Throws StrategicMergeError.
 */
export function createThreeWayStrategicPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  schema: PatchSchema,
): JsonObject {
  const changes = diffMaps(current, modified, schema, 'changes', false);
  const deletions = diffMaps(original, modified, schema, 'deletions', false);
  return joinStrategicPatches(deletions, changes, schema);
}

/** How a document has changed, as a patch that does not tell the order of lists. */
export const strategicChanges = (original: JsonObject, current: JsonObject, schema: PatchSchema): JsonObject =>
  diffMaps(original, current, schema, 'unordered', false);

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
    const field: PatchField = schema?.field(key) ?? { strategies: [], mergeKey: '' };
    const strategy = strategyOf(field);
    if (before !== undefined && isObject(before) && isObject(after) && strategy !== 'replace') {
      const inner = diffMaps(before, after, field.schema, pass, field.strategies.includes('retainKeys'));
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (Array.isArray(before) && Array.isArray(after) && strategy === 'merge')
      diffLists(patch, key, before, after, field, pass);
    else if (pass !== 'deletions' && (isObject(before) || !isSameType(before, after) || !equal(before, after)))
      patch[key] = after;
  }
  const gone = Object.keys(original).filter((key) => !Object.hasOwn(modified, key));
  if (pass !== 'changes') for (const key of gone) patch[key] = null;
  const retained = Object.keys(modified).filter((key) => modified[key] !== null);
  if (retainKeys && retained.length > 0) {
    const isTold = Object.keys(patch).length > 0 || gone.some((key) => original[key] !== null);
    if (isTold) patch.$retainKeys = retained.sort(compareStrings);
  }
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
  } else if (holdMaps(before, after)) diffMapLists(patch, key, before, after, field, pass);
  else diffScalarLists(patch, key, before, after, pass);
}

const byText = (a: unknown, b: unknown) => compareStrings(goValue(a), goValue(b));

function diffMapLists(
  patch: JsonObject,
  key: string,
  before: unknown[],
  after: unknown[],
  { mergeKey, schema, strategies }: PatchField,
  pass: Pass,
): void {
  const id = (item: unknown) => keyOf(item, mergeKey);
  const sorted = (list: unknown[]) => [...list].sort((a, b) => byText(id(a), id(b))) as JsonObject[];
  const [left, right] = [sorted(before), sorted(after)];
  const changed: JsonObject[] = [];
  const deleted: JsonObject[] = [];
  while (left.length > 0 || right.length > 0) {
    const [old, item] = [left[0], right[0]];
    const order = !old ? 1 : !item ? -1 : byText(id(old), id(item));
    if (order < 0) {
      if (pass !== 'changes') deleted.push({ [mergeKey]: id(old), $patch: 'delete' });
      left.shift();
    } else if (order > 0) {
      if (pass !== 'deletions') changed.push(item!);
      right.shift();
    } else {
      const inner = diffMaps(old!, item!, schema, pass, strategies.includes('retainKeys'));
      if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: id(item) });
      left.shift();
      right.shift();
    }
  }
  const elements = [...sortedLike(changed, after, mergeKey, true), ...deleted];
  if (elements.length > 0) patch[key] = elements;
  if (pass === 'unordered') return;
  const isOrderSame = before.length === after.length && after.every((item, index) => id(item) === id(before[index]));
  if (after.length > 0 && (elements.length > 0 || (pass !== 'deletions' && !isOrderSame)))
    patch[`$setElementOrder/${key}`] = after.map((item) => ({ [mergeKey]: id(item) }));
}

function diffScalarLists(patch: JsonObject, key: string, before: unknown[], after: unknown[], pass: Pass): void {
  const left = [...before].sort(byText);
  const right = [...after].sort(byText);
  const sorted = [...left];
  const added: unknown[] = [];
  const deleted: unknown[] = [];
  while (left.length > 0 || right.length > 0) {
    const order = left.length === 0 ? 1 : right.length === 0 ? -1 : byText(left[0], right[0]);
    if (order < 0) deleted.push(left[0]);
    if (order > 0) added.push(right[0]);
    if (order <= 0) left.shift();
    if (order >= 0) right.shift();
  }
  const changes = pass === 'deletions' ? [] : sortedLike(added, after, '', false);
  const deletions = pass === 'changes' ? [] : distinct(deleted);
  if (changes.length > 0) patch[key] = changes;
  if (deletions.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = deletions;
  if (pass === 'unordered') return;
  // The old list has been sorted by now, as Go does it: one that came in another order is told again.
  const isReordered = pass !== 'deletions' && !equal(sorted, after);
  if (after.length > 0 && (deletions.length > 0 || isReordered)) patch[`$setElementOrder/${key}`] = after;
}
