import { lookUp } from '../../resolver.ts';
import { fail, type Options, ok, parseOptions, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { waitOf } from './failures.ts';
import { credentials, handshake, tlsFailure } from './tls.ts';
import { basicAuth, follow, hostHeader, parseHeaders, parseUrl, type Target, titleCase } from './url.ts';

export type Reply = Extract<ReturnType<ToolContext['machine']['network']['http']>, { status: number }>;

/** Which curl a system ships, and with which OpenSSL; Debian 12's where nothing says. */
const RELEASES: [system: RegExp, version: string, openssl: string][] = [
  [/^PRETTY_NAME="Ubuntu 24/m, '8.5.0', '3.0.13'],
  [/^PRETTY_NAME="Ubuntu 22/m, '7.81.0', '3.0.2'],
  [/^PRETTY_NAME="Ubuntu 20/m, '7.68.0', '1.1.1f'],
  [/^PRETTY_NAME="Debian GNU\/Linux 13/m, '8.14.1', '3.5.1'],
];

/** Versions of curl word some things differently. Images with busybox are Alpine's. */
function release({ machine }: ToolContext) {
  const { files, flavour } = machine;
  const system = files.stat('/etc/os-release') ? files.read('/etc/os-release') : '';
  const [, version = '7.88.1', openssl = '3.0.15'] =
    flavour === 'busybox' ? [/./, '8.14.1', '3.5.1'] : (RELEASES.find(([pattern]) => pattern.test(system)) ?? []);
  const recent = version === '8.14.1';
  return {
    version,
    openssl: `OpenSSL/${openssl}`,
    notConnected: recent ? 'Could not connect to server' : "Couldn't connect to server",
    recent,
    numbered: version.startsWith('7.'),
  };
}

const LONG = [
  'silent',
  'show-error',
  'location',
  'head',
  'insecure',
  'include',
  'verbose',
  'fail',
  'fail-with-body',
  'output:',
  'output-dir:',
  'remote-name',
  'request:',
  'get',
  'header:',
  'data:',
  'data-raw:',
  'data-ascii:',
  'data-binary:',
  'data-urlencode:',
  'form:',
  'json:',
  'upload-file:',
  'max-time:',
  'connect-timeout:',
  'max-redirs:',
  'write-out:',
  'user:',
  'user-agent:',
  'referer:',
  'cookie:',
  'cookie-jar:',
  'oauth2-bearer:',
  'cacert:',
  'capath:',
  'cert:',
  'key:',
  'resolve:',
  'connect-to:',
  'interface:',
  'retry:',
  'retry-delay:',
  'retry-max-time:',
  'retry-connrefused',
  'retry-all-errors',
  'no-progress-meter',
  'progress-bar',
  'compressed',
  'http1.0',
  'http1.1',
  'http2',
  'tlsv1.2',
  'tlsv1.3',
  'ipv4',
  'ipv6',
  'proxy:',
  'noproxy:',
  'unix-socket:',
  'keepalive-time:',
  'path-as-is',
  'globoff',
  'no-buffer',
  'no-keepalive',
  'parallel',
  'dump-header:',
  'version',
  'help',
  'url:',
];

const DATA = ['d', 'data', 'data-raw', 'data-ascii', 'data-binary', 'json', 'data-urlencode'];

/** `{a,b}` and `[1-3]` in a URL stand for several. */
export function expandUrl(url: string): string[] {
  const [, before, list, from, to, after] = /^(.*?)(?:\{([^{}]*)\}|\[(\d+)-(\d+)\])(.*)$/.exec(url) ?? [];
  if (before === undefined) return [url];
  const items =
    list !== undefined
      ? list.split(',')
      : Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) =>
          String(Number(from) + index).padStart(from!.startsWith('0') ? from!.length : 0, '0'),
        );
  return items.flatMap((item) => expandUrl(`${before}${item}${after}`));
}

export const curl: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'sSLIkivfgjGOo:X:H:d:F:m:w:u:A:e:b:c:E:T:x:D:Vh#046ZN', LONG);
  const { version, openssl } = release(context);
  if (options.has('V', 'version')) return ok(`curl ${version} (x86_64-pc-linux-gnu) libcurl/${version} ${openssl}\n`);
  const urls = [...options.values('url'), ...options.rest].flatMap(
    options.has('g', 'globoff') ? (url) => [url] : expandUrl,
  );
  if (urls.length === 0)
    return fail(
      context.machine.flavour === 'busybox'
        ? 'curl: (2) no URL specified\n'
        : "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      2,
    );
  let all: ToolResult = { stdout: '', stderr: '', code: 0 };
  for (const url of urls) {
    const one = transfer(context, options, url);
    const after = (all.after ?? 0) + (one.after ?? 0);
    const written = [...(all.written ?? []), ...(one.written ?? inOrder(one))];
    all = {
      stdout: all.stdout + one.stdout,
      stderr: all.stderr + one.stderr,
      code: one.code,
      written,
      ...(after && { after }),
    };
  }
  return all;
};

const inOrder = ({ stdout, stderr }: ToolResult): ToolResult['written'] & object => [
  { stream: 'stderr', text: stderr },
  { stream: 'stdout', text: stdout },
];

interface Progress {
  target: Target;
  address: string;
  elapsed: number;
  redirects: number;
  verbose: string;
}

/** One URL, retried as asked. */
function transfer(context: ToolContext, options: Options, url: string): ToolResult {
  const retries = Number(options.value('retry') ?? 0);
  const retried = (code: number) =>
    code === 28 ||
    code === 6 ||
    (code === 7 && options.has('retry-connrefused')) ||
    (code !== 0 && options.has('retry-all-errors'));
  const pause = options.value('retry-delay');
  let waited = 0;
  let stderr = '';
  for (let attempt = 0; ; attempt++) {
    const result = once(context, options, url);
    waited += result.after ?? 0;
    stderr += result.stderr;
    if (attempt >= retries || !retried(result.code)) return { ...result, stderr, ...(waited && { after: waited }) };
    const seconds = pause ? Number(pause) : 2 ** attempt;
    waited += seconds * 1000;
    if (!isQuiet(options))
      stderr += `Warning: Problem : timeout. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. ${retries - attempt} \nWarning: ${retries - attempt === 1 ? 'retry' : 'retries'} left.\n`;
  }
}

const isQuiet = (options: Options) => options.has('s', 'silent') && !options.has('S', 'show-error');

function once(context: ToolContext, options: Options, url: string): ToolResult {
  const { notConnected, recent, numbered, openssl } = release(context);
  const at: Progress = { target: parseUrl(url), address: '', elapsed: 0, redirects: 0, verbose: '' };
  const maximum = options.value('m', 'max-time');
  const connecting = options.value('connect-timeout');
  const limit = Math.min(
    ...[maximum, connecting].map((value) => (value ? Number(value) * 1000 : Number.POSITIVE_INFINITY)),
  );
  const error = (code: number, message: string, after = 0): ToolResult => ({
    stdout: writeOut(options, at, { url, code, message }),
    stderr: `${options.has('v', 'verbose') ? at.verbose : ''}${isQuiet(options) ? '' : `${progressMeter(options)}curl: (${code}) ${message}\n`}`,
    code,
    ...(after > 0 && { after }),
  });
  for (;;) {
    const { target } = at;
    if (!['http', 'https'].includes(target.scheme))
      return error(1, `Protocol "${target.scheme}" not supported${recent ? '' : ' or disabled in libcurl'}`);
    if (target.host === '')
      return error(3, recent ? 'URL rejected: No host part in the URL' : 'URL using bad/illegal format or missing URL');
    const forced = resolved(options, target);
    const found = forced ? { name: target.host, addresses: [forced] } : lookUp(context.machine, target.host);
    if ('failure' in found) {
      if (found.after > limit) return error(28, `Resolving timed out after ${limit + 1} milliseconds`, limit);
      return error(6, `Could not resolve host: ${target.host}`, found.after);
    }
    const address = found.addresses[0]!;
    at.address = address;
    if (recent && address !== target.host)
      at.verbose += `* Host ${target.host}:${target.port} was resolved.\n* IPv6: (none)\n* IPv4: ${found.addresses.join(', ')}\n`;
    at.verbose += `*   Trying ${address}:${target.port}...\n`;
    const secure = target.scheme === 'https' ? credentials(context, options) : {};
    if ('failure' in secure) return error(...secure.failure);
    const request = { ...requestOf(context, options, target), ...secure };
    const reply = context.machine.network.http({
      ...request,
      host: address,
      port: target.port,
      path: pathOf(options, target),
      ...(target.scheme === 'https' && { tls: true }),
    });
    if ('failure' in reply) {
      if (reply.failure === 'no-http') return error(52, 'Empty reply from server');
      const wait = waitOf(reply.failure);
      if (wait > limit) {
        at.verbose += `* ipv4 connect timeout after ${limit}ms, move on!\n* Failed to connect to ${target.host} port ${target.port} after ${limit + 1} ms: Timeout was reached\n`;
        return maximum && Number(maximum) * 1000 === limit
          ? error(28, `Connection timed out after ${limit + 1} milliseconds`, limit)
          : error(
              28,
              `Failed to connect to ${target.host} port ${target.port} after ${limit + 1} ms: Timeout was reached`,
              limit,
            );
      }
      const reason = { refused: 'Connection refused', 'no-route': 'No route to host', timeout: 'Connection timed out' }[
        reply.failure as 'refused'
      ];
      const message = `Failed to connect to ${target.host} port ${target.port} after ${wait} ms: ${notConnected}`;
      at.verbose += `* connect to ${address} port ${target.port}${recent ? ` from 0.0.0.0 port 40000` : ''} failed: ${reason}\n* ${message}\n* ${recent ? 'closing connection #0' : 'Closing connection 0'}\n`;
      return error(reply.failure === 'timeout' ? 28 : 7, message, wait);
    }
    at.verbose += `* Connected to ${target.host} (${address}) port ${target.port}${numbered ? ' (#0)' : ''}\n`;
    const unsafe = tlsFailure(context, options, target, reply, openssl);
    if (unsafe) return error(...unsafe);
    if (reply.h2) at.verbose += handshake(target, request, pathOf(options, target));
    at.verbose += exchange(request, pathOf(options, target), reply, recent);
    const { Location: location } = reply.headers;
    if (options.has('L', 'location') && reply.status >= 300 && reply.status < 400 && location) {
      const most = Number(options.value('max-redirs') ?? 50);
      if (at.redirects >= most) return error(47, `Maximum (${most}) redirects followed`);
      at.redirects++;
      at.verbose += `* ${recent ? 'Ignoring the response-body\n* ' : ''}Connection #0 to host ${target.host} left intact\n* Issue another request to this URL: '${location}'\n`;
      at.target = follow(target, location);
      continue;
    }
    if (options.has('f', 'fail') && reply.status >= 400)
      return error(22, `The requested URL returned error: ${reply.status}`);
    return finish(context, options, url, at, reply);
  }
}

/** --resolve HOST:PORT:ADDRESS and --connect-to. */
function resolved(options: Options, { host, port }: Target): string | undefined {
  const entries = [...options.values('resolve'), ...options.values('connect-to')].map((entry) => entry.split(':'));
  return entries.find(
    ([name, number]) => (name === host || name === '*' || name === '') && Number(number) === port,
  )?.[2];
}

function requestOf(context: ToolContext, options: Options, target: Target) {
  const data = dataOf(context, options);
  const form = options.has('F', 'form');
  const json = options.has('json');
  const method =
    options.value('X', 'request') ??
    (options.has('I', 'head')
      ? 'HEAD'
      : options.has('T', 'upload-file')
        ? 'PUT'
        : (data !== undefined || form) && !options.has('G', 'get')
          ? 'POST'
          : 'GET');
  const user = options.value('u', 'user') ?? target.user;
  const bearer = options.value('oauth2-bearer');
  const body = options.has('G', 'get') ? undefined : data;
  const headers: Record<string, string> = {
    host: hostHeader(target),
    ...(user && { authorization: basicAuth(user) }),
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    'user-agent': options.value('A', 'user-agent') ?? `curl/${release(context).version}`,
    accept: json ? 'application/json' : '*/*',
    ...(options.has('b', 'cookie') && { cookie: options.value('b', 'cookie')! }),
    ...(options.has('e', 'referer') && { referer: options.value('e', 'referer')! }),
    ...(body !== undefined && {
      'content-length': String(Buffer.byteLength(body)),
      'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
    }),
    ...parseHeaders(options.values('H', 'header')),
  };
  return { method, headers, ...(body !== undefined && { body }) };
}

function dataOf(context: ToolContext, options: Options): string | undefined {
  if (!options.has(...DATA)) return undefined;
  return options
    .values(...DATA)
    .map((text) => {
      if (!text.startsWith('@')) return text;
      const content = text === '@-' ? context.stdin : context.machine.files.read(context.path(text.slice(1)));
      return options.has('data-binary') ? content : content.replace(/[\r\n]/g, '');
    })
    .join('&');
}

function pathOf(options: Options, { path }: Target): string {
  if (!options.has('G', 'get') || !options.has(...DATA)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${options.values(...DATA).join('&')}`;
}

/** What -v tells of one exchange. */
function exchange(request: ReturnType<typeof requestOf>, path: string, reply: Reply, recent: boolean): string {
  const { host, ...others } = request.headers;
  const sent = [
    `${request.method} ${path} HTTP/${reply.h2 ? '2' : '1.1'}`,
    ...Object.entries({ host, ...others }).map(([name, value]) => `${titleCase(name)}: ${value}`),
    '',
  ];
  const answered = headOf(reply).slice(0, -2).split('\r\n');
  return [
    ...(recent && !reply.h2 ? ['* using HTTP/1.x\n'] : []),
    ...sent.map((line) => `> ${line}\r\n`),
    ...(recent ? ['* Request completely sent off\n'] : []),
    ...answered.map((line) => `< ${line}\r\n`),
  ].join('');
}

/** HTTP/2 has no reasons, small letters, and connections that nobody speaks of. */
function headOf({ status, reason, headers, h2 }: Reply): string {
  const lines = Object.entries(headers)
    .filter(([name]) => !h2 || name !== 'Connection')
    .map(([name, value]) => `${h2 ? name.toLowerCase() : name}: ${value}\r\n`);
  return `${h2 ? `HTTP/2 ${status}` : `HTTP/1.1 ${status} ${reason}`}${h2 ? ' ' : ''}\r\n${lines.join('')}\r\n`;
}

function finish(context: ToolContext, options: Options, url: string, at: Progress, reply: Reply): ToolResult {
  const { target } = at;
  const isHead = options.has('I', 'head') || options.value('X', 'request') === 'HEAD';
  const text = isHead
    ? options.has('I', 'head') || options.has('i', 'include')
      ? headOf(reply)
      : ''
    : (options.has('i', 'include') ? headOf(reply) : '') + reply.body;
  const output =
    options.value('o', 'output') ??
    (options.has('O', 'remote-name') ? target.path.replace(/[?].*/, '').split('/').at(-1) : undefined);
  const folder = options.value('output-dir');
  const toFile = output !== undefined && output !== '-';
  if (toFile && output !== '/dev/null')
    context.machine.files.write(context.path(folder ? `${folder}/${output}` : output), text);
  const dump = options.value('D', 'dump-header');
  if (dump && dump !== '-') context.machine.files.write(context.path(dump), headOf(reply));
  const size = isHead ? 0 : Buffer.byteLength(reply.body);
  const tells = options.has('v', 'verbose');
  const failed = options.has('fail-with-body') && reply.status >= 400;
  const before = `${toFile ? progressMeter(options, size) : ''}${tells ? at.verbose : ''}${tells && size > 0 && toFile ? `{ [${size} bytes data]\n` : ''}`;
  const after = `${tells ? `* Connection #0 to host ${target.host} left intact\n` : ''}${failed && !isQuiet(options) ? `curl: (22) The requested URL returned error: ${reply.status}\n` : ''}`;
  const shown = (dump === '-' ? headOf(reply) : '') + (toFile ? '' : text);
  const summary = writeOut(options, at, { url, code: failed ? 22 : 0, message: '', reply });
  return {
    stdout: shown + summary,
    stderr: before + after,
    code: failed ? 22 : 0,
    written: [
      { stream: 'stderr', text: before },
      { stream: 'stdout', text: shown },
      { stream: 'stderr', text: after },
      { stream: 'stdout', text: summary },
    ],
  };
}

/** The meter that is shown while the output goes to a file. */
function progressMeter(options: Options, size?: number): string {
  const toFile = options.has('o', 'output', 'O', 'remote-name');
  if (!toFile || options.has('s', 'silent', 'no-progress-meter')) return '';
  const head = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n`;
  const row = (share: number, bytes: number, speed: number) =>
    `\r${String(share).padStart(3)} ${String(bytes).padStart(5)}  ${String(share).padStart(3)} ${String(bytes).padStart(5)}    0     0  ${String(speed).padStart(5)}      0 --:--:-- --:--:-- --:--:-- ${String(speed).padStart(5)}`;
  return `${head}${row(0, 0, 0)}${size === undefined ? '\n' : `${row(100, size, size * 500)}\n`}`;
}

function writeOut(
  options: Options,
  { target, address, redirects }: Progress,
  { url, code, message, reply }: { url: string; code: number; message: string; reply?: Reply },
): string {
  const values: Record<string, string> = {
    http_code: String(reply?.status ?? 0).padStart(3, '0'),
    response_code: String(reply?.status ?? 0).padStart(3, '0'),
    size_download: String(reply ? Buffer.byteLength(reply.body) : 0),
    size_header: String(reply ? headOf(reply).length : 0),
    speed_download: reply ? '300000' : '0',
    content_type: reply?.headers['Content-Type'] ?? '',
    num_redirects: String(redirects),
    num_connects: '1',
    redirect_url: reply?.headers.Location ?? '',
    url_effective:
      redirects > 0 || url.includes('://')
        ? `${target.scheme}://${target.host}${target.explicit ? `:${target.port}` : ''}${target.path}`
        : `${target.scheme}://${url}${url.includes('/') ? '' : '/'}`,
    url,
    scheme: target.scheme,
    method: options.value('X', 'request') ?? 'GET',
    http_version: reply ? (reply.h2 ? '2' : '1.1') : '0',
    remote_ip: address,
    remote_port: address ? String(target.port) : '0',
    local_ip: '',
    exitcode: String(code),
    errormsg: message,
    ssl_verify_result: '0',
    time_namelookup: '0.000412',
    time_connect: '0.000731',
    time_appconnect: '0.000000',
    time_pretransfer: '0.000790',
    time_starttransfer: '0.001325',
    time_redirect: '0.000000',
    time_total: '0.001402',
  };
  return (options.value('w', 'write-out') ?? '')
    .replace(/\\([ntr])/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter]!)
    .replace(/%(%|\{([a-z_]+)\})/g, (whole, _, name: string | undefined) =>
      name === undefined ? '%' : (values[name] ?? whole),
    );
}
