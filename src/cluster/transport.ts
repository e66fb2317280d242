import { unauthorized } from '../api/errors.ts';
import { isPretty } from '../api/machinery/negotiate.ts';
import { isTrue } from '../api/machinery/routing.ts';
import type { ExecResult } from '../api/node-agent.ts';
import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  type Status,
  type UserInfo,
  type WatchEvent,
} from '../api/request.ts';
import type { ConnectionTarget } from '../kubectl/io.ts';
import {
  DeadlineError,
  type DiscoveryMemory,
  type HttpRequest,
  type HttpResponse,
  type StreamOptions,
  type Transport,
  TransportError,
  type Waiting,
} from '../kubectl/transport.ts';
import { apiServerUp } from '../runtime/control-plane.ts';
import { decoded } from '../sh/live-input.ts';
import { answered, apiRequest, asHttp } from './api-request.ts';
import { authenticate } from './authenticate.ts';
import { Bookmarks } from './bookmarks.ts';
import type { Cluster } from './cluster.ts';
import { discoveryMemory } from './discovery-memory.ts';
import type { ClusterSession } from './session.ts';

export interface TransportOptions {
  session: ClusterSession;
  target: ConnectionTarget;
}

/** Requests to a cluster in this very process. */
export class InProcessTransport implements Transport {
  readonly host: string;
  readonly discovery: DiscoveryMemory;

  constructor(private readonly options: TransportOptions) {
    this.host = options.target.server;
    this.discovery = discoveryMemory(options.session);
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const cluster = await this.#cluster(request.method !== 'GET', request.cached);
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
    const bookmarks = new Bookmarks(isTrue(new URLSearchParams(path.split('?')[1]).get('allowWatchBookmarks')));
    try {
      while (!signal?.aborted) {
        yield* queue.splice(0);
        if (left <= 0 || signal?.aborted) break;
        const passed = await this.options.session.live(left, waiting);
        if (passed === undefined) break;
        left -= passed;
        if (bookmarks.due(passed, left))
          queue.push(...(await cluster.api()).bookmark(await this.#request(cluster, watchRequest(path, accept))));
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

  async follow(
    path: string,
    waiting: Waiting,
    write: (text: string) => void,
    timeoutMs = Number.POSITIVE_INFINITY,
  ): Promise<HttpResponse> {
    // A follower asks for the whole text again and shows what is new: logs only grow.
    let shown = 0;
    let left = timeoutMs;
    for (;;) {
      const response = await this.request({ method: 'GET', path });
      if (response.status !== 200) return response;
      const text = response.text();
      write(text.slice(shown));
      shown = text.length;
      if (!(await this.#isFollowed(path))) return response;
      if (left <= 0) throw new DeadlineError();
      const passed = await this.options.session.live(left, waiting);
      if (passed === undefined) return response;
      left -= passed;
    }
  }

  async stream(path: string, options: StreamOptions): Promise<unknown> {
    const cluster = await this.#cluster(true);
    try {
      const api = await cluster.api();
      const { nodeAgent } = api.world;
      const target = await api.connection(await this.#request(cluster, { method: 'POST', path }));
      const { pod, container, command } = target;
      let size: { columns: number; rows: number } | undefined;
      options.resize?.((columns, rows) => {
        size = { columns, rows };
      });
      const shared = {
        container,
        tty: options.tty,
        size: () => size,
        ...(target.stdin && { stdin: await inputOf(options.stdin, options.tty ?? false) }),
        output: (stream: 'stdout' | 'stderr', text: string) => options[stream](Buffer.from(text)),
      };
      const exec = /\/exec(\?|$)/.test(path);
      const result = exec ? await nodeAgent!.exec(pod, { ...shared, command }) : await nodeAgent!.attach(pod, shared);
      return exitStatus(result);
    } catch (error) {
      if (error instanceof ApiError) return error.toStatus();
      throw error;
    }
  }

  async forward(namespace: string, pod: string, port: number, data: Uint8Array): Promise<Uint8Array> {
    const cluster = await this.#cluster(true);
    const api = await cluster.api();
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
    const { pod: found } = await api.connection(await this.#request(cluster, { method: 'POST', path }));
    return Buffer.from(
      await api.world.nodeAgent!.portForward(found, port, Buffer.from(data).toString('latin1')),
      'latin1',
    );
  }

  /** A pod that the user may see; throws ApiError. */
  async rest(): Promise<void> {
    await this.options.session.rest();
  }

  now(): number {
    return this.options.session.current?.clock.now() ?? 0;
  }

  async sleep(ms: number, waiting: Waiting): Promise<void> {
    await this.#cluster(false);
    for (let left = ms; left > 0; ) left -= (await this.options.session.live(left, waiting)) ?? left;
  }

  /** The cluster, alive up to now; to be changed if `change`. What is `cached` needs no server. */
  async #cluster(change: boolean, cached = false): Promise<Cluster> {
    const { session } = this.options;
    const cluster = change ? await session.writing() : await session.reading();
    await cluster.catchUp();
    if (!cached && !apiServerUp(cluster.state)) {
      const { host } = new URL(this.options.target.server);
      throw new TransportError(`dial tcp ${host}: connect: connection refused`, host);
    }
    return cluster;
  }

  async #user(cluster: Cluster): Promise<UserInfo> {
    const user = await authenticate(cluster, this.options.target.user);
    if (!user) throw unauthorized();
    return user;
  }

  async #request(cluster: Cluster, request: HttpRequest): Promise<ApiRequest> {
    return apiRequest(await this.#user(cluster), this.options.target, request);
  }

  #answer(cluster: Cluster, request: HttpRequest): Promise<ApiResponse> {
    const query = new URLSearchParams(request.path.split('?')[1]);
    const pretty = isPretty(query, { 'user-agent': this.options.target.userAgent });
    return answered(async () => (await cluster.api()).request(await this.#request(cluster, request)), pretty);
  }

  /** Whether a log may still grow: its pod has not come to an end. */
  async #isFollowed(path: string): Promise<boolean> {
    const [, pod] = /^(.*\/pods\/[^/]+)\/log/.exec(path) ?? [];
    if (!pod) return false;
    const response = await this.request({ method: 'GET', path: pod });
    const container = new URLSearchParams(path.slice(path.indexOf('?') + 1)).get('container');
    return response.status === 200 && isRunning(response.json() as PodLike, container);
  }
}

/** What is typed comes as it is typed; what is piped is there at once. */
async function inputOf(
  stdin: AsyncIterable<Uint8Array> | undefined,
  tty: boolean,
): Promise<string | AsyncIterable<string> | undefined> {
  if (!stdin) return undefined;
  if (tty || process.stdin.isTTY) return decoded(stdin);
  let text = '';
  for await (const piece of decoded(stdin)) text += piece;
  return text;
}

/** The Status that ends the error channel of a remote command. */
function exitStatus({ code = 0, message }: ExecResult): Status {
  const base = { kind: 'Status' as const, apiVersion: 'v1' as const, metadata: {} };
  if (message !== undefined) return { ...base, status: 'Failure', message, reason: 'InternalError', code: 500 };
  if (code === 0) return { ...base, status: 'Success' };
  return {
    ...base,
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
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

function watchRequest(path: string, accept: string | undefined, from?: number): HttpRequest {
  const [base = '', text = ''] = path.split('?');
  const query = new URLSearchParams(text);
  if (from !== undefined) query.set('resourceVersion', String(from));
  return { method: 'GET', path: `${base}?${query}`, ...(accept && { headers: { accept } }) };
}
