import { type PatchSchema, patchSchema } from '../../api/machinery/patch/strategic-merge.ts';
import { typeNameOf } from '../../api/schema/types.ts';
import { isMap } from './field-specs.ts';
import { parseApiVersion } from './identity.ts';
import type { OwnSchema } from './openapi.ts';
import type { Manifest } from './resource.ts';

type Map = Record<string, unknown>;

const DIRECTIVE = '$patch';
const REMOVED = Symbol('removed');

function schemaFor(object: Manifest, own: OwnSchema | undefined): PatchSchema | undefined {
  const { apiVersion, kind = '' } = object;
  // kustomize knows no other schema then.
  if (own) return own(object);
  try {
    const { group, version } = parseApiVersion(apiVersion);
    return patchSchema(typeNameOf(group, version, kind));
  } catch {
    return undefined;
  }
}

/** A value of the patch that goes in as it is: nulls and directives are no content. */
function content(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isMap(item) || item[DIRECTIVE] !== 'delete').map(content);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(([key, item]) => key !== DIRECTIVE && item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, content(item)]));
}

function mergeMap(target: Map, patch: Map, schema: PatchSchema | undefined): unknown {
  if (patch[DIRECTIVE] === 'delete') return REMOVED;
  if (patch[DIRECTIVE] === 'replace') return content(patch);
  if (patch[DIRECTIVE] !== undefined && patch[DIRECTIVE] !== 'merge') {
    throw new Error(`unknown patch strategy '${String(patch[DIRECTIVE])}'`);
  }
  const result: Map = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE) continue;
    const field = schema?.field(key);
    const merged = mergeValue(
      result[key],
      value,
      field?.schema,
      field?.strategies.includes('merge') ? field.mergeKey : undefined,
    );
    if (merged === REMOVED) delete result[key];
    else result[key] = merged;
  }
  return result;
}

/** `mergeKey` is undefined for lists that are replaced, empty for lists of plain values that are merged. */
function mergeValue(target: unknown, patch: unknown, schema: PatchSchema | undefined, mergeKey?: string): unknown {
  if (patch === null) return REMOVED;
  if (isMap(patch))
    return isMap(target) ? mergeMap(target, patch, schema) : patch[DIRECTIVE] === 'delete' ? REMOVED : content(patch);
  if (!Array.isArray(patch)) return patch;
  if (!Array.isArray(target) || mergeKey === undefined) return content(patch);
  if (mergeKey === '') return [...new Set([...patch, ...target])];
  return mergeList(target as unknown[], patch as unknown[], schema, mergeKey);
}

/** The patch's items come first, in its order, merged with those that they change; the others follow. */
function mergeList(target: unknown[], patch: unknown[], schema: PatchSchema | undefined, mergeKey: string): unknown[] {
  const changes = patch.filter(isMap);
  if (changes.some((item) => item[DIRECTIVE] === 'replace')) {
    return content(changes.filter((item) => item[DIRECTIVE] !== 'replace')) as unknown[];
  }
  const sameItem = (a: unknown, b: Map) => isMap(a) && a[mergeKey] === b[mergeKey];
  const changed = changes.flatMap((change) => {
    const old = target.find((item) => sameItem(item, change)) as Map | undefined;
    if (!old) return change[DIRECTIVE] === 'delete' ? [] : [content(change)];
    const merged = mergeMap(old, change, schema);
    return merged === REMOVED ? [] : [merged];
  });
  return [...changed, ...target.filter((item) => !changes.some((change) => sameItem(item, change)))];
}

/** A strategic merge patch as kyaml applies it; undefined when it deletes the object. */
export function strategicMerge(target: Manifest, patch: Manifest, own?: OwnSchema): Manifest | undefined {
  const merged = mergeMap(target, patch, schemaFor(target, own));
  return merged === REMOVED ? undefined : (merged as Manifest);
}
