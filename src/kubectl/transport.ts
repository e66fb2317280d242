/** What a verb asks of an API server, whether in process or over HTTPS. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, encoded: `/api/v1/pods?limit=500`. */
  path: string;
  /** Names in lower case. `accept` defaults to application/json, `content-type` to application/json when there is a body. */
  headers?: Record<string, string>;
  /** A JSON value, or text (a patch, YAML) to be sent as it is. */
  body?: unknown;
  /** What the real kubectl knows from its cache on disk: no log tells of it. */
  cached?: boolean;
}

export interface HttpResponse {
  status: number;
  contentType: string;
  /** Texts of the Warning headers. */
  warnings: string[];
  /** The body, as JSON value; a frozen value when it comes from the process itself. */
  json(): unknown;
  /** The body as the bytes of a real server (Go's field order and escaping), for --raw. */
  text(): string;
}

/** Why somebody waits, which decides what a manual clock does meanwhile (see `Time` in ARCHITECTURE.md). */
export type Waiting =
  /** For an end of its own (wait, rollout status, delete, drain, run --rm): time jumps from event to event. */
  | 'drives'
  /** For what others make happen (-w, logs -f, proxy): moves nothing. */
  | 'follows';

export interface StreamOptions {
  stdin?: AsyncIterable<Uint8Array>;
  tty?: boolean;
  stdout(data: Uint8Array): void;
  stderr(data: Uint8Array): void;
  /** Called with a function that tells the server the terminal's size. */
  resize?(tell: (columns: number, rows: number) => void): void;
}

export interface Transport {
  /** Sends and answers; throws TransportError when there is no server to answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** The lines of a watch (`?watch=true`), each a WatchEvent; ends when the server ends it, `signal` aborts it, or nothing can happen any more. */
  watch(
    path: string,
    waiting: Waiting,
    options?: { accept?: string; timeoutMs?: number; signal?: AbortSignal },
  ): AsyncIterable<{ type: string; object: unknown }>;
  /** A response that comes in pieces: `logs -f`; throws DeadlineError when `timeoutMs` are over first. */
  follow(path: string, waiting: Waiting, write: (text: string) => void, timeoutMs?: number): Promise<HttpResponse>;
  /** exec and attach: resolves with the v1.Status that ends the error channel. */
  stream(path: string, options: StreamOptions): Promise<unknown>;
  /** Sends bytes to a port of a pod and gives back what comes, for port-forward. */
  forward(namespace: string, pod: string, port: number, data: Uint8Array): Promise<Uint8Array>;
  /** For a command that serves others, before and after each of their requests: nothing is held back, nothing is stale. */
  rest(): Promise<void>;
  /** The cluster's time (the client's own clock): ages and timeouts are counted by it. Milliseconds. */
  now(): number;
  /** Lets `ms` pass; with `drives`, a manual clock moves to the next event or the end, whichever is first, at no wall-clock cost. */
  sleep(ms: number, waiting: Waiting): Promise<void>;
  /** `https://192.168.50.10:6443`: for messages. */
  readonly host: string;
  /** What kubectl remembers of this server's discovery from one command to the next; without it, each command asks. */
  readonly discovery?: DiscoveryMemory;
}

/** A group of discovery, as the server tells it. */
export interface DiscoveredGroup {
  metadata?: { name?: string };
}

/** The groups that a server had when kubectl last asked (~/.kube/cache/discovery, for six hours). */
export interface DiscoveryMemory {
  /** What is remembered, given the groups that there are. */
  recall<Group extends DiscoveredGroup>(groups: Group[]): Promise<Group[]>;
  keep(groups: DiscoveredGroup[]): Promise<void>;
}

/** A request took longer than --request-timeout allows. */
export class DeadlineError extends Error {
  constructor() {
    super('context deadline exceeded');
  }
}

/** No answer at all: `problem` is what client-go would say after "Unable to connect to the server: "; the message says what was asked, too. */
export class TransportError extends Error {
  constructor(
    readonly problem: string,
    /** `192.168.50.10:6443`, for a connection that was refused. */
    readonly host?: string,
    /** `Get`, `https://192.168.50.10:6443/api/v1/pods`. */
    readonly asked?: { operation: string; url: string },
  ) {
    super(asked ? `${asked.operation} ${JSON.stringify(asked.url)}: ${problem}` : problem);
  }
}
