import { compareStrings, goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { ApiError } from '../../request.ts';
import { groupVersion } from '../../schema/registry.ts';
import type { ResourceRequest } from '../../world.ts';
import { equal, isObject, type JsonObject } from '../patch/json-value.ts';
import { compare, fieldsOf } from './compare.ts';
import { difference, type Fields, intersection, isEmpty, paths, union, withNamedFields, without } from './fields.ts';
import { isSameManager, type Manager, readManagers } from './managers.ts';
import { merge, removeItems } from './merge.ts';
import { type Shape, shapeOf } from './shape.ts';
import { newManager, resetFields, trackUpdate, withManagers, withoutUnowned } from './track.ts';
import { typedProblem } from './typed.ts';

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

/** What conflicts are ordered by (BuildManagerIdentifier). */
const identity = ({ manager, operation, apiVersion, subresource }: Manager): string =>
  goJson({ manager, operation, ...(operation === 'Update' && { apiVersion }), ...(subresource && { subresource }) });

/** The 409 that says which fields others own. */
function applyConflict(conflicts: Conflict[]): ApiError {
  const ordered = [...conflicts].sort((a, b) => compareStrings(identity(a.manager), identity(b.manager)));
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

/** What client-side apply said last and still holds: server-side apply by kubectl may take these fields from anybody. */
function lastApplied({ resource }: ResourceRequest, shape: Shape, live: KubeObject): Fields {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (!text) return {};
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return {};
  }
  const version = groupVersion(resource.group, resource.version);
  if (!isObject(config) || config.apiVersion !== version || typedProblem(shape, config) !== undefined) return {};
  const { changed, removed } = compare(shape, config, withoutManagedFields(live));
  return difference(fieldsOf(shape, config), union(changed, removed));
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
  const problem = typedProblem(shape, config);
  if (problem !== undefined)
    throw new ApiError(500, '', `failed to create typed patch object (${configurationName(config)}): ${problem}`);
  const reset = resetFields(request);
  const before = trackedBefore(request, live);
  const plainLive = withoutManagedFields(live);
  const applied = without(fieldsOf(shape, config), reset);
  const own = newManager(request, request.manager, 'Apply', withoutUnowned(applied));
  const last = before.find((manager) => isSameManager(manager, own));
  const others = before.filter((manager) => manager !== last);
  const owned = others.reduce((all, { fields }) => union(all, fields), applied);
  const merged = merge(shape, plainLive, config);
  const result = withMetadata(last ? prune(shape, merged, last.fields, owned) : merged);
  const { changed, removed } = compare(shape, plainLive, result);
  const taken = without(changed, reset);
  if (!force) refuseConflicts(request, shape, live, others, taken);
  const gone = union(taken, without(removed, reset));
  const kept = others
    .map((manager) => ({ ...manager, fields: difference(manager.fields, gone) }))
    .filter(({ fields }) => !isEmpty(fields));
  // An apply that changes nothing has no time of its own.
  const time = equal(plainLive, result) ? (last?.time ?? '') : own.time;
  const managers = isEmpty(own.fields) ? kept : [...kept, { ...own, time }];
  return withLastApplied(request, withManagers(result as unknown as KubeObject, managers), config);
}

/** Every object has metadata, even if nothing is left in it. */
function withMetadata(value: unknown): JsonObject {
  const object = isObject(value) ? value : {};
  return isObject(object.metadata) ? object : { ...object, metadata: {} };
}

/** How errors call a configuration: `default/web; apps/v1, Kind=Deployment` */
export function configurationName({ apiVersion = '', kind = '', metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isObject(metadata) ? metadata : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const version = text(apiVersion);
  return `${text(namespace)}/${text(name)}; ${version.includes('/') ? version : `/${version}`}, Kind=${text(kind)}`;
}

function refuseConflicts(
  request: ResourceRequest,
  shape: Shape,
  live: KubeObject,
  others: Manager[],
  taken: Fields,
): void {
  const owned = (fields: Fields): Conflict[] =>
    others
      .map((manager) => ({ manager, fields: intersection(manager.fields, fields) }))
      .filter((conflict) => !isEmpty(conflict.fields));
  if (owned(taken).length === 0) return;
  const allowed = request.manager === KUBECTL ? lastApplied(request, shape, live) : {};
  const conflicts = owned(difference(taken, allowed));
  if (conflicts.length > 0) throw applyConflict(conflicts);
}

/**
 * merge.Updater.prune: takes out of a merged value what its manager applied last time, unless somebody owns it, or it holds what
 * this manager never applied.
 */
function prune(shape: Shape, merged: unknown, last: Fields, owned: Fields): unknown {
  const named = (fields: Fields) => withNamedFields(fields, shape);
  const all = named(fieldsOf(shape, merged));
  const bare = removeItems(shape, merged, named(last));
  const held = union(named(fieldsOf(shape, bare)), named(owned));
  const withOwned = removeItems(shape, merged, difference(all, held));
  const lost = difference(all, named(fieldsOf(shape, withOwned)));
  return removeItems(shape, merged, intersection(lost, named(last)));
}

/** kubectl's server-side apply keeps the annotation of its client-side apply up to date, where there is one. */
function withLastApplied({ manager }: ResourceRequest, object: KubeObject, config: JsonObject): KubeObject {
  if (manager !== KUBECTL || !object.metadata.annotations?.[LAST_APPLIED]) return object;
  const { annotations, ...metadata } = withMetadata(config).metadata as KubeObject['metadata'];
  const { [LAST_APPLIED]: _, ...others } = annotations ?? {};
  const said = { ...config, metadata: { ...metadata, ...(annotations && { annotations: others }) } };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...object.metadata.annotations,
        [LAST_APPLIED]: `${goJson(said, { sortKeys: true })}\n`,
      },
    },
  };
}

/** The managers of the live object; what was never tracked belongs to `before-first-apply`. */
function trackedBefore(request: ResourceRequest, live: KubeObject): Manager[] {
  const known = readManagers(live.metadata.managedFields);
  if (known.length > 0 || !live.metadata.uid) return known;
  return readManagers(trackUpdate(request, undefined, live, 'before-first-apply').metadata.managedFields);
}
