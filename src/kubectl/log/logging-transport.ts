import { STATUS_CODES } from 'node:http';
import { goJson, type JsonValue } from '../../base/go-json.ts';
import { goQuote } from '../../base/go-quote.ts';
import type { ConnectionTarget } from '../io.ts';
import type { HttpRequest, HttpResponse, StreamOptions, Transport, Waiting } from '../transport.ts';
import { type Klog, type LogValue, ROUND_TRIPPERS } from './klog.ts';

const ANSWERED = 'round_trippers.go:632';
const NOT_DIALED = 'round_trippers.go:560';
const DIALED = 'round_trippers.go:562';

/** How many characters of a body are told, by level; all of it at level 10. */
const BODY_LIMITS: Record<number, number> = { 8: 1024, 9: 10_240 };

/** The path of a list. */
const COLLECTION = /^\/(api|apis\/[^/]+)\/[^/]+(\/namespaces\/[^/]+)?\/[^/]+$/;

/** The file of the real kubectl that speaks of the bodies of a request. */
function speaker({ method, path }: Pick<HttpRequest, 'method' | 'path'>): string {
  const [plain = ''] = path.split('?');
  if (/^\/apis?$/.test(plain)) return plain === '/api' ? 'discovery_client.go:252' : 'discovery_client.go:318';
  if (plain === '/openapi/v3') return 'client.go:46';
  if (plain.startsWith('/openapi/v3/')) return 'groupversion.go:75';
  if (plain === '/version') return path === plain ? 'raw.go:56' : 'discovery_client.go:592';
  if (plain.endsWith('/scale') && method !== 'GET') return 'client.go:232';
  const list = method === 'GET' && COLLECTION.test(plain);
  return `helper.go:${list ? 113 : { GET: 105, POST: 246, PATCH: 269, PUT: 296, DELETE: 178 }[method]}`;
}

const refused = (address: string): string => `dial tcp ${address}: connect: connection refused`;

const headerName = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

const hidden = (name: string, value: string): string =>
  name === 'Authorization' ? value.replace(/^(\S+) .*/, '$1 <masked>') : value;

/** Tells of every request as client-go's debugging round tripper does, from -v=6 on. */
export class LoggingTransport implements Transport {
  readonly host: string;
  readonly discovery: Transport['discovery'];
  private connected = false;

  constructor(
    private readonly inner: Transport,
    private readonly target: ConnectionTarget,
    private readonly log: Klog,
  ) {
    this.host = inner.host;
    this.discovery = inner.discovery;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (request.cached) return await this.inner.request(request);
    const finish = this.begin(request);
    try {
      const response = await this.inner.request(request);
      finish(response);
      this.body(request, 'Response Body', response.text());
      return response;
    } catch (error) {
      finish();
      throw error;
    }
  }

  async *watch(
    path: string,
    waiting: Waiting,
    options?: Parameters<Transport['watch']>[2],
  ): AsyncIterable<{ type: string; object: unknown }> {
    this.begin({ method: 'GET', path: this.bounded(path), headers: { accept: options?.accept ?? '' } })(OK);
    yield* this.inner.watch(path, waiting, options);
  }

  async follow(
    path: string,
    waiting: Waiting,
    write: (text: string) => void,
    timeoutMs?: number,
  ): Promise<HttpResponse> {
    this.begin({ method: 'GET', path })(OK);
    return await this.inner.follow(path, waiting, write, timeoutMs);
  }

  async stream(path: string, options: StreamOptions): Promise<unknown> {
    this.begin({ method: 'GET', path })({ ...OK, status: 101 });
    this.log.info(4, 'websocket.go:133', 'The subprotocol is v5.channel.k8s.io');
    this.log.info(5, 'websocket.go:251', 'Websocket initial read deadline: 1m1s');
    const status = await this.inner.stream(path, options);
    this.log.info(5, 'websocket.go:491', 'closed channel--returning');
    return status;
  }

  forward(namespace: string, pod: string, port: number, data: Uint8Array): Promise<Uint8Array> {
    return this.inner.forward(namespace, pod, port, data);
  }

  rest(): Promise<void> {
    return this.inner.rest();
  }

  now(): number {
    return this.inner.now();
  }

  sleep(ms: number, waiting: Waiting): Promise<void> {
    return this.inner.sleep(ms, waiting);
  }

  /** An informer says how long a watch may last, between five and ten minutes. */
  private bounded(path: string): string {
    if (!path.includes('allowWatchBookmarks=')) return path;
    return path.replace('&watch=true', `&timeoutSeconds=${300 + (Math.floor(this.now() / 1000) % 300)}&watch=true`);
  }

