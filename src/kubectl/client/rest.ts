import { StatusError } from '../errors.ts';
import { type HttpRequest, type HttpResponse, type Transport, TransportError, type Waiting } from '../transport.ts';
import type { Status } from './status.ts';

/** Query parameters; empty values and undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** See `HttpRequest`. */
  cached?: boolean;
}

/** Any JSON object of the API: `{kind: 'PodList', items: […]}`, a Status, a Table. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata?: Record<string, unknown>;
  [field: string]: unknown;
}

/** An event of a watch. */
export interface WatchEvent {
  type: string;
  object: unknown;
}

/** What client-go makes of an error answer that is no Status (errors.NewGenericServerResponse). */
const GENERIC: Record<number, [reason: string, message: string]> = {
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

/** `crontabs.stable.example.com my-cron`: what of the API a path is about; undefined when it is no resource's. */
function subjectOf(path: string): string | undefined {
  const [, group, resource, name] =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([^/?]+)(?:\/([^/?]+))?/.exec(path) ?? [];
  if (!resource) return undefined;
  return [group ? `${resource}.${group}` : resource, ...(name ? [decodeURIComponent(name)] : [])].join(' ');
}

/** The Status of a failure; `request` is told where the server says no more than a number. */
export function statusOf(response: HttpResponse, request?: { method: string; path: string }): Status {
  if (response.contentType.includes('json')) {
    const body = response.json() as Status | null;
    if (body?.kind === 'Status') return body;
  }
  const [reason, message] = GENERIC[response.status] ?? [
    response.status >= 500 ? 'InternalError' : '',
    `the server responded with the status code ${response.status} but did not return more information`,
  ];
  const subject = request && subjectOf(request.path);
  const told = subject ? `${message} (${request.method.toLowerCase()} ${subject})` : message;
  return { kind: 'Status', status: 'Failure', reason, message: told, code: response.status };
}

/** url.QueryEscape. */
const queryEscape = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');

/** `path` with a query, encoded as Go's url.Values.Encode does: sorted by name. */
export function withQuery(path: string, query: Query = {}): string {
  const present = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (present.length === 0) return path;
  const text = present
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${queryEscape(String(value))}`)
    .join('&');
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

/** Typed requests over a transport; failures are thrown as StatusError, warnings go to `warn` once each. */
export class RestClient {
  private readonly warned = new Set<string>();

  constructor(
    readonly transport: Transport,
    private readonly warn: (text: string) => void,
    /** --request-timeout in ms, 0 for none: so long a watch or a log is followed. */
    readonly timeoutMs = 0,
  ) {}

  async request<T = ApiObject>(method: HttpRequest['method'], path: string, options: RequestOptions = {}): Promise<T> {
    const answer = (await this.exchange(method, path, options, true)).json() as T;
    // A Status can tell of a failure under the number of a success.
    const { kind, status } = answer as { kind?: string; status?: unknown };
    if (kind === 'Status' && status === 'Failure') throw new StatusError(answer as Status);
    return answer;
  }

  /** The answer itself, for --raw, tables and logs. */
  send(method: HttpRequest['method'], path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    return this.exchange(method, path, options, false);
  }

  private async exchange(
    method: HttpRequest['method'],
    path: string,
    options: RequestOptions,
    named: boolean,
  ): Promise<HttpResponse> {
    const headers: Record<string, string> = {};
    if (options.accept) headers.accept = options.accept;
    if (options.contentType) headers['content-type'] = options.contentType;
    const request = {
      method,
      path: withQuery(path, options.query),
      headers,
      ...(options.body !== undefined && { body: options.body }),
      ...(options.cached && { cached: true }),
    };
    const response = await this.transport.request(request).catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      const operation = method.charAt(0) + method.slice(1).toLowerCase();
      throw new TransportError(error.problem, error.host, { operation, url: `${this.transport.host}${request.path}` });
    });
    this.passWarnings(response.warnings);
    if (response.status >= 400) throw new StatusError(statusOf(response, named ? { method, path } : undefined));
    return response;
  }

  get<T = ApiObject>(path: string, query?: Query): Promise<T> {
    return this.request<T>('GET', path, query && { query });
  }

  /** All items of a collection, page by page. */
  async list<T = ApiObject>(path: string, query: Query = {}, chunk = 500): Promise<T[]> {
    const items: T[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: { items?: T[] | null; metadata?: { continue?: string } } = await this.get(path, {
        ...query,
        limit: chunk || undefined,
        continue: next,
      });
      items.push(...(page.items ?? []));
      next = page.metadata?.continue || undefined;
    }
    return items;
  }

  /** A watch's events; an ERROR event is thrown. */
  async *watch(
    path: string,
    query: Query,
    waiting: Waiting,
    options: { accept?: string; timeoutMs?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<WatchEvent> {
    const limit = Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, this.timeoutMs || Number.POSITIVE_INFINITY);
    const bounded = { ...options, ...(Number.isFinite(limit) && { timeoutMs: limit }) };
    for await (const event of this.transport.watch(withQuery(path, { ...query, watch: true }), waiting, bounded)) {
      if (event.type === 'ERROR') throw new StatusError(event.object as Status);
      yield event;
    }
  }

  private passWarnings(warnings: string[]): void {
    for (const text of warnings) {
      if (this.warned.has(text)) continue;
      this.warned.add(text);
      this.warn(text);
    }
  }
}
