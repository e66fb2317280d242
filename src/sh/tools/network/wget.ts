import { lookUp } from '../../resolver.ts';
import { fail, isBusybox, type Options, parseOptions, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { CONNECT_TIMEOUT, ERRORS, waitOf } from './failures.ts';
import { basicAuth, follow, hostHeader, parseHeaders, parseUrl, type Target } from './url.ts';

/** What is asked, whichever wget asks. */
interface Wanted {
  options: Options;
  quiet: boolean;
  spider: boolean;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

type Reply = Extract<ReturnType<ToolContext['machine']['network']['http']>, { status: number }>;

const REDIRECTS = 20;

function ask(context: ToolContext, wanted: Wanted, target: Target, address: string) {
  return context.machine.network.http({
    method: wanted.method,
    host: address,
    port: target.port,
    path: target.path,
    headers: {
      host: hostHeader(target),
      'user-agent': isBusybox(context) ? 'Wget' : 'Wget/1.21.3',
      ...(isBusybox(context) ? { connection: 'close' } : { accept: '*/*' }),
      ...(target.user && { authorization: basicAuth(target.user) }),
      ...wanted.headers,
    },
    ...(wanted.body !== undefined && { body: wanted.body }),
    ...(target.scheme === 'https' && { tls: true }),
  });
}

/** Where the answer goes: `-` is standard output. */
function outputOf({ options }: Wanted, target: Target): string {
  const given = options.value('O', 'output-document');
  if (given !== undefined) return given;
  const last = target.path.replace(/[?].*/, '').split('/').at(-1) || 'index.html';
  const folder = options.value('P', 'directory-prefix');
  return folder ? `${folder}/${last}` : last;
}

function save(context: ToolContext, name: string, body: string): string {
  if (name === '-') return body;
  if (name !== '/dev/null') context.machine.files.write(context.path(name), body);
  return '';
}

const headerLines = (reply: Reply): string =>
  [
    `HTTP/1.1 ${reply.status} ${reply.reason}`,
    ...Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`),
  ]
    .map((line) => `  ${line}\n`)
    .join('');

/** A redirect's target, for a status that is one. */
const redirect = (reply: Reply, from: Target): Target | undefined =>
  reply.status >= 300 && reply.status < 400 && reply.headers.Location
    ? follow(from, reply.headers.Location)
    : undefined;

export const wget: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'qcO:T:t:SP:ncU:Y:o:', LONG);
  const body = options.value('post-data', 'body-data');
  const agent = options.value('U', 'user-agent');
  const wanted: Wanted = {
    options,
    quiet: options.has('q', 'quiet'),
    spider: options.has('spider'),
    method:
      options.value('method') ??
      (body === undefined ? (options.has('spider') && !isBusybox(context) ? 'HEAD' : 'GET') : 'POST'),
    headers: { ...(agent && { 'user-agent': agent }), ...parseHeaders(options.values('header')) },
    ...(body !== undefined && { body }),
  };
  if (options.rest.length === 0) return fail(isBusybox(context) ? BUSYBOX_USAGE : GNU_USAGE);
  const fetch = isBusybox(context) ? busybox : gnu;
  let all: ToolResult = { stdout: '', stderr: '', code: 0 };
  for (const url of options.rest) {
    const one = fetch(context, wanted, url);
    const after = (all.after ?? 0) + (one.after ?? 0);
    all = {
      stdout: all.stdout + one.stdout,
      stderr: all.stderr + one.stderr,
      code: all.code || one.code,
      ...(after > 0 && { after }),
    };
    if (one.code !== 0 && isBusybox(context)) break;
  }
  return all;
};

const LONG = [
  'quiet',
  'continue',
  'output-document:',
  'directory-prefix:',
  'timeout:',
  'connect-timeout:',
  'tries:',
  'spider',
  'header:',
  'post-data:',
  'no-check-certificate',
  'server-response',
  'no-verbose',
  'method:',
  'body-data:',
  'user-agent:',
  'content-on-error',
  'no-proxy',
  'user:',
  'password:',
  'max-redirect:',
  'no-cache',
];

const BUSYBOX_USAGE = `BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
\t[--post-data STR | --post-file FILE] [-Y on/off]
\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...
`;

const GNU_USAGE = "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";

/** networking/wget.c */
function busybox(context: ToolContext, wanted: Wanted, url: string): ToolResult {
  const { quiet, options } = wanted;
  let log = '';
  const die = (message: string, after?: number): ToolResult => ({
    ...fail(`${log}wget: ${message}\n`),
    ...(after && { after }),
  });
  let target = parseUrl(url);
  const limit = options.value('T', 'timeout');
  for (let hops = 0; ; hops++) {
    if (!['http', 'https'].includes(target.scheme)) return die(`not an http or ftp url: ${url}`);
    const shown = target.explicit ? `${target.host}:${target.port}` : target.host;
    const found = lookUp(context.machine, target.host);
    if ('failure' in found) return die(`bad address '${shown}'`, found.after);
    const address = found.addresses[0]!;
    if (!quiet) log += `Connecting to ${shown} (${address}:${target.port})\n`;
    if (target.scheme === 'https') log += 'wget: note: TLS certificate validation not implemented\n';
    const reply = ask(context, wanted, target, address);
    if ('failure' in reply) {
      if (reply.failure === 'no-http') return die('error getting response: Connection reset by peer');
      const wait = waitOf(reply.failure);
      const patience = Number(limit ?? 900) * 1000;
      if (wait > patience) return die('download timed out', patience);
      return die(`can't connect to remote host (${address}): ${ERRORS[reply.failure as keyof typeof ERRORS]}`, wait);
    }
    if (target.scheme === 'https' && !reply.tls) return die('error getting response: Connection reset by peer');
    if (options.has('S', 'server-response')) log += headerLines(reply);
    const next = redirect(reply, target);
    if (next && hops < REDIRECTS) {
      target = next;
      continue;
    }
    if (reply.status < 200 || reply.status >= 400)
      return die(`server returned error: HTTP/1.1 ${reply.status} ${reply.reason}`);
    if (wanted.spider) return { stdout: '', stderr: quiet ? log : `${log}remote file exists\n`, code: 0 };
    const name = outputOf(wanted, target);
    const stdout = save(context, name, reply.body);
    const size = Buffer.byteLength(reply.body);
    const label = name.split('/').at(-1)!;
    const bar =
      size > 0 ? `${label.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${shortSize(size)}  0:00:00 ETA\n` : '';
    const [begun, done] =
      name === '-' ? ['writing to stdout', 'written to stdout'] : [`saving to '${name}'`, `'${name}' saved`];
    return { stdout, stderr: quiet ? log : `${log}${begun}\n${bar}${done}\n`, code: 0 };
  }
}