  /** Tells of a request; what it gives back tells of the answer, or of none. */
  private begin(request: HttpRequest): (response?: Answer) => void {
    const { log, target } = this;
    const level = log.levelOf(ROUND_TRIPPERS, [6, 7, 8, 9]);
    const url = `${target.server}${request.path}`;
    const verb = request.method;
    if (request.method === 'GET' || request.body !== undefined) this.body(request, 'Request Body', sent(request));
    const headers = this.headers(request);
    if (level === 9) log.details(9, ROUND_TRIPPERS, 'Request', { curlCommand: curl(verb, url, headers) });
    else if (level >= 7) log.details(7, ROUND_TRIPPERS, 'Request', { verb, url, headers: listed(headers) });
    const began = this.now();
    const first = !this.connected;
    const dialed = level === 9 && first;
    return (response) => {
      const status = response ? `${response.status} ${STATUS_CODES[response.status] ?? ''}` : '';
      const milliseconds = Math.max(0, this.now() - began);
      if (dialed) {
        const address = new URL(target.server).host;
        if (response) log.details(9, DIALED, 'HTTP Trace: Dial succeed', { network: 'tcp', address });
        else log.details(9, NOT_DIALED, 'HTTP Trace: Dial failed', { network: 'tcp', address, err: refused(address) });
      }
      this.connected ||= response !== undefined;
      const shown = { headers: response ? listed(answerHeaders(response, began)) : '' };
      const whole = { verb, url, status };
      const connection: Record<string, LogValue> = first
        ? { dnsLookupMilliseconds: 0, dialMilliseconds: 0, tlsHandshakeMilliseconds: 0 }
        : { getConnectionMilliseconds: 0 };
      const values: Record<number, Record<string, LogValue>> = {
        6: { ...whole, milliseconds },
        7: { status, milliseconds },
        8: { status, ...shown, milliseconds },
        9: {
          ...whole,
          ...shown,
          milliseconds,
          ...connection,
          ...(response && { serverProcessingMilliseconds: milliseconds }),
        },
      };
      if (values[level]) log.details(level, ANSWERED, 'Response', values[level]);
    };
  }

  private body(request: HttpRequest, what: string, text: string): void {
    const source = speaker(request);
    const level = this.log.levelOf(source, [8, 9, 10]);
    if (level === 0) return;
    const limit = BODY_LIMITS[level] ?? Number.POSITIVE_INFINITY;
    const body = text.length <= limit ? text : `${text.slice(0, limit)} [truncated ${text.length - limit} chars]`;
    this.log.details(8, source, what, { body });
  }

  /** What is sent, by name. */
  private headers({ headers = {}, body }: HttpRequest): [string, string][] {
    const { user, userAgent } = this.target;
    const all: Record<string, string | undefined> = {
      'content-type': body === undefined ? undefined : 'application/json',
      ...headers,
      accept: headers.accept || 'application/json',
      'user-agent': userAgent,
      authorization: user.token && `Bearer ${user.token}`,
      'impersonate-user': user.impersonate,
      'impersonate-uid': user.impersonateUid,
    };
    const groups = (user.impersonateGroups ?? []).map((group): [string, string] => ['Impersonate-Group', group]);
    const named = Object.entries(all)
      .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
      .map(([name, value]): [string, string] => [headerName(name), hidden(headerName(name), value)]);
    return [...named, ...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

type Answer = Pick<HttpResponse, 'status' | 'contentType' | 'warnings'> & { text?: HttpResponse['text'] };

/** The answer of what comes in pieces. */
const OK: Answer = { status: 200, contentType: 'application/json', warnings: [] };

/** A server tells the length of what fits into its first frame. */
const FIRST_FRAME = 4096;

function answerHeaders({ contentType, warnings, text }: Answer, now: number): [string, string][] {
  const length = text ? Buffer.byteLength(text()) : Number.POSITIVE_INFINITY;
  return [
    ['Cache-Control', 'no-cache, private'],
    ...(length <= FIRST_FRAME ? ([['Content-Length', String(length)]] as [string, string][]) : []),
    ['Content-Type', contentType],
    ['Date', new Date(now).toUTCString()],
    ...warnings.map((warning): [string, string] => ['Warning', `299 - ${JSON.stringify(warning)}`]),
  ];
}

const listed = (headers: [string, string][]): string => headers.map(([name, value]) => `${name}: ${value}\n`).join('');

const curl = (verb: string, url: string, headers: [string, string][]): string =>
  `curl -v -X${verb} ${headers.map(([name, value]) => ` -H ${goQuote(`${name}: ${value}`)}`).join('')} '${url}'\n`;

/** Objects end with a line's end, patches do not. */
function sent({ method, body }: HttpRequest): string {
  if (body === undefined || typeof body === 'string') return body ?? '';
  return `${goJson(body as JsonValue)}${method === 'PATCH' ? '' : '\n'}`;
}
