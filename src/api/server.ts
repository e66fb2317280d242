import { goJson } from '../base/go-json.ts';
import { isPathSegmentName } from '../base/names.ts';
import type { Random } from '../base/random.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { KubeObject } from '../types/objects.ts';
import { recordRequest } from './audit/recorder.ts';
import { actingUser } from './authentication/impersonation.ts';
import { resourceText } from './authorization/attributes.ts';
import { authorize } from './authorization/index.ts';
import { loadCel } from './cel/index.ts';
import { needsCel } from './cel/needed.ts';
import { type CustomResourceDefinition, DEFINITIONS } from './custom/definition.ts';
import { withCustom } from './custom/registration.ts';
import { customView } from './custom/view.ts';
import { badRequest, forbidden, methodNotAllowed, noResource, notFound } from './errors.ts';
import { loadStrategies, type TableView, viewOf } from './kinds/index.ts';
import type { KindStrategy } from './kinds/kind.ts';
import { isPromised, promisedGroups, serviceUnavailable } from './machinery/aggregator.ts';
import { JSON_TYPE, PLAIN_TYPE, YAML_TYPE } from './machinery/content-types.ts';
import { checkDecryptable } from './machinery/decryption.ts';
import { aggregatedVersion, discovery } from './machinery/discovery.ts';
import { get } from './machinery/get.ts';
import { health, pageNotFound, rootPath } from './machinery/health.ts';
import { list, type ObjectList } from './machinery/list.ts';
import { listOptions } from './machinery/list-options.ts';
import { checkMediaType, inYamlIfAsked, withYamlRead } from './machinery/media-types.ts';
import { includeOf, isPretty, negotiate, prefersYaml, type Representation } from './machinery/negotiate.ts';
import { checkOptions } from './machinery/options.ts';
import { parsePath, type ResourcePath, verbOf } from './machinery/routing.ts';
import { type FieldTerm, parseFieldSelector } from './machinery/selectors.ts';
import { asMetadata, asTable } from './machinery/table.ts';
import { bookmark, watch } from './machinery/watch.ts';
import { API_SERVICES, hasMetrics, METRICS_GROUP, withMetrics } from './metrics/group.ts';
import type { NodeAgent } from './node-agent.ts';
import { ApiError, type ApiRequest, type ApiResponse, PlainFailure, type WatchEvent } from './request.ts';
import { Registry, type Resource, readRegistry } from './schema/registry.ts';
import type { PodConnection } from './subresources/pod-connection.ts';
import { virtualRead } from './virtual/reads.ts';
import { type Answer, type ApiWorld, type ResourceRequest, subjectOf } from './world.ts';

export interface ApiServerOptions {
  store: ObjectStore;
  state: State;
  random: Random;
  /** Cluster time, ms. */
  now(): number;
  nodeAgent?: NodeAgent;
  audit?: ApiWorld['audit'];
  /** `10.96.0.0/12` unless given. */
  serviceCIDR?: string;
  /** Host and port that /api tells clients; `127.0.0.1:6443` unless given. */
  serverAddress?: string;
  /** `v1.33.13` unless given. */
  kubernetesVersion?: string;
}

/** What an API server does, as a function: a request in, a response out. Speaks to nobody but the store and the kubelets. */
export class ApiServer {
  readonly world: ApiWorld;
  private readonly views = new Map<string, TableView>();
  private readonly custom = new Map<string, KindStrategy>();
  private readonly builtIn = readRegistry();
  private ready = false;
  private writes: typeof import('./writes.ts') | undefined;
  private documents: typeof import('./documents.ts') | undefined;

  constructor(options: ApiServerOptions) {
    this.world = {
      serviceCIDR: '10.96.0.0/12',
      serverAddress: '127.0.0.1:6443',
      kubernetesVersion: 'v1.33.13',
      ...options,
      now: () => options.now(),
      registry: new Registry(this.builtIn),
      strategy: (resource) => this.strategy(resource),
    };
    this.serveDefinitions();
    options.store.subscribe(({ resource }) => {
      if (resource === DEFINITIONS || resource === API_SERVICES) this.serveDefinitions();
    });
  }

  /** Brings the custom resources up to date with their definitions. */
  private serveDefinitions(): void {
    const { registry, store } = this.world;
    const own = withCustom(this.builtIn, store.list(DEFINITIONS) as CustomResourceDefinition[]);
    const data = hasMetrics(store) ? withMetrics(own) : own;
    if (data === registry.data) return;
    registry.replace(data);
    this.custom.clear();
  }

