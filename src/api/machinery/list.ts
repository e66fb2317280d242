import type { KubeObject } from '../../types/objects.ts';
import { badRequest, expiredContinue, expiredList } from '../errors.ts';
import type { TableView } from '../kinds/index.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { sortKeys } from './body.ts';
import { compactedRevision } from './compaction.ts';
import { storageName } from './conversion.ts';
import { checkConvertible } from './conversion-webhook.ts';
import { objectsAt } from './history.ts';
import { errorText } from './invalid.ts';
import {
  decodeContinue,
  encodeContinue,
  exactRevision,
  type ListOptions,
  listOptions,
  revisionProblem,
} from './list-options.ts';
import { shown } from './persist.ts';
import { futureRevision, tooLargeRevision } from './revision.ts';
import {
  type FieldTerm,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from './selectors.ts';

export interface ObjectList {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: KubeObject[];
}

type FieldValue = (object: KubeObject) => string;

/** How the value of a selectable field is read (ConvertFieldLabel); throws SelectorError for one that cannot be selected by. */
function fieldValue(field: string, { kind, namespaced, custom }: Resource, view: TableView): FieldValue {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name ?? '';
  const own = Object.keys(view.selectableFields).length > 0;
  if (field === 'metadata.namespace' && (namespaced || !(own || custom)))
    return ({ metadata }) => metadata.namespace ?? '';
  const value = view.selectableFields[field];
  if (value) return value;
  if (kind === 'Job') throw new SelectorError(`field label ${JSON.stringify(field)} not supported for Job`);
  if (own || custom) throw new SelectorError(`field label not supported: ${field}`);
  throw new SelectorError(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** A selector of fields and a name in the path must not contradict each other. */
function checkName(terms: readonly FieldTerm[], name: string): void {
  if (name === '' || terms.length === 0) return;
  const exact = terms.find(({ field, operator }) => field === 'metadata.name' && operator !== '!=');
  if (exact?.value !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
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
    const values = new Map(terms.map(({ field }) => [field, fieldValue(field, resource, view)]));
    checkName(terms, name);
    return (object) =>
      (name === '' || object.metadata.name === name) &&
      matchesLabels(requirements, object.metadata.labels) &&
      matchesFields(terms, (field) => values.get(field)!(object));
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** Selectable fields that every object they select has as a string, and values that JSON writes as they are. */
const VERBATIM = /^(?:metadata|involvedObject)\.(?:name|uid)$/;
const PLAIN = /^[\w.-]+$/;

/** What an object must mention to be selected: most of many objects then need not be parsed. */
function mentionsOf({ query }: ResourceRequest): string[] {
  const terms = parseFieldSelector(query.get('fieldSelector') ?? '');
  return terms
    .filter(({ field, operator, value }) => operator !== '!=' && VERBATIM.test(field) && PLAIN.test(value))
    .map(({ value }) => value);
}

interface Wanted {
  /** As they were then, if that is still known. */
  revision?: number;
  mentions?: string[];
}

/** Objects of the request's scope, as its version shows them, unselected. */
export function listObjects(request: ResourceRequest, { revision, mentions }: Wanted = {}): KubeObject[] | undefined {
  const { world, resource, namespace } = request;
  const scope = resource.namespaced && namespace !== '' ? namespace : undefined;
  const stored = storageName(resource);
  const objects =
    revision === undefined
      ? world.store.list(stored, scope, mentions)
      : objectsAt(world.store, stored, scope, revision);
  return objects?.map((object) => {
    if (!request.trusted) checkConvertible(world, resource, object.apiVersion ?? '', resource.version);
    return shown(resource, object);
  });
}

/** What there is to list, at which revision, after which key; see ObjectStore.list for `mentions`. */
function sourceOf(request: ResourceRequest, options: ListOptions, mentions?: string[]) {
  const { revision: current } = request.world.store;
  const newest = () => listObjects(request, { mentions })!;
  if (options.continue !== '') {
    const { revision, start } = decodeContinue(options.continue);
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    if (revision < 0) return { objects: newest(), revision: current, start };
    const objects = listObjects(request, { revision });
    if (!objects && revision < compactedRevision(request.world))
      throw expiredContinue(encodeContinue({ revision: -1, start }));
    // An earlier process's past is not known: a page of the present is better than none.
    return { objects: objects ?? newest(), revision, start };
  }
  const problem = revisionProblem(options.resourceVersion);
  if (problem) throw badRequest(`invalid resource version: ${errorText(problem)}`);
  const exact = exactRevision(options);
  if (exact === undefined) {
    const wanted = Number(options.resourceVersion);
    if (wanted > current)
      throw request.verb === 'deletecollection' ? futureRevision() : tooLargeRevision(wanted, current);
    return { objects: newest(), revision: current, start: '' };
  }
  if (exact > current) throw futureRevision();
  const objects = listObjects(request, { revision: exact });
  if (!objects && exact < compactedRevision(request.world)) throw expiredList();
  return { objects: objects ?? newest(), revision: exact, start: '' };
}

/** GET of a collection: a whole list, or a page of it. */
export function list(request: ResourceRequest, view: TableView): Answer {
  const { items, metadata } = page(request, view);
  return { status: 200, object: makeList(request, metadata, items) };
}

/** The objects that a request selects, as far as its limit goes, and what is said of them all. */
export function page(
  request: ResourceRequest,
  view: TableView,
): { items: KubeObject[]; metadata: ObjectList['metadata'] } {
  const { resource, query, namespace } = request;
  const options = listOptions(query, false);
  const selected = selection(request, view);
  // Whether a page is the last is told by all objects.
  const mentions = options.continue === '' && options.limit === 0 ? mentionsOf(request) : undefined;
  const { objects, revision, start } = sourceOf(request, options, mentions);
  const keyOf = ({ metadata }: KubeObject) =>
    resource.namespaced && namespace === '' ? `${metadata.namespace}/${metadata.name}` : (metadata.name ?? '');
  const rest = start === '' ? objects : objects.filter((item) => keyOf(item) > start);
  // Who is content with any revision is answered from the cache, which has no pages.
  const limit = options.resourceVersion === '0' && options.continue === '' ? 0 : options.limit;
  const metadata: ObjectList['metadata'] = { resourceVersion: String(revision) };
  const items: KubeObject[] = [];
  for (const [index, item] of rest.entries()) {
    if (!selected(item)) continue;
    items.push(item);
    if (items.length !== limit || index === rest.length - 1) continue;
    metadata.continue = encodeContinue({ revision, start: keyOf(item) });
    const filtered = (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== '';
    if (!filtered) metadata.remainingItemCount = rest.length - limit;
    break;
  }
  return { items, metadata };
}

/** A list of the resource's kind; items of built-in kinds stand without their kind, as Go writes them. */
export function makeList(
  { resource }: ResourceRequest,
  metadata: ObjectList['metadata'],
  items: KubeObject[],
): ObjectList {
  const version = groupVersion(resource.group, resource.version);
  const { custom } = resource;
  // A list that is a map in Go says even that nothing follows.
  const told = sortKeys({ continue: '', ...metadata });
  if (custom) return { apiVersion: version, items, kind: custom.listKind, metadata: told } as ObjectList;
  return { kind: `${resource.kind}List`, apiVersion: version, metadata, items: items.map(withoutKind) };
}

function withoutKind(object: KubeObject): KubeObject {
  const { kind: _, apiVersion: __, ...rest } = object;
  return rest as KubeObject;
}
