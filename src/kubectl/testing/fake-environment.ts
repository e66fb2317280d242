import type { HostMachine, KubectlEnvironment } from '../io.ts';
import type { HttpRequest, HttpResponse, Transport } from '../transport.ts';

/** A kubectl environment in memory: what is printed is collected, files are a map, the server is a function. */
export interface FakeEnvironment extends KubectlEnvironment {
  stdout: string;
  stderr: string;
  files: Map<string, string>;
  /** Every request, in order: `GET /api/v1/pods`. */
  requests: HttpRequest[];
}

export type FakeServer = (request: HttpRequest) => { status?: number; body: unknown; warnings?: string[] };

const KUBECONFIG = `apiVersion: v1
clusters:
- cluster:
    server: https://cluster.kubemu:6443
  name: kubemu
contexts:
- context:
    cluster: kubemu
    user: admin
  name: kubemu
current-context: kubemu
kind: Config
preferences: {}
users:
- name: admin
  user:
    token: secret
`;

const NOT_FOUND = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'the server could not find the requested resource',
  reason: 'NotFound',
  code: 404,
};

function respond(server: FakeServer, request: HttpRequest): HttpResponse {
  const { status = 200, body, warnings = [] } = server(request);
  const text = typeof body === 'string';
  return {
    status,
    contentType: text ? 'text/plain' : 'application/json',
    warnings,
    json: () => body,
    text: () => (text ? body : `${JSON.stringify(body)}\n`),
  };
}

function fakeTransport(server: FakeServer, requests: HttpRequest[], now: number): Transport {
  const request = async (sent: HttpRequest) => {
    requests.push(sent);
    return respond(server, sent);
  };
  return {
    host: 'https://cluster.kubemu:6443',
    request,
    async *watch(path) {
      const { body } = server({ method: 'GET', path });
      yield* body as { type: string; object: unknown }[];
    },
    follow: async (path, _waiting, write) => {
      const response = await request({ method: 'GET', path });
      if (response.status < 400) write(response.text());
      return response;
    },
    stream: async () => ({ kind: 'Status', status: 'Success' }),
    forward: async () => new Uint8Array(),
    now: () => now,
    rest: async () => {},
    sleep: async () => {},
  };
}

/** Where the fake host's relative paths start. */
const CWD = '/home/user';
const absolute = (path: string) =>
  (path.startsWith('/') ? path : `${CWD}/${path.replace(/^\.\/?/, '')}`).replace(/\/$/, '');

function fakeHost(files: Map<string, string>, env: Record<string, string>): HostMachine {
  const missing = (path: string) => new Error(`open ${path}: no such file or directory`);
  const isFolder = (path: string) => [...files.keys()].some((file) => file.startsWith(`${absolute(path)}/`));
  const read = (path: string) => {
    const text = files.get(absolute(path));
    if (text === undefined) throw missing(path);
    return text;
  };
  return {
    env,
    cwd: CWD,
    home: CWD,
    readFile: read,
    readBytes: (path) => Buffer.from(read(path)),
    writeFile: (path, data) => void files.set(absolute(path), String(data)),
    readDir: (path) => {
      const prefix = `${absolute(path)}/`;
      const names = new Map<string, boolean>();
      for (const file of files.keys()) {
        if (!file.startsWith(prefix)) continue;
        const [name = '', ...rest] = file.slice(prefix.length).split('/');
        names.set(name, rest.length > 0);
      }
      return [...names].map(([name, directory]) => ({ name, directory }));
    },
    stat: (path) => {
      const text = files.get(absolute(path));
      if (text !== undefined) return { directory: false, size: text.length, mode: 0o644 };
      return isFolder(path) ? { directory: true, size: 0, mode: 0o755 } : undefined;
    },
    makeDir: () => {},
    remove: (path) => void files.delete(absolute(path)),
    spawn: async () => ({ code: 0, stdout: '', stderr: '' }),
  };
}

/** An environment whose cluster is `server`; the client's clock stands at `now` (ms). */
export function fakeEnvironment(
  server: FakeServer = () => ({ status: 404, body: NOT_FOUND }),
  options: { files?: Record<string, string>; env?: Record<string, string>; stdin?: string; now?: number } = {},
): FakeEnvironment {
  const files = new Map(Object.entries(options.files ?? {}).map(([path, text]) => [absolute(path), text]));
  files.set('/kubeconfig', KUBECONFIG);
  const requests: HttpRequest[] = [];
  const environment: FakeEnvironment = {
    stdout: '',
    stderr: '',
    files,
    requests,
    io: {
      out: (text) => {
        environment.stdout += text;
      },
      err: (text) => {
        environment.stderr += text;
      },
      readStdin: async () => options.stdin ?? '',
      stdin: async function* () {
        if (options.stdin) yield Buffer.from(options.stdin);
      },
      stdinIsTerminal: false,
      stdoutIsTerminal: false,
      columns: 80,
    },
    host: fakeHost(files, options.env ?? {}),
    now: () => options.now ?? 0,
    randomSuffix: (length) => 'x'.repeat(length),
    connect: async () => fakeTransport(server, requests, options.now ?? 0),
    defaultKubeconfig: async () => '/kubeconfig',
  };
  return environment;
}