  private strategy(resource: Resource): KindStrategy {
    const { strategyFor } = this.writes!;
    if (!resource.custom) return strategyFor(resource);
    const key = `${resource.version}/${resource.name}`;
    let strategy = this.custom.get(key);
    if (!strategy) {
      strategy = strategyFor(resource);
      this.custom.set(key, strategy);
    }
    return strategy;
  }

  /** Loads what writes need; `handle` and the in-process client may be used afterwards. */
  async prepare(): Promise<void> {
    if (!this.ready) {
      await Promise.all([loadStrategies(), this.loadWrites(), this.loadDocuments()]);
      this.ready = true;
    }
    if (needsCel(this.world.store)) await loadCel();
  }

  private async loadWrites() {
    this.writes ??= await import('./writes.ts');
    return this.writes;
  }

  private async loadDocuments(): Promise<void> {
    this.documents ??= await import('./documents.ts');
  }

  /** Answers any request; failures are answers, too. */
  async request(given: ApiRequest): Promise<ApiResponse> {
    const log = this.world.audit?.();
    if (!log) return await this.respondTo(given);
    const received = this.world.now();
    const response = await this.respondTo(given);
    recordRequest(this.world, log, given, received, response);
    return response;
  }

  private async respondTo(given: ApiRequest): Promise<ApiResponse> {
    try {
      const request = await withYamlRead(given);
      const path = parsePath(request.path);
      if (path) {
        const resource = this.world.registry.find(path.group, path.version, path.plural);
        if (resource) await this.loadFor(resource, request, path.subresource);
        if (resource?.subresources.has(path.subresource)) {
          const understood = this.understand(request, resource, path);
          const connect = path.subresource ? (await this.loadWrites()).connectionOf(understood) : undefined;
          if (connect) {
            this.authorized(understood);
            if (!resource.subresources.get(path.subresource)?.verbs.includes(understood.verb)) throw methodNotAllowed();
            checkOptions(understood);
            return await connect(understood);
          }
        }
      } else if (!DISCOVERY.test(request.path)) await this.loadDocuments();
      return await inYamlIfAsked(readable(request, this.handle(request)));
    } catch (error) {
      return failure(error);
    }
  }

  /** Answers a request as `handle` does, and keeps it in the audit log if there is one. */
  answerAtOnce(request: ApiRequest): ApiResponse {
    const response = this.handle(request);
    const log = this.world.audit?.();
    if (log) recordRequest(this.world, log, request, this.world.now(), response);
    return response;
  }

  /** Answers what needs no connection to a node. What the request touches must be loaded: `prepare`, or `request` did it. */
  handle(request: ApiRequest): ApiResponse {
    try {
      return this.answer(request);
    } catch (error) {
      return failure(error);
    }
  }

  /**
   * Delivers the events of a watch (`?watch=true`) until the returned function is called: first what is there or was missed,
   * then each change as it happens. Rejects with ApiError.
   */
  async watch(request: ApiRequest, deliver: (event: WatchEvent) => void): Promise<() => void> {
    const path = parsePath(request.path);
    const resource = path && this.world.registry.find(path.group, path.version, path.plural);
    if (!path || !resource) throw noResource();
    await this.loadFor(resource, request);
    const understood = this.understand(request, resource, path);
    understood.verb = 'watch';
    this.authorized(understood);
    this.recordStream(request);
    const representation = negotiate(request.headers, request.query);
    let first = true;
    return watch(understood, this.view(resource), ({ type, object }) => {
      if (type === 'ERROR') deliver({ type, object });
      else deliver({ type, object: this.dress(understood, object as KubeObject, representation, first) });
      first = false;
    });
  }

  /** What tells a watcher how far it came: one event, or none for what is shown as a table. */
  bookmark(request: ApiRequest): WatchEvent[] {
    const path = parsePath(request.path);
    const resource = path && this.world.registry.find(path.group, path.version, path.plural);
    if (!resource || negotiate(request.headers, request.query).form !== 'object') return [];
    return [bookmark(this.world, resource)];
  }

