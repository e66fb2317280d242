import { compareStrings } from '../../../base/go-json.ts';
import { goValue } from '../../../base/go-quote.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';
import { type PatchField, type PatchSchema, strategyOf } from './strategic-merge.ts';
import { distinct, holdMaps } from './strategic-order.ts';

const DIRECTIVES = ['$patch', '$retainKeys'];

const UNKNOWN: PatchField = { strategies: [], mergeKey: '' };

/** Whether two strategic merge patches of one document change anything in different ways (strategicpatch.MergingMapsHaveConflicts). */
export function patchesConflict(left: JsonObject, right: JsonObject, schema: PatchSchema | undefined): boolean {
  return Object.entries(left).some(([key, value]) => {
    if (DIRECTIVES.includes(key) || !Object.hasOwn(right, key)) return false;
    return valuesConflict(value, right[key], schema?.field(key) ?? UNKNOWN);
  });
}

function valuesConflict(left: unknown, right: unknown, field: PatchField): boolean {
  if (Array.isArray(left)) return !Array.isArray(right) || listsConflict(left, right, field);
  if (!isObject(left)) return !equal(left, right);
  if (!isObject(right) || left.$patch !== right.$patch) return true;
  return strategyOf(field) !== 'replace' && patchesConflict(left, right, field.schema);
}

const scalars = (list: unknown[]): unknown[] =>
  distinct([...list].sort((a, b) => compareStrings(goValue(a), goValue(b))));

function listsConflict(left: unknown[], right: unknown[], { strategies, mergeKey, schema }: PatchField): boolean {
  const maps = holdMaps(left, right);
  const element: PatchField = { ...UNKNOWN, ...(schema && { schema }) };
  if (strategyOf({ strategies, mergeKey }) === 'merge') {
    // Of merged lists only elements that both have can be in each other's way.
    if (!maps) return false;
    const byKey = new Map((right as JsonObject[]).map((item) => [item[mergeKey], item]));
    return (left as JsonObject[]).some((item) => {
      const other = byKey.get(item[mergeKey]);
      return other !== undefined && valuesConflict(item, other, element);
    });
  }
  if (left.length !== right.length) return true;
  const [ours, theirs] = maps ? [left, right] : [scalars(left), scalars(right)];
  return ours.some((item, index) => valuesConflict(item, theirs[index], element));
}
