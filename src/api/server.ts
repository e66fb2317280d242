import type { Random } from '../base/random.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { KubeObject } from '../types/objects.ts';
import { actingUser } from './authentication/impersonation.ts';
import { authorize } from './authorization/index.ts';
import { settleDefinitions } from './custom/controller.ts';
import { type CustomResourceDefinition, DEFINITIONS } from './custom/definition.ts';
import { definitionStrategy } from './custom/definition-strategy.ts';
import { withCustom } from './custom/registration.ts';
import { customStrategy } from './custom/strategy.ts';
import { customView } from './custom/view.ts';
import { forbidden, methodNotAllowed, noResource, notAcceptable } from './errors.ts';
import { loadStrategies, strategyOf, type TableView, viewOf } from './kinds/index.ts';
import type { KindStrategy } from './kinds/kind.ts';
import { create } from './machinery/create.ts';
import { remove } from './machinery/delete.ts';
import { deleteCollection } from './machinery/delete-collection.ts';
import { discovery } from './machinery/discovery.ts';
import { get } from './machinery/get.ts';
import { health, pageNotFound, pathForbidden, rootPath } from './machinery/health.ts';
import { list } from './machinery/list.ts';
import { checkMediaType, inYamlIfAsked, withYamlRead } from './machinery/media-types.ts';
import { openApi } from './machinery/openapi.ts';
import { checkOptions } from './machinery/options.ts';
import { patch } from './machinery/patch.ts';
import { parsePath, verbOf } from './machinery/routing.ts';
import { scale } from './machinery/scale.ts';
import { asMetadata, asTable, negotiate, type Representation } from './machinery/table.ts';
import { update } from './machinery/update.ts';
import { watch } from './machinery/watch.ts';
import type { NodeAgent } from './node-agent.ts';
import { ApiError, type ApiRequest, type ApiResponse, type WatchEvent } from './request.ts';
import { Registry, type Resource, readRegistry } from './schema/registry.ts';
import { actionOf, connectionOf } from './subresources/index.ts';
import { type PodConnection, podConnection } from './subresources/pod-connection.ts';
import { virtualResource } from './virtual/index.ts';
import type { Answer, ApiWorld, ResourceRequest } from './world.ts';