  /**
   * The pod, container and command that a request for pods/exec, attach or portforward means, checked and authorized; the
   * caller then speaks to the node agent. Throws ApiError.
   */
  async connection(request: ApiRequest): Promise<PodConnection> {
    const path = parsePath(request.path);
    const resource = path && this.world.registry.find(path.group, path.version, path.plural);
    if (!path || !resource?.subresources.has(path.subresource)) throw noResource();
    const understood = this.understand({ ...request, method: 'POST' }, resource, path);
    this.authorized(understood);
    if (needsCel(this.world.store)) await loadCel();
    const { admitConnection, connectOptions, podConnection } = await this.loadWrites();
    admitConnection(understood, connectOptions(understood));
    // Clients of today connect with a web socket, which begins with a GET.
    this.recordStream({ ...request, method: 'GET' });
    return podConnection(understood);
  }

  private recordStream(request: ApiRequest): void {
    const log = this.world.audit?.();
    if (log) recordRequest(this.world, log, request, this.world.now());
  }

  /** Columns and field selectors of a resource, for those that format without a request. */
  async tableView(resource: Resource): Promise<TableView> {
    if (resource.custom) {
      const view = customView(resource);
      this.views.set(resource.name, view);
      return view;
    }
    let view = this.views.get(resource.name);
    if (!view) {
      view = await viewOf(resource.name, this.world.kubernetesVersion);
      this.views.set(resource.name, view);
    }
    return view;
  }

  private async loadFor(resource: Resource, request: ApiRequest, subresource = ''): Promise<void> {
    await this.tableView(resource);
    if (isScale(resource, subresource)) this.views.set(SCALES, await viewOf(SCALES, this.world.kubernetesVersion));
    if (resource.group === METRICS_GROUP && this.world.nodeAgent) this.world.loads = await this.world.nodeAgent.loads();
    if (request.method === 'GET' || request.method === 'HEAD') return;
    await this.prepare();
    if (needsCel(this.world.store, resource)) await loadCel();
  }

  private view(resource: Resource, subresource = ''): TableView {
    const name = isScale(resource, subresource) ? SCALES : resource.name;
    return this.views.get(name) ?? { columns: [], selectableFields: {}, rowConditions: () => undefined };
  }

  private answer(request: ApiRequest): ApiResponse {
    const path = parsePath(request.path);
    if (!path) return this.nonResource(request);
    const resource = this.world.registry.find(path.group, path.version, path.plural);
    if (!resource) return this.unknownResource(request, path);
    const understood = this.understand(request, resource, path);
    this.authorized(understood);
    const { warnings } = understood;
    if (!isServedAt(resource, path)) {
      if (!resource.custom) throw noResource();
      if (isServedAt(resource, { ...path, subresource: '' })) throw notFound(subjectOf(understood), path.name);
      return pageNotFound();
    }
    if (resource.custom) checkCustomMethod(understood);
    else if (request.method === 'HEAD' || !isAllowed(understood)) throw methodNotAllowed();
    const deprecated = DEPRECATED[resource.name] ?? resource.custom?.warning;
    if (deprecated) warnings.push(deprecated);
    try {
      const streams = OF_LISTS.has(understood.verb);
      const representation = negotiate(request.headers, request.query, { streams });
      checkOptions(understood);
      const answer = this.serve(understood);
      const settles = resource.name === DEFINITIONS || resource.custom?.terminating;
      if (settles && request.method !== 'GET') this.writes!.settleDefinitions(understood);
      return this.respond(understood, answer, representation);
    } catch (error) {
      return failure(error, warnings);
    }
  }

  /** What leads nowhere is forbidden first to those who might not have gone there. */
  private unknownResource(request: ApiRequest, path: ResourcePath): ApiResponse {
    const { group, version, namespace, plural, name, subresource } = path;
    const user = actingUser(this.world, request);
    const verb = path.watch ? 'watch' : verbOf(request.method, name, request.query);
    const resource = resourceText(plural, subresource);
    const denied = authorize(this.world, user, { verb, group, resource, namespace, name });
    if (denied !== undefined) throw forbidden({ group, plural }, name, denied);
    if (isPromised(this.world, group, version)) return serviceUnavailable();
    if (!this.world.registry.isBuiltIn(group)) return pageNotFound();
    throw noResource();
  }

