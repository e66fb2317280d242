import { formatTime } from '../../../base/time.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { groupVersion } from '../../schema/registry.ts';
import { isRegistered, splitVersion } from '../../schema/scheme.ts';
import type { ResourceRequest } from '../../world.ts';
import { canonical, typeOf } from '../body.ts';
import { isObject, type JsonObject } from '../patch/json-value.ts';
import { compare } from './compare.ts';
import { difference, type Fields, isEmpty, sorted, union, without } from './fields.ts';
import { givenManagers, isSameManager, type Manager, readManagers, writeManagers } from './managers.ts';
import { shapeOf } from './shape.ts';

/** What nobody owns: the server's own part of the metadata. */
const UNOWNED: Fields = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
};

/** Fields that a request of this subresource does not change, whatever it says (GetResetFields). */
export function resetFields({ world, resource, subresource }: ResourceRequest): Fields {
  const own = world.strategy(resource).resetFields?.[subresource];
  if (own) return own;
  if (subresource === 'status') return OF_STATUS;
  return subresource === '' && resource.subresources.has('status') ? OF_SPEC : NOTHING;
}

const OF_STATUS: Fields = { 'f:spec': {} };
const OF_SPEC: Fields = { 'f:status': {} };
const NOTHING: Fields = {};

export const withoutUnowned = (fields: Fields): Fields => difference(fields, UNOWNED);

/** An object of the resource with nothing set: what a create is compared with. */
function emptyObject({ resource }: ResourceRequest): JsonObject {
  if (resource.custom) return { metadata: {} };
  const type = typeOf(resource);
  let empty = EMPTY.get(type);
  if (!empty) {
    empty = canonical(resource, { kind: resource.kind, apiVersion: '', metadata: {} }) as unknown as JsonObject;
    EMPTY.set(type, empty);
  }
  return empty;
}

/** Empty objects by type: each create is compared with one. */
const EMPTY = new Map<string, JsonObject>();

const isReset = (object: KubeObject): boolean => {
  const entries = object.metadata.managedFields;
  if (!entries || entries.length > 1) return false;
  return entries.every((entry) => isObject(entry) && Object.keys(entry).length === 0);
};

/** A canonical object in which lists and maps that Go writes always are empty instead of null, where the draft has them so. */
function withEmpties<T>(value: T, draft: unknown): T {
  if (value === null && typeof draft === 'object' && draft !== null) return draft as T;
  if (Array.isArray(value)) return value.map((item, i) => withEmpties(item, (draft as unknown[])[i])) as T;
  if (!isObject(value) || !isObject(draft)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withEmpties(part, draft[key])])) as T;
}

/** The draft as its client gave it, with the managedFields that `track` gives its canonical form. */
export function tracked(
  request: ResourceRequest,
  draft: KubeObject,
  track: (canonical: KubeObject) => KubeObject,
): KubeObject {
  // What the cluster's own programs hand in is canonical.
  if (request.trusted && request.verb !== 'patch') return track(draft);
  if (request.subresource === '' && request.verb !== 'create' && isReset(draft)) return withManagers(draft, []);
  const { managedFields } = track(withEmpties(canonical(request.resource, draft), draft)).metadata;
  const { managedFields: _, ...metadata } = draft.metadata;
  return { ...draft, metadata: { ...metadata, ...(managedFields && { managedFields }) } };
}

/** The draft with its managedFields brought up to date for an update by `manager`; `live` is absent on creates. */
export function trackUpdate(
  request: ResourceRequest,
  live: KubeObject | undefined,
  draft: KubeObject,
  manager: string,
): KubeObject {
  // Only the object itself says whom it is managed by.
  const given = request.subresource === '' ? draft.metadata.managedFields : undefined;
  const before = managersBefore(request, given, live);
  // What was never tracked is not tracked from some later change on.
  if (live && before.length === 0) return withManagers(draft, []);
  const { changed, removed } = compare(
    shapeOf(request.resource),
    live ? (live as unknown as JsonObject) : emptyObject(request),
    draft as unknown as JsonObject,
  );
  const reset = resetFields(request);
  const own = without(changed, reset);
  const gone = without(removed, reset);
  const lost = union(own, gone);
  const taken = newManager(request, manager, 'Update', withoutUnowned(own));
  const managers: Manager[] = [];
  for (const entry of before) {
    // What is changed by whoever has it already stays theirs.
    const fields = difference(entry.fields, isSameManager(entry, taken) ? gone : lost);
    if (!isEmpty(fields)) managers.push(fields === entry.fields ? entry : { ...entry, fields });
  }
  if (!isEmpty(taken.fields)) claim(managers, taken);
  return withManagers(draft, managers);
}

/** Who has what before a request: as it says, if that can be read, without those of versions that the kind does not have. */
function managersBefore(
  request: ResourceRequest,
  given: KubeObject['metadata']['managedFields'],
  live: KubeObject | undefined,
): Manager[] {
  if (request.trusted && given?.length) return readManagers(given);
  const told = given?.length ? givenManagers(given) : undefined;
  return told?.length
    ? told.filter(({ apiVersion }) => isKnownVersion(request, apiVersion))
    : readManagers(live?.metadata.managedFields);
}

function isKnownVersion({ world, resource }: ResourceRequest, apiVersion: string): boolean {
  const { group, plural, kind, custom } = resource;
  const [ofGroup, version] = splitVersion(apiVersion);
  if (custom) return ofGroup === group && world.registry.find(group, version, plural) !== undefined;
  return isRegistered(group, apiVersion, kind);
}

/** The entry of whoever makes this request. */
export function newManager(
  { world, resource, subresource }: ResourceRequest,
  manager: string,
  operation: Manager['operation'],
  fields: Fields,
): Manager {
  return {
    manager: manager || 'unknown',
    operation,
    apiVersion: groupVersion(resource.group, resource.version),
    time: formatTime(world.now()),
    fields: sorted(fields),
    ...(subresource && { subresource }),
  };
}

/** Adds the fields of an entry to those that its manager already has. */
function claim(managers: Manager[], entry: Manager): void {
  const at = managers.findIndex((other) => isSameManager(other, entry));
  if (at < 0) managers.push(entry);
  else {
    const { fields } = managers[at]!;
    const all = union(fields, entry.fields);
    managers[at] = { ...entry, fields: all === fields ? fields : sorted(all) };
  }
}

export function withManagers(object: KubeObject, managers: Manager[]): KubeObject {
  const managedFields = writeManagers(managers);
  if (object.metadata.managedFields === managedFields) return object;
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The object without the times of its managedFields: a write that changes nothing else is none. */
export function withoutFieldTimes(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata;
  if (!managedFields) return object;
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: managedFields.map(({ time: _, ...rest }) => rest) },
  };
}