export interface ApiServerOptions {
  store: ObjectStore;
  state: State;
  random: Random;
  /** Cluster time, ms. */
  now(): number;
  nodeAgent?: NodeAgent;
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
      if (resource === DEFINITIONS) this.serveDefinitions();
    });
  }

  /** Brings the custom resources up to date with their definitions. */
  private serveDefinitions(): void {
    const { registry, store } = this.world;
    const data = withCustom(this.builtIn, store.list(DEFINITIONS) as CustomResourceDefinition[]);
    if (data === registry.data) return;
    registry.replace(data);
    this.custom.clear();
  }

  private strategy(resource: Resource): KindStrategy {
    if (resource.name === DEFINITIONS) return definitionStrategy as unknown as KindStrategy;
    if (!resource.custom) return strategyOf(resource.name) ?? { resource: resource.name };
    const key = `${resource.version}/${resource.name}`;
    let strategy = this.custom.get(key);
    if (!strategy) {
      strategy = customStrategy(resource);
      this.custom.set(key, strategy);
    }
    return strategy;
  }

  /** Loads what writes need; `handle` and the in-process client may be used afterwards. */
  async prepare(): Promise<void> {
    if (this.ready) return;
    await loadStrategies();
    this.ready = true;
  }

  /** Answers any request; failures are answers, too. */
  async request(given: ApiRequest): Promise<ApiResponse> {
    try {
      const request = await withYamlRead(given);
      const path = parsePath(request.path);
      if (path) {
        const resource = this.world.registry.find(path.group, path.version, path.plural);
        if (resource) await this.loadFor(resource, request);
        if (resource?.subresources.has(path.subresource)) {
          const understood = this.understand(request, resource, path);
          const connect = connectionOf(understood);
          if (connect) {
            this.authorized(understood);
            return await connect(understood);
          }
        }
      }
      return await inYamlIfAsked(this.handle(request));
    } catch (error) {
      return failure(error);
    }
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
    const representation = negotiate(request.headers.accept);
    if (!representation) throw notAcceptable();
    let first = true;
    return watch(understood, this.view(resource), ({ type, object }) => {
      if (type === 'ERROR') deliver({ type, object });
      else deliver({ type, object: this.dress(understood, object as KubeObject, representation, first) });
      first = false;
    });
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
    return podConnection(understood);
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

  private async loadFor(resource: Resource, request: ApiRequest): Promise<void> {
    await this.tableView(resource);
    if (request.method !== 'GET' && request.method !== 'HEAD') await this.prepare();
  }

  private view(resource: Resource): TableView {
    return this.views.get(resource.name) ?? { columns: [], selectableFields: {}, rowConditions: () => undefined };
  }

  private answer(request: ApiRequest): ApiResponse {
    const path = parsePath(request.path);
    if (!path) return this.nonResource(request);
    const { registry } = this.world;
    const resources = registry.resources(path.group, path.version);
    if (!resources) return pageNotFound();
    const resource = resources.get(path.plural);
    if (!resource) throw noResource();
    const understood = this.understand(request, resource, path);
    this.authorized(understood);
    if (understood.subresource && !resource.subresources.has(understood.subresource)) throw noResource();
    const answer = this.serve(understood);
    if (resource.name === DEFINITIONS && request.method !== 'GET') settleDefinitions(understood);
    return this.respond(request, understood, answer);
  }

  /** Puts a request in the words that everything below uses. */
  private understand(
    request: ApiRequest,
    resource: Resource,
    path: NonNullable<ReturnType<typeof parsePath>>,
  ): ResourceRequest {
    const understood: ResourceRequest = {
      world: this.world,
      user: actingUser(this.world, request.user, request.headers),
      resource,
      verb: verbOf(request.method, path.name, request.query),
      namespace: path.namespace,
      name: path.name,
      subresource: path.subresource,
      rest: path.rest,
      query: request.query,
      headers: request.headers,
      body: request.body,
      trusted: false,
      dryRun: false,
      fieldValidation: 'Warn',
      manager: '',
      warnings: [],
    };
    const deprecated = DEPRECATED[resource.name] ?? resource.custom?.warning;
    if (deprecated) understood.warnings.push(deprecated);
    checkOptions(understood);
    return understood;
  }

  private authorized(request: ResourceRequest): void {
    const { user, verb, resource, subresource: sub, namespace, name } = request;
    const denied = authorize(this.world, user, {
      verb,
      group: resource.group,
      resource: sub ? `${resource.plural}/${sub}` : resource.plural,
      namespace: resource.namespaced || resource.plural === 'namespaces' ? namespace : '',
      name,
    });
    if (denied === undefined) return;
    const subject = { group: resource.group, plural: resource.plural };
    throw forbidden(subject, name, denied);
  }

  /** The work of a verb, on an object or a subresource that is only an object seen otherwise. */
  serve(request: ResourceRequest): Answer {
    const { verb, resource, subresource: sub } = request;
    const verbs = sub ? (resource.subresources.get(sub)?.verbs ?? []) : resource.verbs;
    if (!verbs.includes(verb) || (sub === '' && (request.name === '') !== OF_COLLECTIONS.has(verb)))
      throw methodNotAllowed();
    checkMediaType(request);
    const virtual = sub ? undefined : virtualResource(resource.name);
    if (virtual) return virtual(request);
    const action = actionOf(request);
    if (action) return action(request);
    if (sub === 'scale') return scale(request);
    switch (verb) {
      case 'get':
        return get(request);
      case 'list':
        return list(request, this.view(resource));
      case 'watch':
        return this.backlog(request);
      case 'create':
        return create(request);
      case 'update':
        return update(request);
      case 'patch':
        return patch(request);
      case 'delete':
        return remove(request);
      case 'deletecollection':
        return deleteCollection(request, this.view(resource));
      default:
        throw methodNotAllowed();
    }
  }

  /** A watch answered at once: what is there, and no more. */
  private backlog(request: ResourceRequest): Answer {
    const representation = negotiate(request.headers.accept);
    if (!representation) throw notAcceptable();
    const lines: string[] = [];
    const stop = watch(request, this.view(request.resource), ({ type, object }) => {
      const dressed =
        type === 'ERROR' ? object : this.dress(request, object as KubeObject, representation, lines.length === 0);
      lines.push(`${JSON.stringify({ type, object: dressed })}\n`);
    });
    stop();
    return { status: 200, object: lines.join('') };
  }

  private dress(request: ResourceRequest, object: KubeObject, { form }: Representation, columns: boolean): unknown {
    if (form === 'metadata') return asMetadata(object);
    if (form !== 'table') return object;
    return asTable(object, this.view(request.resource), includeOf(request.query), this.world.now(), columns);
  }

  private respond(request: ApiRequest, understood: ResourceRequest, { status, object }: Answer): ApiResponse {
    const representation = negotiate(request.headers.accept);
    if (!representation) throw notAcceptable();
    const { warnings } = understood;
    const base = {
      status,
      contentType: representation.mediaType === '*/*' ? 'application/json' : representation.mediaType,
      warnings,
    };
    if (typeof object === 'string') return { ...base, contentType: 'application/json', body: object };
    if ((object as { kind?: string }).kind === 'Status' || representation.form === 'object')
      return { ...base, body: object };
    const body =
      representation.form === 'metadata'
        ? asMetadata(object as KubeObject)
        : asTable(object as KubeObject, this.view(understood.resource), includeOf(understood.query), this.world.now());
    return { ...base, body };
  }

  private nonResource(request: ApiRequest): ApiResponse {
    const { path, query, headers, method } = request;
    const user = actingUser(this.world, request.user, headers);
    const verb = method.toLowerCase();
    const denied = authorize(this.world, user, { verb, path });
    if (denied !== undefined) throw pathForbidden(user.username, verb, path);
    return (
      discovery(this.world.registry, path, headers.accept, this.world.serverAddress) ??
      health(path, query) ??
      openApi(this.world.registry, path) ??
      rootPath(path, this.world.kubernetesVersion) ??
      pageNotFound()
    );
  }
}

/** Verbs of a collection: they name no object. */
const OF_COLLECTIONS = new Set(['list', 'watch', 'create', 'deletecollection']);

/** What every request for a resource on its way out is warned of. */
const DEPRECATED: Record<string, string> = {
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

type IncludeObject = 'None' | 'Metadata' | 'Object';
const includeOf = (query: URLSearchParams): IncludeObject =>
  (query.get('includeObject') as IncludeObject | null) ?? 'Metadata';

/** A failure as its Status. What is no ApiError is a fault of ours, told as the real server tells its own. */
function failure(error: unknown): ApiResponse {
  const told =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${(error as Error).message}`, {
          causes: [{ reason: '', message: (error as Error).message }],
        });
  return { status: told.code, contentType: 'application/json', warnings: [], body: told.toStatus() };
}