  /** Puts a request in the words that everything below uses. */
  private understand(request: ApiRequest, resource: Resource, path: ResourcePath): ResourceRequest {
    return {
      world: this.world,
      user: actingUser(this.world, request),
      resource,
      verb: path.watch ? 'watch' : verbOf(request.method, path.name, request.query),
      namespace: path.namespace,
      name: path.name,
      subresource: path.subresource,
      rest: path.rest,
      query: request.query,
      headers: request.headers,
      body: request.body,
      ...(request.yaml && { yaml: request.yaml }),
      trusted: false,
      dryRun: false,
      fieldValidation: 'Warn',
      manager: '',
      warnings: [],
    };
  }

  private authorized(request: ResourceRequest): void {
    const { user, verb, resource, subresource: sub, namespace, query } = request;
    const { group, plural } = resource;
    const fields = verb === 'list' || verb === 'watch' ? readFields(query.get('fieldSelector')) : [];
    const selected = fields.find(({ field, operator }) => field === 'metadata.name' && operator !== '!=')?.value;
    const name = request.name || (selected && isPathSegmentName(selected).length === 0 ? selected : '');
    const denied = authorize(this.world, user, {
      verb,
      group,
      resource: sub ? `${plural}/${sub}` : plural,
      namespace,
      name,
      fields,
    });
    if (denied !== undefined) throw forbidden({ group, plural }, name, denied);
  }

  /** The work of a verb, on an object or a subresource that is only an object seen otherwise. */
  serve(request: ResourceRequest): Answer {
    if (!request.resource.custom && !isAllowed(request)) throw methodNotAllowed();
    checkMediaType(request);
    checkDecryptable(request);
    const read = this.reader(request);
    return read ? read(request) : this.writes!.act(request, this.view(request.resource));
  }

  /** What answers requests that read; undefined for those that do something. */
  private reader({ verb, resource, subresource }: ResourceRequest): ((request: ResourceRequest) => Answer) | undefined {
    if (subresource === 'scale') return undefined;
    const virtual = virtualRead(resource.name);
    if (virtual) return virtual;
    if (verb === 'get') return get;
    if (verb === 'list') return (request) => list(request, this.view(resource));
    return verb === 'watch' ? (request) => this.backlog(request) : undefined;
  }

  /** A watch answered at once: what is there, and no more. */
  private backlog(request: ResourceRequest): Answer {
    const { headers, query, resource } = request;
    const representation = negotiate(headers, query);
    const lines: string[] = [];
    const write = (type: string, object: unknown) => lines.push(`${JSON.stringify({ type, object })}\n`);
    const stop = watch(request, this.view(resource), ({ type, object }) =>
      write(
        type,
        type === 'ERROR' ? object : this.dress(request, object as KubeObject, representation, lines.length === 0),
      ),
    );
    stop();
    const { allowWatchBookmarks, timeoutSeconds } = listOptions(query, true);
    if (allowWatchBookmarks && timeoutSeconds > BOOKMARK_BEFORE_END)
      write('BOOKMARK', bookmark(this.world, resource).object);
    return { status: 200, object: lines.join('') };
  }

  /** An object or list in the form that the client wants; columns are told with the first event of a watch alone. */
  private dress(
    { resource, subresource, query }: ResourceRequest,
    object: KubeObject | ObjectList,
    { form, metaVersion }: Representation,
    columns = true,
  ): unknown {
    if (form === 'object') return object;
    const view = this.view(resource, subresource);
    if (form !== 'table') return asMetadata(object, view, form, metaVersion);
    return asTable(object, view, { include: includeOf(query), metaVersion, now: this.world.now(), columns });
  }

  private respond(understood: ResourceRequest, answer: Answer, representation: Representation): ApiResponse {
    const { status, object } = answer;
    const { warnings } = understood;
    const { mediaType } = representation;
    if (typeof object === 'string') return { status, contentType: JSON_TYPE, warnings, body: object };
    const plain = (object as { kind?: string }).kind === 'Status';
    const body = plain ? object : this.dress(understood, object as KubeObject, representation);
    if (representation.pretty && mediaType === JSON_TYPE)
      return { status, contentType: mediaType, warnings, body: goJson(body, { indent: '  ' }) };
    return { status, contentType: mediaType, warnings, body };
  }

