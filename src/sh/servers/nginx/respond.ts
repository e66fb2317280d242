import type { Machine } from '../../process.ts';
import { reasonOf, respond, type ServerRequest, type ServerResponse, TYPES } from '../../programs/http-answer.ts';
import { lookUp } from '../../resolver.ts';
import { parseUrl } from '../../tools/network/url.ts';
import type { NginxConfiguration, NginxServer } from './configuration.ts';
import type { Directive } from './syntax.ts';

/** What one request is answered from. */
interface Situation {
  machine: Machine;
  configuration: NginxConfiguration;
  server: NginxServer;
  port: number;
  request: ServerRequest & { client?: string };
  /** `nginx/1.27.5` */
  version: string;
  /** The directives around a location come after its own. */
  location?: Directive;
  /** The path as it is after rewrites. */
  uri: string;
  captures: string[];
}

export interface NginxAnswer {
  response: ServerResponse;
  /** A line for the error log, without its head. */
  error?: string;
  /** Whether the access log tells of it. */
  logged: boolean;
}

/** What nginx answers to a request on a port. */
export function respondTo(
  machine: Machine,
  configuration: NginxConfiguration,
  version: string,
  port: number,
  request: Situation['request'],
): NginxAnswer {
  const server = serverFor(configuration, port, (request.headers.host ?? '').replace(/:\d+$/, ''));
  if (!server) return { response: page(404, version, machine.now()), logged: true };
  const tokens = [...server.directives, ...configuration.http].find(({ name }) => name === 'server_tokens')?.args[0];
  const uri = decoded(request.path.replace(/[?#].*$/, '') || '/');
  const situation: Situation = {
    machine,
    configuration,
    server,
    port,
    request,
    version: tokens === 'off' ? 'nginx' : version,
    uri,
    captures: [],
  };
  const tls = server.listens.some((listen) => listen.port === port && listen.tls);
  const answer = request.tls !== true && tls ? plainToTls(situation) : handle(situation, 0);
  const { response } = answer;
  if (request.method === 'HEAD') response.body = '';
  return { ...answer, response: tls ? { ...response, tls } : response };
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** The first server with that name on that port, or the default one there. */
function serverFor({ servers }: NginxConfiguration, port: number, host: string): NginxServer | undefined {
  const there = servers.filter(({ listens }) => listens.some((listen) => listen.port === port));
  const matches = (pattern: string) =>
    pattern.startsWith('~')
      ? new RegExp(pattern.slice(1)).test(host)
      : pattern.startsWith('*.')
        ? host.endsWith(pattern.slice(1))
        : pattern.endsWith('.*')
          ? host.startsWith(pattern.slice(0, -1))
          : pattern === host;
  return (
    there.find(({ names }) => names.includes(host)) ??
    there.find(({ names }) => names.some(matches)) ??
    there.find(({ listens }) => listens.some((listen) => listen.port === port && listen.isDefault)) ??
    there[0]
  );
}

/** A directive as it holds here: the location's own, the server's, those of `http`. */
function setting({ location, server, configuration }: Situation, name: string): Directive | undefined {
  const levels = [location?.block ?? [], server.directives, configuration.http];
  for (const level of levels) {
    const found = level.find((one) => one.name === name);
    if (found) return found;
  }
  return undefined;
}

const settings = (situation: Situation, name: string): Directive[] => {
  const levels = [situation.location?.block ?? [], situation.server.directives, situation.configuration.http];
  return levels.map((level) => level.filter((one) => one.name === name)).find((found) => found.length > 0) ?? [];
};

/** How often a request may be handed on within nginx. */
const MOST_REDIRECTS = 10;

function handle(start: Situation, depth: number): NginxAnswer {
  if (depth > MOST_REDIRECTS) return failed(start, 500, 'rewrite or internal redirection cycle');
  const own = scripted(start, start.server.directives);
  if ('response' in own) return own;
  const location = locationFor(own);
  const situation: Situation = { ...own, ...(location && { location }) };
  const next = scripted(situation, location?.block ?? []);
  if ('response' in next) return next;
  if (next.uri !== situation.uri)
    return handle(
      {
        ...next,
        server: { ...next.server, directives: next.server.directives.filter(({ name }) => name !== 'rewrite') },
      },
      depth + 1,
    );
  const logged = setting(next, 'access_log')?.args[0] !== 'off';
  const answer = { ...content(next, depth), logged };
  for (const { args } of settings(next, 'add_header')) {
    const [name = '', value = '', always] = args;
    if (answer.response.status < 400 || always === 'always') answer.response.headers[name] = fill(next, value);
  }
  return answer;
}

/** The directives that act in order: return, rewrite, if, set. */
function scripted(start: Situation, directives: Directive[]): Situation | NginxAnswer {
  let situation = start;
  for (const { name, args, block } of directives) {
    if (name === 'return') return returned(situation, args);
    if (name === 'if' && block && holds(situation, args.join(' '))) {
      const inner = scripted(situation, block);
      if ('response' in inner) return inner;
      situation = inner;
    }
    if (name !== 'rewrite') continue;
    const [pattern = '', target = '', flag] = args;
    const found = new RegExp(pattern).exec(situation.uri);
    if (!found) continue;
    const uri = fill({ ...situation, captures: [...found] }, target);
    if (flag === 'redirect' || flag === 'permanent' || /^https?:/.test(uri))
      return moved(situation, flag === 'permanent' ? 301 : 302, uri);
    situation = { ...situation, uri: uri.replace(/\?.*$/, '') };
    if (flag === 'last' || flag === 'break') break;
  }
  return situation;
}

/** The condition of an `if`: a variable alone, compared, or matched. */
function holds(situation: Situation, condition: string): boolean {
  const [, left = '', operator, right = ''] = /^\(\s*(\S+?)\s*(?:(!?=|!?~\*?)\s*(.*?))?\s*\)$/.exec(condition) ?? [];
  const value = fill(situation, left);
  if (operator === undefined) return value !== '' && value !== '0';
  const same = operator.includes('~')
    ? new RegExp(right, operator.endsWith('*') ? 'i' : '').test(value)
    : value === fill(situation, right);
  return operator.startsWith('!') ? !same : same;
}

function returned(situation: Situation, [code = '', ...rest]: string[]): NginxAnswer {
  const text = fill(situation, rest.join(' '));
  if (/^https?:/.test(code)) return moved(situation, 302, fill(situation, code));
  const status = Number(code);
  if (status >= 300 && status < 400 && text) return moved(situation, status, text);
  if (!text) return { response: page(status, situation.version, situation.machine.now()), logged: true };
  const type = setting(situation, 'default_type')?.args[0] ?? 'text/plain';
  return { response: respond(status, text, type, situation.version, situation.machine.now()), logged: true };
}

function moved(situation: Situation, status: number, target: string): NginxAnswer {
  const response = page(status, situation.version, situation.machine.now());
  const host = situation.request.headers.host ?? '';
  const { Connection: connection, ...headers } = response.headers;
  const location = target.startsWith('/') ? `http://${host}${target}` : target;
  response.headers = { ...headers, Location: location, Connection: connection! };
  return { response, logged: true };
}

/** = before ^~ before regular expressions before the longest prefix. */
function locationFor({ server, uri, captures }: Situation): Directive | undefined {
  const all = server.directives.filter(({ name, args }) => name === 'location' && !args[0]?.startsWith('@'));
  const parts = (one: Directive) =>
    one.args.length > 1 ? { mark: one.args[0]!, path: one.args[1]! } : { mark: '', path: one.args[0] ?? '/' };
  const exact = all.find((one) => parts(one).mark === '=' && parts(one).path === uri);
  if (exact) return exact;
  const prefixes = all.filter((one) => ['', '^~'].includes(parts(one).mark) && uri.startsWith(parts(one).path));
  const longest = prefixes.sort((a, b) => parts(b).path.length - parts(a).path.length)[0];
  if (longest && parts(longest).mark === '^~') return longest;
  for (const one of all) {
    const { mark, path } = parts(one);
    const found = mark.startsWith('~') ? new RegExp(path, mark === '~*' ? 'i' : '').exec(uri) : null;
    if (!found) continue;
    captures.splice(0, captures.length, ...found);
    return one;
  }
  return longest;
}

function content(situation: Situation, depth: number): NginxAnswer {
  const { location, machine, version } = situation;
  const own = (name: string) => location?.block?.find((one) => one.name === name);
  if (settings(situation, 'deny').some(({ args }) => args[0] === 'all') && settings(situation, 'allow').length === 0)
    return failed(situation, 403, 'access forbidden by rule');
  const realm = setting(situation, 'auth_basic')?.args[0];
  if (realm && realm !== 'off' && !situation.request.headers.authorization) {
    const response = page(401, version, machine.now());
    response.headers['WWW-Authenticate'] = `Basic realm="${realm}"`;
    return { response, logged: true };
  }
  if (own('stub_status'))
    return {
      response: respond(
        200,
        'Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n',
        'text/plain',
        version,
        machine.now(),
      ),
      logged: true,
    };
  const pass = own('proxy_pass');
  if (pass) return proxied(situation, fill(situation, pass.args[0] ?? ''));
  const tries = setting(situation, 'try_files')?.args;
  return tries ? tried(situation, tries, depth) : file(situation, situation.uri);
}

/** The folder or file of the disk that a path stands for. */
function diskPath(situation: Situation, uri: string): string {
  const { location } = situation;
  const alias = location?.block?.find(({ name }) => name === 'alias')?.args[0];
  if (alias) {
    const prefix = location!.args.at(-1)!;
    return `${alias}${uri.slice(prefix.length)}`;
  }
  return `${fill(situation, setting(situation, 'root')?.args[0] ?? '/etc/nginx/html')}${uri}`.replace(/\/+/g, '/');
}

function tried(situation: Situation, args: string[], depth: number): NginxAnswer {
  const { machine } = situation;
  for (const candidate of args.slice(0, -1)) {
    const uri = fill(situation, candidate);
    const stat = followedStat(machine, diskPath(situation, uri).replace(/\/$/, ''));
    if (stat && (stat.type === 'directory') === uri.endsWith('/')) return file(situation, uri);
  }
  const last = fill(situation, args.at(-1) ?? '');
  if (last.startsWith('=')) return failed(situation, Number(last.slice(1)));
  const { location: _, ...outside } = situation;
  return handle({ ...outside, uri: last.replace(/\?.*$/, '') }, depth + 1);
}

const followedStat = ({ files }: Machine, path: string, hops = 0): ReturnType<Machine['files']['stat']> => {
  const stat = files.stat(path || '/');
  if (stat?.type !== 'symlink' || hops > 8) return stat;
  const target = stat.target!.startsWith('/') ? stat.target! : `${path.slice(0, path.lastIndexOf('/'))}/${stat.target}`;
  return followedStat({ files } as Machine, target, hops + 1);
};

function file(situation: Situation, uri: string): NginxAnswer {
  const { machine, version } = situation;
  const path = diskPath(situation, uri);
  const stat = followedStat(machine, path.replace(/\/$/, ''));
  if (!stat) return failed(situation, 404, `open() "${path}" failed (2: No such file or directory)`);
  if (stat.type === 'directory') {
    if (!uri.endsWith('/')) return moved(situation, 301, `${uri}/`);
    const names = setting(situation, 'index')?.args ?? ['index.html'];
    const index = names.find((name) => followedStat(machine, `${path.replace(/\/$/, '')}/${name}`));
    if (index) return file(situation, `${uri}${index}`);
    if (setting(situation, 'autoindex')?.args[0] === 'on') return listing(situation, path);
    return failed(situation, 403, `directory index of "${path}" is forbidden`);
  }
  const extension = path.split('.').at(-1)!;
  const fallback = setting(situation, 'default_type')?.args[0] ?? 'text/plain';
  const response = respond(200, machine.files.read(path), TYPES[extension] ?? fallback, version, machine.now());
  const { Connection: connection, ...headers } = response.headers;
  const size = Buffer.byteLength(response.body);
  response.headers = {
    ...headers,
    'Last-Modified': new Date(stat.mtime).toUTCString(),
    Connection: connection!,
    ETag: `"${Math.floor(stat.mtime / 1000).toString(16)}-${size.toString(16)}"`,
    'Accept-Ranges': 'bytes',
  };
  return { response, logged: true };
}

function listing(situation: Situation, path: string): NginxAnswer {
  const { machine, uri, version } = situation;
  const rows = machine.files.list(path.replace(/\/$/, '')).map((name) => `<a href="${name}">${name}</a>\r\n`);
  const body = `<html>\r\n<head><title>Index of ${uri}</title></head>\r\n<body>\r\n<h1>Index of ${uri}</h1><hr><pre><a href="../">../</a>\r\n${rows.join('')}</pre><hr></body>\r\n</html>\r\n`;
  return { response: respond(200, body, 'text/html', version, machine.now()), logged: true };
}

/** Asks the server behind; what it cannot be asked is 502 or 504. */
function proxied(situation: Situation, target: string): NginxAnswer {
  const { machine, request, uri, location, configuration } = situation;
  const url = parseUrl(target);
  const members = configuration.upstreams[url.host];
  const member = members?.[0] ? parseUrl(`${url.scheme}://${members[0]}`) : url;
  const hasPath = /^https?:\/\/[^/]+\//.test(target);
  const prefix = location?.args.at(-1) ?? '/';
  const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : '';
  const path = (hasPath ? url.path + uri.slice(prefix.length) : uri) + query;
  const found = lookUp(machine, member.host);
  if ('failure' in found) return failed(situation, 502, `${member.host} could not be resolved (3: Host not found)`);
  const address = found.addresses[0]!;
  const own = Object.fromEntries(
    settings(situation, 'proxy_set_header').map(({ args }) => [
      args[0]!.toLowerCase(),
      fill(situation, args.slice(1).join(' ')),
    ]),
  );
  const answer = machine.network.http({
    method: request.method,
    host: address,
    port: member.port,
    path,
    headers: {
      ...request.headers,
      host: target.replace(/^https?:\/\//, '').replace(/\/.*$/, ''),
      connection: 'close',
      ...own,
    },
    ...(request.body !== undefined && { body: request.body }),
    ...(url.scheme === 'https' && { tls: true }),
  });
  const upstream = `upstream: "${url.scheme}://${address}:${member.port}${path}"`;
  if ('failure' in answer) {
    const timedOut = answer.failure === 'timeout';
    const reason = timedOut
      ? 'upstream timed out (110: Operation timed out)'
      : answer.failure === 'no-route'
        ? 'connect() failed (113: Host is unreachable)'
        : 'connect() failed (111: Connection refused)';
    return failed(situation, timedOut ? 504 : 502, `${reason} while connecting to upstream`, upstream);
  }
  const { Server: _, Date: __, Connection: ___, ...headers } = answer.headers;
  const response = respond(
    answer.status,
    answer.body,
    answer.headers['Content-Type'] ?? 'text/plain',
    situation.version,
    machine.now(),
  );
  return {
    response: { ...response, reason: answer.reason, headers: { ...response.headers, ...headers } },
    logged: true,
  };
}

function plainToTls(situation: Situation): NginxAnswer {
  const body = page(400, situation.version, situation.machine.now());
  body.body = body.body.replace(
    '<center><h1>400 Bad Request</h1></center>',
    '<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>',
  );
  body.headers['Content-Length'] = String(Buffer.byteLength(body.body));
  return { response: body, logged: true };
}

/** An error: its page, unless the configuration has one of its own, and its line in the log. */
function failed(situation: Situation, status: number, reason?: string, upstream?: string): NginxAnswer {
  const { machine, request, server, version } = situation;
  const name = server.names[0] ?? '';
  const error =
    reason &&
    [
      `*1 ${reason}`,
      `client: ${request.client ?? '-'}`,
      `server: ${name}`,
      `request: "${request.method} ${request.path} HTTP/1.1"`,
      ...(upstream ? [upstream] : []),
      `host: "${request.headers.host ?? ''}"`,
    ].join(', ');
  const own = settings(situation, 'error_page')
    .find(({ args }) => args.slice(0, -1).includes(String(status)))
    ?.args.at(-1);
  let response = page(status, version, machine.now());
  if (own?.startsWith('/')) {
    const { location: _, ...outside } = situation;
    const custom = { ...outside, uri: own };
    const location = locationFor(custom);
    const found = file({ ...custom, ...(location && { location }) }, own);
    if (found.response.status === 200) response = { ...found.response, status, reason: reasonOf(status) };
  }
  return { response, ...(error && { error }), logged: true };
}

/** nginx's own page for a status. */
function page(status: number, version: string, now: number): ServerResponse {
  const title = `${status} ${reasonOf(status)}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${version}</center>\r\n</body>\r\n</html>\r\n`;
  return respond(status, status === 204 ? '' : body, 'text/html', version, now);
}

/** Puts in what variables stand for. */
function fill({ machine, request, server, port, uri, captures }: Situation, text: string): string {
  const [, query = ''] = request.path.split('?');
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const values: Record<string, string> = {
    uri,
    document_uri: uri,
    request_uri: request.path,
    args: query,
    query_string: query,
    is_args: query ? '?' : '',
    host: host || (server.names[0] ?? ''),
    http_host: request.headers.host ?? '',
    hostname: machine.hostname,
    remote_addr: request.client ?? '',
    proxy_add_x_forwarded_for: request.client ?? '',
    request_method: request.method,
    request: `${request.method} ${request.path} HTTP/1.1`,
    server_name: server.names[0] ?? '',
    server_port: String(port),
    server_addr: '',
    server_protocol: 'HTTP/1.1',
    scheme: server.listens.some((listen) => listen.port === port && listen.tls) ? 'https' : 'http',
    nginx_version: '',
    pid: '29',
    msec: (machine.now() / 1000).toFixed(3),
    time_iso8601: `${new Date(machine.now()).toISOString().slice(0, 19)}+00:00`,
  };
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => {
    const name = (braced ?? bare)!;
    if (/^\d$/.test(name)) return captures[Number(name)] ?? '';
    if (name.startsWith('http_') && values[name] === undefined)
      return request.headers[name.slice(5).replaceAll('_', '-')] ?? '';
    if (name.startsWith('arg_')) return new URLSearchParams(query).get(name.slice(4)) ?? '';
    return values[name] ?? '';
  });
}
