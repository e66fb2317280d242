import type { KubeObject } from '../../../types/objects.ts';
import { ApiError } from '../../request.ts';
import type { ResourceRequest } from '../../world.ts';
import { equal, type JsonObject } from '../patch/json-value.ts';
import { compare, fieldsOf } from './compare.ts';
import { difference, type Fields, intersection, isEmpty, paths, union, without } from './fields.ts';
import { isSameManager, type Manager, readManagers } from './managers.ts';
import { merge, prune } from './merge.ts';
import { shapeOf } from './shape.ts';
import { newManager, resetFields, withManagers, withoutUnowned } from './track.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The name under which kubectl applies; it may take over what it applied from the client's side. */
const KUBECTL = 'kubectl';

interface Conflict {
  manager: Manager;
  fields: Fields;
}

const managerText = ({ manager, subresource, operation, apiVersion }: Manager): string =>
  JSON.stringify(manager) +
  (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '') +
  (operation === 'Update' ? ` using ${apiVersion}` : '');

/** The 409 that says which fields others own. */
function applyConflict(conflicts: Conflict[]): ApiError {
  const ordered = [...conflicts].sort((a, b) => (managerText(a.manager) < managerText(b.manager) ? -1 : 1));
  const all = ordered.flatMap(({ manager, fields }) =>
    paths(fields).map((path) => ({ manager: managerText(manager), path })),
  );
  const causes = all.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  const lines = [...new Set(all.map(({ manager }) => manager))].flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...all.filter((one) => one.manager === manager).map(({ path }) => `- ${path}`),
  ]);
  const message =
    all.length === 1
      ? `Apply failed with 1 conflict: conflict with ${all[0]!.manager}: ${all[0]!.path}`
      : `Apply failed with ${all.length} conflicts: ${lines.join('\n')}`;
  return new ApiError(409, 'Conflict', message, { causes });
}

/** What client-side apply said last: server-side apply by kubectl may take these fields from anybody. */
function lastApplied(live: KubeObject, fields: (config: JsonObject) => Fields): Fields {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (!text) return {};
  try {
    return fields(JSON.parse(text) as JsonObject);
  } catch {
    return {};
  }
}

const withoutManagedFields = (object: KubeObject): JsonObject => {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata } as unknown as JsonObject;
};

/**
 * Server-side apply: the live object (an empty one for a create) with the configuration merged in, what the manager no longer
 * applies taken out, and the owners brought up to date. Throws the 409 that names the conflicts, unless `force`.
 */
export function applyConfiguration(
  request: ResourceRequest,
  live: KubeObject,
  config: JsonObject,
  force: boolean,
): KubeObject {
  const shape = shapeOf(request.resource);
  const reset = resetFields(request);
  const before = trackedBefore(request, live);
  const plainLive = withoutManagedFields(live);
  const applied = without(fieldsOf(shape, config), reset);
  const own = newManager(request, request.manager, 'Apply', withoutUnowned(applied));
  const last = before.find((manager) => isSameManager(manager, own));
  const others = before.filter((manager) => manager !== last);
  const owned = others.reduce((all, { fields }) => union(all, fields), applied);
  const merged = merge(shape, plainLive, config);
  const result = (last ? (prune(shape, merged, last.fields, owned) ?? {}) : merged) as JsonObject;
  const { changed, removed } = compare(shape, plainLive, result);
  const lost = without(changed, reset);
  let conflicts = others
    .map((manager) => ({ manager, fields: intersection(manager.fields, lost) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (conflicts.length > 0 && !force) {
    const allowed = request.manager === KUBECTL ? lastApplied(live, (json) => fieldsOf(shape, json)) : {};
    conflicts = conflicts
      .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
      .filter(({ fields }) => !isEmpty(fields));
    if (conflicts.length > 0) throw applyConflict(conflicts);
  }
  const gone = union(lost, without(removed, reset));
  const kept = others
    .map((manager) => ({ ...manager, fields: difference(manager.fields, gone) }))
    .filter(({ fields }) => !isEmpty(fields));
  // An apply that changes nothing leaves its time as it was.
  const unchanged = last && equal(plainLive, result) && equal(last.fields, own.fields);
  const managers = isEmpty(own.fields) ? kept : [...kept, unchanged ? last : own];
  return withManagers(result as unknown as KubeObject, managers);
}

/** The managers of the live object; what was never tracked belongs to `before-first-apply`. */
function trackedBefore(request: ResourceRequest, live: KubeObject): Manager[] {
  const known = readManagers(live.metadata.managedFields);
  if (known.length > 0 || !live.metadata.uid) return known;
  const fields = withoutUnowned(
    without(fieldsOf(shapeOf(request.resource), withoutManagedFields(live)), resetFields(request)),
  );
  return isEmpty(fields) ? [] : [newManager({ ...request, subresource: '' }, 'before-first-apply', 'Update', fields)];
}