  private nonResource(request: ApiRequest): ApiResponse {
    const { path, query, method } = request;
    const user = actingUser(this.world, request);
    const verb = method.toLowerCase();
    const denied = authorize(this.world, user, { verb, path });
    if (denied !== undefined) throw forbidden({ group: '', plural: '' }, '', denied);
    const routed =
      this.discovery(request) ??
      this.documents?.schemas(this.world, request) ??
      rootPath(path, this.world.kubernetesVersion);
    if (routed && method !== 'GET') throw methodNotAllowed();
    if (routed) return routed;
    const [, group = '', version = ''] = /^\/apis\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
    if (isPromised(this.world, group, version)) return serviceUnavailable();
    if (/^\/api\/./.test(path) || (group && this.world.registry.isBuiltIn(group))) throw noResource();
    return health(path, query) ?? this.documents?.reports(this.world, request) ?? pageNotFound();
  }

  private discovery({ path, headers, query }: ApiRequest): ApiResponse | undefined {
    const found = discovery(this.world, path, headers.accept, () => promisedGroups(this.world));
    if (!found || aggregatedVersion(headers.accept)) return found;
    const { mediaType } = negotiate(headers, query, { streams: false, forms: false });
    return mediaType === YAML_TYPE ? { ...found, contentType: mediaType } : found;
  }
}

/** Where clients find out what there is. */
const DISCOVERY = /^\/apis?(\/|$)/;

/** Whether a resource is found at such a path: namespaced ones by name in a namespace alone, the others in none. */
function isServedAt(
  { namespaced, plural, subresources }: Resource,
  { namespace, name, subresource, rest }: ResourcePath,
): boolean {
  if (subresource && !subresources.has(subresource)) return false;
  if (rest !== '' && subresource !== 'proxy') return false;
  return namespaced ? namespace !== '' || name === '' : namespace === '' || plural === 'namespaces';
}

/** Scales have columns of their own, but those of custom resources. */
const SCALES = 'scales.autoscaling';
const isScale = (resource: Resource, subresource: string): boolean => subresource === 'scale' && !resource.custom;

/** A watch that ends is told how far it came this long before, s. */
const BOOKMARK_BEFORE_END = 2;

/** Verbs whose answers may be streamed. */
const OF_LISTS = new Set(['list', 'watch']);

/** Verbs of a collection: they name no object. */
const OF_COLLECTIONS = new Set(['list', 'watch', 'create', 'deletecollection']);

/** Whether there is a route for the verb. */
function isAllowed({ verb, resource, subresource: sub, name }: ResourceRequest): boolean {
  const verbs = sub ? (resource.subresources.get(sub)?.verbs ?? []) : resource.verbs;
  return verbs.includes(verb) && (sub !== '' || (name === '') === OF_COLLECTIONS.has(verb));
}

/** Custom resources have one handler for all methods: refuses those that it does not know, and what lacks a name. */
function checkCustomMethod({ verb, resource, subresource, name }: ResourceRequest): void {
  const { group, plural } = resource;
  const verbs = subresource ? (resource.subresources.get(subresource)?.verbs ?? []) : resource.verbs;
  if (!verbs.includes(verb)) {
    const message = `${verb} is not supported on resources of kind ${JSON.stringify(resource.name)}`;
    throw new ApiError(405, 'MethodNotAllowed', message, { group, kind: plural });
  }
  if (name === '' && (verb === 'update' || verb === 'patch')) throw badRequest('name must be provided');
}

/** What every request for a resource on its way out is warned of. */
const DEPRECATED: Record<string, string> = {
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** The terms of a field selector; none for what is no selector. */
function readFields(text: string | null): FieldTerm[] {
  try {
    return parseFieldSelector(text ?? '');
  } catch {
    return [];
  }
}

/** A failure as its Status. What is no ApiError is a fault of ours, told as the real server tells its own. */
function failure(error: unknown, warnings: string[] = []): ApiResponse {
  if (error instanceof PlainFailure)
    return { status: error.code, contentType: PLAIN_TYPE, warnings, body: error.message };
  const told =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${(error as Error).message}`, {
          causes: [{ message: (error as Error).message }],
        });
  return { status: told.code, contentType: JSON_TYPE, warnings, body: told.toStatus() };
}

/** The answer with indentation, if it is for people; a failure in YAML to who reads that. */
function readable({ query, headers }: ApiRequest, response: ApiResponse): ApiResponse {
  if (typeof response.body === 'string' || response.contentType !== JSON_TYPE) return response;
  if (response.status >= 400 && prefersYaml(headers.accept)) return { ...response, contentType: YAML_TYPE };
  if (!isPretty(query, headers)) return response;
  return { ...response, body: goJson(response.body, { indent: '  ' }) };
}
