import type { KubeObject } from '../../types/objects.ts';
import { badRequest } from '../errors.ts';
import type { TableView } from '../kinds/index.ts';
import { ApiError } from '../request.ts';
import { groupVersion } from '../schema/registry.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { storageName } from './conversion.ts';
import { type FieldError, forbidden } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { shown } from './persist.ts';
import { matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector, SelectorError } from './selectors.ts';

export interface ObjectList {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: KubeObject[];
}

/** What a list or watch selects: labels, fields, a name. Throws a 400 for a selector that is none. */
export function selection(request: ResourceRequest, view: TableView): (object: KubeObject) => boolean {
  const { query, name, resource } = request;
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  if (labels === '' && fields === '' && name === '') return () => true;
  try {
    const requirements = parseLabelSelector(labels);
    const terms = parseFieldSelector(fields);
    for (const { field } of terms) {
      if (
        field !== 'metadata.name' &&
        !(field === 'metadata.namespace' && resource.namespaced) &&
        !view.selectableFields[field]
      )
        throw new SelectorError(`field label not supported: ${field}`);
    }
    const value = (object: KubeObject) => (field: string) => {
      if (field === 'metadata.name') return object.metadata.name ?? '';
      if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
      return view.selectableFields[field]?.(object) ?? '';
    };
    return (object) =>
      (name === '' || object.metadata.name === name) &&
      matchesLabels(requirements, object.metadata.labels) &&
      matchesFields(terms, value(object));
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function integer(
  text: string | null,
  parse: 'ParseInt' | 'ParseUint',
  wrap = (message: string) => message,
): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^[-+]?[0-9]+$/.test(text))
    throw badRequest(wrap(`strconv.${parse}: parsing ${JSON.stringify(text)}: invalid syntax`));
  return Number(text);
}

/** The query's resourceVersion, if any. */
export const wantedRevision = (query: URLSearchParams): number | undefined =>
  integer(
    query.get('resourceVersion'),
    'ParseUint',
    (message) =>
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(query.get('resourceVersion'))}: ${message}`,
  );

/** validation.ValidateListOptions, with the WatchList feature off. */
export function checkListOptions(query: URLSearchParams, watch: boolean): void {
  const errors: FieldError[] = [];
  const match = query.get('resourceVersionMatch') ?? '';
  const revision = query.get('resourceVersion') ?? '';
  if (query.get('sendInitialEvents') !== null) {
    const kind = watch ? 'watch unless the WatchList feature gate is enabled' : 'list';
    errors.push(forbidden('sendInitialEvents', `sendInitialEvents is forbidden for ${kind}`));
  } else if (match !== '') {
    if (watch) errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch'));
    else if (revision === '')
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    else if ((query.get('continue') ?? '') !== '')
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    else if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push({
        type: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        value: match,
        detail: 'supported values: "Exact", "NotOlderThan", ""',
      });
    else if (match === 'Exact' && revision === '0')
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
  }
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'ListOptions', '', errors);
}

/** storage.EncodeContinue: where the next page begins, relative to the resource's own prefix. */
function encodeContinue(revision: number, start: string): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start });
  return Buffer.from(json).toString('base64url');
}

function decodeContinue(token: string): { revision: number; start: string } {
  const refused = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const bad = token.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0) throw refused(`illegal base64 data at input byte ${bad}`);
  if (token.length % 4 === 1) throw refused(`illegal base64 data at input byte ${token.length - 1}`);
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      v: string;
      rv: number;
      start: string;
    };
    if (v !== 'meta.k8s.io/v1') throw refused(`server does not recognize this encoded version "${v}"`);
    return { revision: rv, start: start.replace(/\0$/, '') };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw refused(`illegal base64 data at input byte ${token.length - (token.length % 4)}`);
  }
}

/** Objects of the request's scope, as its version shows them, unselected. */
export function listObjects(request: ResourceRequest): KubeObject[] {
  const { world, resource, namespace } = request;
  const objects = world.store.list(
    storageName(resource),
    resource.namespaced && namespace !== '' ? namespace : undefined,
  );
  return objects.map((object) => shown(resource, object));
}

/** GET of a collection: a whole list, or a page of it. */
export function list(request: ResourceRequest, view: TableView): Answer {
  const { world, resource, query, namespace } = request;
  checkListOptions(query, false);
  const limit = integer(query.get('limit'), 'ParseInt') ?? 0;
  const wanted = wantedRevision(query) ?? 0;
  let revision = world.store.revision;
  if (wanted > revision)
    throw new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${revision}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  const selected = selection(request, view);
  const token = query.get('continue') ?? '';
  const keyOf = ({ metadata }: KubeObject) =>
    resource.namespaced && namespace === '' ? `${metadata.namespace}/${metadata.name}` : (metadata.name ?? '');
  let items = listObjects(request);
  if (token !== '') {
    const from = decodeContinue(token);
    if (from.revision > 0) revision = from.revision;
    items = items.filter((item) => keyOf(item) > from.start);
  }
  items = items.filter(selected);
  const metadata: ObjectList['metadata'] = { resourceVersion: String(revision) };
  if (limit > 0 && items.length > limit) {
    const page = items.slice(0, limit);
    metadata.continue = encodeContinue(revision, `${keyOf(page.at(-1)!)}\0`);
    const filtered = (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== '';
    if (!filtered) metadata.remainingItemCount = items.length - limit;
    items = page;
  }
  return { status: 200, object: makeList(request, metadata, items) };
}

/** A list of the resource's kind; items of built-in kinds stand without their kind, as Go writes them. */
export function makeList(
  { resource }: ResourceRequest,
  metadata: ObjectList['metadata'],
  items: KubeObject[],
): ObjectList {
  const version = groupVersion(resource.group, resource.version);
  if (resource.custom) return { apiVersion: version, items, kind: resource.custom.listKind, metadata } as ObjectList;
  return { kind: `${resource.kind}List`, apiVersion: version, metadata, items: items.map(withoutKind) };
}

function withoutKind(object: KubeObject): KubeObject {
  const { kind: _, apiVersion: __, ...rest } = object;
  return rest as KubeObject;
}
