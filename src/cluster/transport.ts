import { setTimeout as delay } from 'node:timers/promises';
import { unauthorized } from '../api/errors.ts';
import { ApiError, type ApiRequest, type ApiResponse, type UserInfo, type WatchEvent } from '../api/request.ts';
import { goJson } from '../base/go-json.ts';
import type { ConnectionTarget } from '../kubectl/io.ts';
import type { HttpRequest, HttpResponse, StreamOptions, Transport, Waiting } from '../kubectl/transport.ts';
import { authenticate } from './authenticate.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSession } from './session.ts';

/** How often a command that waits looks whether another changed the cluster, ms. */
const POLL = 100;

export interface TransportOptions {
  session: ClusterSession;
  target: ConnectionTarget;
  /** Lets out what was printed so far: called once the changes behind it are on disk. */
  flush(): void;
}

/** Requests to a cluster in this very process. */
export class InProcessTransport implements Transport {
  readonly host: string;

  constructor(private readonly options: TransportOptions) {
    this.host = options.target.server;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const cluster = await this.#cluster(request.method !== 'GET');
    const response = await this.#answer(cluster, request);
    return asHttp(response);
  }

  async *watch(
    path: string,
    waiting: Waiting,
    options: { accept?: string; timeoutMs?: number; signal?: AbortSignal } = {},
  ): AsyncIterable<{ type: string; object: unknown }> {
    const { accept, timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
    const queue: WatchEvent[] = [];
    let cluster = await this.#cluster(false);
    const start = async (from?: number) =>
      await (await cluster.api()).watch(await this.#request(cluster, watchRequest(path, accept, from)), (event) =>
        queue.push(event),
      );
    let stop = await start();
    let left = timeoutMs;
    try {
      while (!signal?.aborted) {
        yield* queue.splice(0);
        if (left <= 0 || signal?.aborted) break;
        const passed = await this.#live(left, waiting);
        if (passed === undefined) break;
        left -= passed;
        const { current } = this.options.session;
        if (current && current !== cluster) {
          const seen = cluster.store.revision;
          stop();
          cluster = current;
          stop = await start(seen);
        }
      }
      yield* queue.splice(0);
    } finally {
      stop();
    }
  }

  async follow(path: string, waiting: Waiting, write: (text: string) => void): Promise<HttpResponse> {
    // A follower asks for the whole text again and shows what is new: logs only grow.
    let shown = 0;
    for (;;) {
      const response = await this.request({ method: 'GET', path });
      if (response.status !== 200) return response;
      const text = response.text();
      write(text.slice(shown));
      shown = text.length;
      if (!(await this.#isFollowed(path)) || (await this.#live(Number.POSITIVE_INFINITY, waiting)) === undefined)
        return response;
    }
  }

  async stream(_path: string, _options: StreamOptions): Promise<unknown> {
    throw new Error('exec and attach are not there yet');
  }

  async forward(_namespace: string, _pod: string, _port: number, _data: Uint8Array): Promise<Uint8Array> {
    throw new Error('port-forward is not there yet');
  }

  now(): number {
    return this.options.session.current?.clock.now() ?? 0;
  }

  async sleep(ms: number, waiting: Waiting): Promise<void> {
    await this.#cluster(false);
    for (let left = ms; left > 0; ) left -= (await this.#live(left, waiting)) ?? left;
  }

  /** The cluster, alive up to now; to be changed if `change`. */
  async #cluster(change: boolean): Promise<Cluster> {
    const { session } = this.options;
    const cluster = change ? await session.writing() : await session.reading();
    await cluster.catchUp();
    return cluster;
  }

  async #user(cluster: Cluster): Promise<UserInfo> {
    const user = await authenticate(cluster.state, this.options.target.user);
    if (!user) throw unauthorized();
    return user;
  }

  async #request(cluster: Cluster, { method, path, headers, body }: HttpRequest): Promise<ApiRequest> {
    const { target } = this.options;
    const { impersonate, impersonateGroups = [], impersonateUid } = target.user;
    const query = path.indexOf('?');
    return {
      user: await this.#user(cluster),
      method,
      path: query < 0 ? path : path.slice(0, query),
      query: new URLSearchParams(query < 0 ? '' : path.slice(query + 1)),
      headers: {
        accept: 'application/json',
        'user-agent': target.userAgent,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(impersonate && { 'impersonate-user': impersonate }),
        ...(impersonateGroups.length > 0 && { 'impersonate-group': impersonateGroups.join(',') }),
        ...(impersonateUid && { 'impersonate-uid': impersonateUid }),
        ...headers,
      },
      body,
    };
  }

  async #answer(cluster: Cluster, request: HttpRequest): Promise<ApiResponse> {
    try {
      return await (await cluster.api()).request(await this.#request(cluster, request));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.code, contentType: 'application/json', warnings: [], body: error.toStatus() };
    }
  }

  /** Whether a log may still grow: its pod has not come to an end. */
  async #isFollowed(path: string): Promise<boolean> {
    const [, pod] = /^(.*\/pods\/[^/]+)\/log/.exec(path) ?? [];
    if (!pod) return false;
    const response = await this.request({ method: 'GET', path: pod });
    const container = new URLSearchParams(path.slice(path.indexOf('?') + 1)).get('container');
    return response.status === 200 && isRunning(response.json() as PodLike, container);
  }

  /**
   * Lets the cluster live on for a while, `limit` ms at the most; resolves with how long that was, or with undefined when nothing
   * can happen any more. A manual clock that is driven jumps to what happens next; otherwise this process waits as long as a person would.
   */
  async #live(limit: number, waiting: Waiting): Promise<number | undefined> {
    const { session, flush } = this.options;
    const cluster = await session.reading();
    const { clock, simulation } = cluster;
    if (clock.mode === 'manual' && waiting === 'drives') {
      const driven = await session.writing();
      const before = driven.clock.now();
      const next = (await driven.simulation.nextTime()) ?? Number.POSITIVE_INFINITY;
      const time = Math.max(before, Math.min(next, before + limit));
      if (time === Number.POSITIVE_INFINITY) return undefined;
      await driven.simulation.runUntil(time);
      return time - before;
    }
    const next = clock.mode === 'real' ? await simulation.nextTime() : undefined;
    await session.letGo();
    flush();
    const pause = Math.max(1, Math.min(limit, (next ?? Number.POSITIVE_INFINITY) - clock.target(), POLL));
    await delay(pause);
    if (!(await session.refresh())) await cluster.catchUp();
    return pause;
  }
}

interface PodLike {
  status?: { phase?: string; containerStatuses?: { name: string; state?: { terminated?: unknown } }[] };
}

function isRunning({ status }: PodLike, container: string | null): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  const statuses = status?.containerStatuses ?? [];
  const one = statuses.find(({ name }) => name === container) ?? statuses[0];
  return !one?.state?.terminated;
}

function watchRequest(path: string, accept: string | undefined, from: number | undefined): HttpRequest {
  const [base = '', text = ''] = path.split('?');
  const query = new URLSearchParams(text);
  if (from !== undefined) query.set('resourceVersion', String(from));
  return { method: 'GET', path: `${base}?${query}`, ...(accept && { headers: { accept } }) };
}

function asHttp({ status, contentType, warnings, body }: ApiResponse): HttpResponse {
  return {
    status,
    contentType,
    warnings,
    json: () => (typeof body === 'string' && contentType.includes('json') ? JSON.parse(body) : body),
    text: () => (typeof body === 'string' ? body : `${goJson(body)}\n`),
  };
}
