import type { IncomingMessage, ServerResponse } from 'node:http';
import { goRegExp, goRegExpError } from '../../base/go-regexp.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError, ExitError, StatusError } from '../errors.ts';
import { klogHeader } from '../log/klog.ts';
import type { HttpRequest, Transport } from '../transport.ts';

const command: Command = {
  name: 'proxy',
  use: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  long: `Creates a proxy server or application-level gateway between localhost and the Kubernetes API server. It also serves files from a folder under a path. All requests come in through one port and go on to the API server, except those for the files.`,
  examples: `
# To proxy all of the Kubernetes API and nothing else
kubectl proxy --api-prefix=/

# To proxy part of the Kubernetes API and some files, on port 8011
kubectl proxy --port=8011 --www=$HOME/www --www-prefix=/my/ --api-prefix=/api/

# To proxy on any free port
kubectl proxy --port=0

# To proxy the API with the prefix k8s-api: 'curl localhost:8001/k8s-api/v1/pods' works then
kubectl proxy --api-prefix=/k8s-api`,
  flags: [
    {
      name: 'accept-hosts',
      type: 'string',
      default: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
      usage: 'Regular expressions for hosts that are accepted.',
    },
    { name: 'accept-paths', type: 'string', default: '^.*', usage: 'Regular expressions for paths that are accepted.' },
    { name: 'address', type: 'string', default: '127.0.0.1', usage: 'IP address to serve on.' },
    { name: 'api-prefix', type: 'string', default: '/', usage: 'Prefix of the API.' },
    {
      name: 'append-server-path',
      type: 'bool',
      usage: "Put the path of the server's URL before that of each request.",
    },
    {
      name: 'disable-filter',
      type: 'bool',
      usage: 'Do not filter requests. Dangerous on a port that others can reach.',
    },
    { name: 'keepalive', type: 'duration', usage: 'How long a connection is kept open; 0 for no such thing.' },
    { name: 'port', shorthand: 'p', type: 'int', default: '8001', usage: 'Port to serve on; 0 for any free one.' },
    {
      name: 'reject-methods',
      type: 'string',
      default: '^$',
      usage: "Regular expressions for methods that are refused (example --reject-methods='POST,PUT,PATCH').",
    },
    {
      name: 'reject-paths',
      type: 'string',
      default: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
      usage: 'Regular expressions for paths that are refused, even if --accept-paths accepts them.',
    },
    { name: 'unix-socket', shorthand: 'u', type: 'string', usage: 'Unix socket to serve on.' },
    { name: 'www', shorthand: 'w', type: 'string', usage: 'Also serve files from this folder.' },
    { name: 'www-prefix', shorthand: 'P', type: 'string', default: '/static/', usage: 'Prefix of the files.' },
  ],
  run: proxy,
};

export default command;

const expressions = (list: string, { environment }: Invocation): RegExp[] =>
  list
    .split(',')
    .filter((each) => each !== '')
    .map((each) => {
      const found = goRegExp(each);
      if (found) return found;
      const header = klogHeader(environment.now(), 'F');
      throw new ExitError(255, `${header} proxy_server.go:83] Error compiling re: ${goRegExpError(each)}\n`);
    });

/** Which requests are let through (proxy.FilterServer). */
function filterOf(invocation: Invocation): (host: string, method: string, path: string) => boolean {
  const { flags } = invocation;
  if (flags.bool('disable-filter')) return () => true;
  const [hosts, paths, badMethods, badPaths] = ['accept-hosts', 'accept-paths', 'reject-methods', 'reject-paths'].map(
    (name) => expressions(flags.string(name), invocation),
  ) as [RegExp[], RegExp[], RegExp[], RegExp[]];
  const matches = (list: RegExp[], text: string) => list.some((each) => each.test(text));
  return (host, method, path) =>
    matches(hosts, host) && matches(paths, path) && !matches(badPaths, path) && !matches(badMethods, method);
}

async function proxy(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const socket = flags.string('unix-socket');
  if (socket && flags.changed('port')) throw new CommandError('cannot set --unix-socket and --port at the same time');
  if (flags.bool('disable-filter')) {
    const header = klogHeader(environment.now());
    environment.io.err(
      `${header} proxy.go:177] Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious\n`,
    );
  }
  const { transport } = await factory.client();
  const accepted = filterOf(invocation);
  const prefix = flags.string('api-prefix').replace(/\/*$/, '/');
  const files = fileServer(invocation);
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const plain = path.split('?')[0]!;
    if (!accepted(host, request.method ?? 'GET', plain)) return refuse(response, 403, 'Forbidden');
    if (files(plain, response)) return;
    if (!path.startsWith(prefix)) return refuse(response, 404, '404 page not found\n');
    void pass(transport, request, response, `/${path.slice(prefix.length)}`);
  });
  if (!socket && !(flags.int('port') >= 0 && flags.int('port') < 65536)) {
    throw new CommandError(`listen tcp: address ${flags.int('port')}: invalid port`);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'EADDRINUSE' ? 'bind: address already in use' : error.message;
      const address = `${flags.string('address')}:${flags.int('port')}`;
      reject(new CommandError(`listen tcp ${address}: ${problem}`));
    });
    if (socket) server.listen(socket, resolve);
    else server.listen(flags.int('port'), flags.string('address'), resolve);
  });
  const bound = server.address();
  const shown = typeof bound === 'object' && bound ? `${bound.address}:${bound.port}` : socket;
  environment.io.out(`Starting to serve on ${shown}\n`);
  await transport.rest();
  await new Promise<void>((resolve) => server.once('close', resolve));
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

const PASSED = ['accept', 'content-type', 'impersonate-user', 'impersonate-group', 'impersonate-uid'];

async function pass(
  transport: Transport,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    PASSED.flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])),
  ) as Record<string, string>;
  const body = Buffer.concat(chunks).toString();
  try {
    await transport.rest();
    const answer = await transport.request({
      method: (request.method ?? 'GET') as HttpRequest['method'],
      path,
      headers,
      ...(body !== '' && { body }),
    });
    await transport.rest();
    const warnings = answer.warnings.map((text) => `299 - ${JSON.stringify(text)}`);
    if (warnings.length > 0) response.setHeader('warning', warnings);
    response.writeHead(answer.status, { 'content-type': answer.contentType });
    response.end(answer.text());
  } catch (error) {
    refuse(response, error instanceof StatusError ? (error.status.code ?? 500) : 502, `${asError(error).message}\n`);
  }
}

const TYPES: Record<string, string> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
};

/** Serves --www; says whether the path was its own. */
function fileServer({ flags, environment }: Invocation): (path: string, response: ServerResponse) => boolean {
  const folder = flags.string('www');
  const prefix = flags.string('www-prefix').replace(/\/*$/, '/');
  if (!folder) return () => false;
  return (path, response) => {
    if (!path.startsWith(prefix)) return false;
    const relative = decodeURIComponent(path.slice(prefix.length));
    const file = `${folder}/${relative === '' || relative.endsWith('/') ? `${relative}index.html` : relative}`;
    const stat = relative.split('/').includes('..') ? undefined : environment.host.stat(file);
    if (!stat || stat.directory) refuse(response, 404, '404 page not found\n');
    else {
      const type = TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'text/plain';
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(environment.host.readBytes(file));
    }
    return true;
  };
}