/** smart_ulltoa5: five characters. */
const shortSize = (size: number): string =>
  (size < 100_000
    ? String(size)
    : size < 1024 * 1000
      ? `${Math.floor(size / 1024)}k`
      : `${(size / 1_048_576).toFixed(1)}M`
  ).padStart(5);

/** GNU wget 1.21 */
function gnu(context: ToolContext, wanted: Wanted, url: string): ToolResult {
  const { quiet, options } = wanted;
  const time = new Date(context.machine.now()).toISOString().slice(0, 19).replace('T', ' ');
  const utf8 = /utf-?8/i.test(context.env.LC_ALL ?? context.env.LANG ?? '');
  const quoted = (text: string) => (utf8 ? `‘${text}’` : `'${text}'`);
  const nothing = quiet || options.has('no-verbose');
  let log = wanted.spider ? 'Spider mode enabled. Check if remote file exists.\n' : '';
  const end = (code: number, text: string, after?: number): ToolResult => ({
    ...fail(nothing ? '' : log + text, code),
    ...(after && { after }),
  });
  let target = parseUrl(url);
  for (let hops = 0; ; hops++) {
    log += `--${time}--  ${target.scheme}://${target.host}${target.explicit ? `:${target.port}` : ''}${target.path}\n`;
    const found = lookUp(context.machine, target.host);
    const literal = 'name' in found && found.addresses[0] === target.host;
    const resolving = `Resolving ${target.host} (${target.host})... `;
    if ('failure' in found) {
      const reason = found.failure === 'unknown' ? 'Name or service not known' : 'Temporary failure in name resolution';
      return end(
        4,
        `${resolving}failed: ${reason}.\nwget: unable to resolve host address ${quoted(target.host)}\n`,
        found.after,
      );
    }
    const address = found.addresses[0]!;
    log += literal
      ? `Connecting to ${target.host}:${target.port}... `
      : `${resolving}${found.addresses.join(', ')}\nConnecting to ${target.host} (${target.host})|${address}|:${target.port}... `;
    const reply = ask(context, wanted, target, address);
    if ('failure' in reply) {
      if (reply.failure === 'no-http')
        return end(4, 'connected.\nHTTP request sent, awaiting response... No data received.\nGiving up.\n\n');
      const tries = Number(options.value('t', 'tries') ?? 20) || 20;
      const limit = options.value('T', 'timeout', 'connect-timeout');
      const wait = Math.min(waitOf(reply.failure), limit ? Number(limit) * 1000 : CONNECT_TIMEOUT);
      const message = `failed: ${ERRORS[reply.failure as keyof typeof ERRORS]}.\n`;
      if (reply.failure !== 'timeout') return end(4, message, wait);
      const again = Array.from(
        { length: tries - 1 },
        (_, n) =>
          `Retrying.\n\n--${time}--  (try:${String(n + 2).padStart(2)})  ${url}\nConnecting to ${target.host} (${target.host})|${address}|:${target.port}... ${message}`,
      );
      return end(4, `${message}${again.join('')}Giving up.\n\n`, wait * tries);
    }
    if (target.scheme === 'https' && !reply.tls)
      return end(
        4,
        'connected.\nOpenSSL: error:0A00010B:SSL routines::wrong version number\nUnable to establish SSL connection.\n',
      );
    if (target.scheme === 'https' && !reply.trusted && !options.has('no-check-certificate'))
      return end(
        5,
        `connected.\nERROR: The certificate of ${quoted(target.host)} is not trusted.\nERROR: The certificate of ${quoted(target.host)} doesn't have a known issuer.\n`,
      );
    log += `connected.\nHTTP request sent, awaiting response... ${options.has('S', 'server-response') ? `\n${headerLines(reply)}` : `${reply.status} ${reply.reason}\n`}`;
    const next = redirect(reply, target);
    if (next && hops < REDIRECTS) {
      log += `Location: ${reply.headers.Location} [following]\n`;
      target = next;
      continue;
    }
    if (reply.status >= 400)
      return end(
        8,
        wanted.spider
          ? 'Remote file does not exist -- broken link!!!\n\n'
          : `${time} ERROR ${reply.status}: ${reply.reason}.\n\n`,
      );
    const type = reply.headers['Content-Type'] ?? 'text/html';
    const size = Buffer.byteLength(reply.body);
    log += `Length: ${reply.headers['Content-Length'] ?? size} [${type.replace(/;.*/, '')}]\n`;
    if (wanted.spider)
      return end(
        0,
        type.startsWith('text/html')
          ? 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n'
          : 'Remote file exists.\n\n',
      );
    const name = outputOf(wanted, target);
    const stdout = save(context, name, reply.body);
    const done = name === '-' ? `written to stdout [${size}/${size}]` : `${quoted(name)} saved [${size}/${size}]`;
    const progress = `     0K ${'.'.repeat(Math.min(50, Math.floor(size / 1024))).padEnd(54)} 100% ${rate(size)}=0s`;
    return {
      stdout,
      stderr: quiet
        ? ''
        : nothing
          ? `${time} URL:${url} [${size}/${size}] -> "${name}" [1]\n`
          : `${log}Saving to: ${quoted(name === '-' ? 'STDOUT' : name)}\n\n${progress}\n\n${time} (${rate(size)
              .trim()
              .replace(/([KMG])$/, ' $1B/s')}) - ${done}\n\n`,
      code: 0,
    };
  }
}

/** A transfer that took 5 µs. */
const rate = (size: number): string => `${((size * 200_000) / 1_048_576).toFixed(0)}M`.padStart(5);
