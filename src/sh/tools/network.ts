import {
  fail,
  isBusybox,
  linesOf,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  type ToolResult,
  unlines,
} from './tool.ts';

interface Target {
  scheme: string;
  host: string;
  port: number;
  path: string;
  user?: string;
}

function parseUrl(text: string): Target {
  const [, scheme = 'http', user, host = '', port, path = '/'] =
    /^(?:([a-z]+):\/\/)?(?:([^@/]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::([0-9]+))?([/?#].*)?$/.exec(text) ?? [];
  const bare = path.replace(/#.*/, '');
  return {
    scheme,
    host,
    port: port ? Number(port) : scheme === 'https' ? 443 : 80,
    path: bare.startsWith('/') ? bare : `/${bare}`,
    ...(user && { user }),
  };
}

const isAddress = (host: string) => /^[0-9]+(\.[0-9]+){3}$/.test(host) || host.includes(':');

/** The address of a host: itself, from /etc/hosts, or by DNS. */
function addressOf(context: ToolContext, host: string): string | undefined {
  return isAddress(host) ? host : context.machine.network.resolve(host)[0];
}

const statusLine = (answer: { status: number; reason: string }) => `HTTP/1.1 ${answer.status} ${answer.reason}`;

/** How long a connection that nobody answers is tried, ms: what Linux's retries of SYN come to. */
const CONNECT_TIMEOUT = 131_000;

const wget: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'qO:T:t:SP:ncU:Y:o:', [
    'quiet',
    'output-document:',
    'timeout:',
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
  ]);
  const busybox = isBusybox(context);
  const [url] = options.rest;
  if (url === undefined)
    return fail(
      busybox
        ? 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n'
        : "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n",
    );
  const target = parseUrl(url);
  const quiet = options.has('q', 'quiet');
  const address = addressOf(context, target.host);
  let log = '';
  const gnuStart = `--${new Date(context.machine.now()).toISOString().slice(0, 19).replace('T', ' ')}--  ${url.includes('://') ? url : `http://${url}`}${url.replace(/^[a-z]+:\/\//, '').includes('/') ? '' : '/'}\n`;
  if (address === undefined) {
    return fail(
      busybox
        ? `wget: bad address '${target.host}'\n`
        : `${quiet ? '' : `${gnuStart}Resolving ${target.host} (${target.host})... `}failed: Name or service not known.\nwget: unable to resolve host address ‘${target.host}’\n`,
      busybox ? 1 : 4,
    );
  }
  if (!quiet)
    log += busybox
      ? `Connecting to ${target.host}:${target.port} (${address}:${target.port})\n`
      : `${gnuStart}Connecting to ${target.host}:${target.port}... `;
  const headers = Object.fromEntries(
    options
      .values('header')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = options.value('post-data', 'body-data');
  const answer = context.machine.network.http({
    method: options.value('method') ?? (body === undefined ? 'GET' : 'POST'),
    host: address,
    port: target.port,
    path: target.path,
    headers: { host: target.host, 'user-agent': 'Wget', ...headers },
    ...(body !== undefined && { body }),
  });
  if ('failure' in answer) {
    const seconds = Number(options.value('T', 'timeout') ?? (busybox ? 900 : 900));
    if (answer.failure === 'timeout') {
      const limit = seconds * 1000;
      const early = busybox && limit > CONNECT_TIMEOUT;
      return {
        ...fail(
          busybox
            ? `${log}${early ? `wget: can't connect to remote host (${address}): Connection timed out` : 'wget: download timed out'}\n`
            : `${log}failed: Connection timed out.\nGiving up.\n\n`,
          busybox ? 1 : 4,
        ),
        after: Math.min(limit, CONNECT_TIMEOUT),
      };
    }
    const reason = answer.failure === 'refused' ? 'Connection refused' : 'No route to host';
    return fail(
      busybox ? `${log}wget: can't connect to remote host (${address}): ${reason}\n` : `${log}failed: ${reason}.\n`,
      busybox ? 1 : 4,
    );
  }
  if (options.has('S', 'server-response'))
    log += `  ${statusLine(answer)}\n${Object.entries(answer.headers)
      .map(([name, value]) => `  ${name}: ${value}\n`)
      .join('')}`;
  if (answer.status >= 400)
    return fail(
      busybox
        ? `${log}wget: server returned error: ${statusLine(answer)}\n`
        : `${log}${quiet ? '' : `connected.\nHTTP request sent, awaiting response... ${answer.status} ${answer.reason}\n`}${new Date(context.machine.now()).toISOString().slice(0, 19).replace('T', ' ')} ERROR ${answer.status}: ${answer.reason}.\n\n`.replace(
            quiet ? /^[\s\S]*$/ : /$^/,
            '',
          ),
      busybox ? 1 : 8,
    );
  if (options.has('spider')) return { ...ok(''), stderr: busybox && !quiet ? `${log}remote file exists\n` : log };
  const name =
    options.value('O', 'output-document') ?? (target.path.replace(/[?].*/, '').split('/').at(-1) || 'index.html');
  const size = Buffer.byteLength(answer.body);
  const bar = (label: string) =>
    `${label.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${String(size).padStart(5)}  0:00:00 ETA\n`;
  if (name === '-') {
    const told = quiet
      ? ''
      : busybox
        ? `${log}writing to stdout\n${bar('-')}written to stdout\n`
        : `${log}connected.\nHTTP request sent, awaiting response... 200 OK\nLength: ${size} [${answer.headers['Content-Type'] ?? 'text/html'}]\nSaving to: ‘STDOUT’\n\n`;
    return { stdout: answer.body, stderr: told, code: 0 };
  }
  context.machine.files.write(context.path(options.value('P') ? `${options.value('P')}/${name}` : name), answer.body);
  return {
    ...ok(''),
    stderr: quiet
      ? ''
      : busybox
        ? `${log}saving to '${name}'\n${bar(name)}'${name}' saved\n`
        : `${log}connected.\nHTTP request sent, awaiting response... 200 OK\nLength: ${size} [${answer.headers['Content-Type'] ?? 'text/html'}]\nSaving to: ‘${name}’\n\n`,
  };
};

const curl: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'sSLIkivfgjOo:X:H:d:m:w:u:A:e:b:c:T:F:x:#46ZN', [
    'silent',
    'show-error',
    'location',
    'head',
    'insecure',
    'include',
    'verbose',
    'fail',
    'output:',
    'request:',
    'header:',
    'data:',
    'data-raw:',
    'data-binary:',
    'max-time:',
    'connect-timeout:',
    'write-out:',
    'user:',
    'user-agent:',
    'cacert:',
    'cert:',
    'key:',
    'resolve:',
    'retry:',
    'retry-delay:',
    'retry-connrefused',
    'no-progress-meter',
    'compressed',
    'http1.1',
    'fail-with-body',
    'remote-name',
    'ipv4',
    'noproxy:',
    'unix-socket:',
    'version',
    'url:',
    'json:',
    'no-buffer',
  ]);
  if (options.has('version')) return ok('curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1\n');
  const url = options.value('url') ?? options.rest[0];
  if (url === undefined)
    return fail(
      `curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n`.replace(
        '(2) no URL specified\ncurl: ',
        '',
      ),
      2,
    );
  const quiet = options.has('s', 'silent') && !options.has('S', 'show-error');
  const error = (code: number, message: string, after?: number): ToolResult => ({
    stdout: writeOut(0, 0),
    stderr: quiet ? '' : `curl: (${code}) ${message}\n`,
    code,
    ...(after !== undefined && { after }),
  });
  const writeOut = (status: number, size: number) =>
    (options.value('w', 'write-out') ?? '')
      .replaceAll('\\n', '\n')
      .replaceAll('\\t', '\t')
      .replace(
        /%\{([a-z_]+)\}/g,
        (_, name: string) =>
          ({
            http_code: String(status).padStart(3, '0'),
            response_code: String(status).padStart(3, '0'),
            size_download: String(size),
            time_total: '0.001',
            time_connect: '0.000',
            url_effective: url,
            remote_ip: '',
          })[name] ?? '',
      );
  const gnu = !isBusybox(context);
  let target = parseUrl(url);
  const data = options.values('d', 'data', 'data-raw', 'data-binary', 'json').join('&');
  const method =
    options.value('X', 'request') ??
    (options.has('I', 'head') ? 'HEAD' : options.has('d', 'data', 'data-raw', 'data-binary', 'json') ? 'POST' : 'GET');
  const given = Object.fromEntries(
    options
      .values('H', 'header')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  for (let hops = 0; ; hops++) {
    if (!['http', 'https'].includes(target.scheme)) return error(1, `Protocol "${target.scheme}" not supported`);
    const address = addressOf(context, target.host);
    if (address === undefined) return error(6, `Could not resolve host: ${target.host}`);
    const answer = context.machine.network.http({
      method,
      host: address,
      port: target.port,
      path: target.path,
      headers: { host: target.host, 'user-agent': 'curl/8.14.1', accept: '*/*', ...given },
      ...(data && { body: data }),
    });
    if ('failure' in answer) {
      if (answer.failure === 'bad-address') return error(6, `Could not resolve host: ${target.host}`);
      if (answer.failure === 'timeout') {
        const maximum = options.value('m', 'max-time');
        const connecting = options.value('connect-timeout');
        const ms = Math.min(
          maximum ? Number(maximum) * 1000 : Number.POSITIVE_INFINITY,
          connecting ? Number(connecting) * 1000 : Number.POSITIVE_INFINITY,
        );
        if (ms === Number.POSITIVE_INFINITY)
          return error(
            28,
            `Failed to connect to ${target.host} port ${target.port} after ${CONNECT_TIMEOUT + 1} ms: ${gnu ? "Couldn't" : 'Could not'} connect to server`,
            CONNECT_TIMEOUT,
          );
        return maximum && Number(maximum) * 1000 === ms
          ? error(28, `Connection timed out after ${ms + 1} milliseconds`, ms)
          : error(
              28,
              `Failed to connect to ${target.host} port ${target.port} after ${ms + 1} ms: Timeout was reached`,
              ms,
            );
      }
      return error(
        7,
        `Failed to connect to ${target.host} port ${target.port} after 0 ms: ${answer.failure === 'no-route' || gnu ? "Couldn't connect to server" : 'Could not connect to server'}`,
      );
    }
    const location = answer.headers.Location;
    if (options.has('L', 'location') && answer.status >= 300 && answer.status < 400 && location && hops < 50) {
      target = location.startsWith('/') ? { ...target, path: location } : parseUrl(location);
      continue;
    }
    if (options.has('f', 'fail') && answer.status >= 400)
      return error(22, `The requested URL returned error: ${answer.status}`);
    const head = `${statusLine(answer)}\r\n${Object.entries(answer.headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`;
    const text = options.has('I', 'head') ? head : (options.has('i', 'include') ? head : '') + answer.body;
    const verbose = options.has('v', 'verbose')
      ? `*   Trying ${address}:${target.port}...\n* Connected to ${target.host} (${address}) port ${target.port}\n> ${method} ${target.path} HTTP/1.1\n> Host: ${target.host}\n> User-Agent: curl/8.14.1\n> Accept: */*\n> \n${head.replace(/^/gm, '< ').replace(/< $/, '')}`
      : '';
    const output =
      options.value('o', 'output') ?? (options.has('O', 'remote-name') ? target.path.split('/').at(-1) : undefined);
    const size = Buffer.byteLength(answer.body);
    if (output !== undefined && output !== '/dev/null' && output !== '-')
      context.machine.files.write(context.path(output), text);
    const progress =
      output !== undefined && !options.has('s', 'silent')
        ? `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\r100 ${String(size).padStart(5)}  100 ${String(size).padStart(5)}    0     0  ${String(size * 500).padStart(5)}      0 --:--:-- --:--:-- --:--:-- ${String(size * 500).padStart(5)}\n`
        : '';
    return {
      stdout: (output === undefined || output === '-' ? text : '') + writeOut(answer.status, size),
      stderr: verbose + progress,
      code: options.has('fail-with-body') && answer.status >= 400 ? 22 : 0,
    };
  }
};

interface Resolver {
  server: string;
  searches: string[];
}

function resolverOf(context: ToolContext): Resolver {
  let text = '';
  try {
    text = context.machine.files.read('/etc/resolv.conf');
  } catch {}
  const lines = linesOf(text).map((line) => line.trim().split(/\s+/));
  return {
    server: lines.find(([key]) => key === 'nameserver')?.[1] ?? '127.0.0.1',
    searches: lines.find(([key]) => key === 'search')?.slice(1) ?? [],
  };
}

/** The whole name under which a name is found, and its addresses. */
function lookUp(
  context: ToolContext,
  name: string,
  { searches }: Resolver,
): { name: string; addresses: string[] } | undefined {
  const candidates = name.endsWith('.')
    ? [name.slice(0, -1)]
    : [...searches.map((search) => `${name}.${search}`), name];
  for (const candidate of candidates) {
    const addresses = context.machine.network.resolve(`${candidate}.`);
    if (addresses.length > 0) return { name: candidate, addresses };
  }
  return undefined;
}

const isUp = (context: ToolContext, server: string) => context.machine.network.connect(server, 53) === 'open';

const nslookup: Tool = (context) => {
  const args = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const resolver = resolverOf(context);
  const [name = '', server = resolver.server] = args;
  if (name === '')
    return fail(
      isBusybox(context)
        ? 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n'
        : '',
    );
  const dns = isAddress(server) ? server : (addressOf(context, server) ?? server);
  if (!isUp(context, dns))
    return {
      ...ok(';; connection timed out; no servers could be reached\n\n'),
      code: 1,
      after: isBusybox(context) ? 10_000 : 15_000,
    };
  const head = isBusybox(context)
    ? `Server:\t\t${dns}\nAddress:\t${dns}:53\n\n`
    : `Server:\t\t${dns}\nAddress:\t${dns}#53\n\n`;
  const found = lookUp(context, name, resolver);
  if (!found) {
    const missing =
      name.includes('.') || isBusybox(context) ? name : `${name}.${resolver.searches.at(-1) ?? ''}`.replace(/\.$/, '');
    return { ...ok(`${head}** server can't find ${missing}: NXDOMAIN\n\n`), code: 1 };
  }
  return ok(
    `${head}${found.addresses.map((address) => `Name:\t${found.name}\nAddress: ${address}\n`).join('')}${isBusybox(context) ? '\n' : '\n'}`,
  );
};

const dig: Tool = (context) => {
  const args = context.argv.slice(1);
  const short = args.includes('+short');
  const search = args.includes('+search');
  const resolver = resolverOf(context);
  const server = args.find((arg) => arg.startsWith('@'))?.slice(1) ?? resolver.server;
  const name = args.find((arg) => !/^[@+-]/.test(arg) && !/^(A|AAAA|SRV|PTR|CNAME|ANY|MX|NS|TXT)$/i.test(arg)) ?? '.';
  if (!isUp(context, server))
    return {
      ...ok(
        short
          ? ';; communications error to server: timed out\n'
          : `;; communications error to ${server}#53: timed out\n;; no servers could be reached\n`,
      ),
      code: 9,
      after: 15_000,
    };
  const found = lookUp(context, search ? name : `${name.replace(/\.$/, '')}.`, resolver);
  if (short) return ok(unlines(found?.addresses ?? []));
  const full = found?.name ?? name;
  const answers = (found?.addresses ?? []).map((address) => `${full}. 30\tIN\tA\t${address}\n`).join('');
  return ok(
    `\n; <<>> DiG 9.18.28 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${found ? 'NOERROR' : 'NXDOMAIN'}, id: 12345\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${found?.addresses.length ?? 0}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${full}.\t\tIN\tA\n\n${answers ? `;; ANSWER SECTION:\n${answers}\n` : ''};; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n\n`,
  );
};

const host: Tool = (context) => {
  const name = context.argv.slice(1).find((arg) => !arg.startsWith('-')) ?? '';
  const resolver = resolverOf(context);
  if (!isUp(context, resolver.server))
    return { ...ok(';; communications error: timed out\n;; no servers could be reached\n'), code: 1, after: 10_000 };
  const found = lookUp(context, name, resolver);
  return found
    ? ok(unlines(found.addresses.map((address) => `${found.name} has address ${address}`)))
    : fail(`Host ${name} not found: 3(NXDOMAIN)\n`);
};

/** The address that /etc/hosts gives this machine. */
function ownAddress(context: ToolContext): string {
  try {
    const row = linesOf(context.machine.files.read('/etc/hosts'))
      .map((line) => line.split(/\s+/))
      .find((words) => words.includes(context.machine.hostname));
    return row?.[0] ?? '127.0.0.1';
  } catch {
    return '127.0.0.1';
  }
}

const ip: Tool = (context) => {
  const words = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const address = ownAddress(context);
  const gateway = address.replace(/[0-9]+$/, '1');
  const what = words[0] ?? '';
  if ('route'.startsWith(what) && what)
    return ok(
      `default via ${gateway} dev eth0 \n${gateway.replace(/1$/, '0')}/24 dev eth0 scope link  src ${address} \n`,
    );
  const brief = (inet: boolean) =>
    `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${inet ? '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n' : ''}2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1450 qdisc noqueue state UP \n    link/ether 0a:58:${address
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join(
        ':',
      )} brd ff:ff:ff:ff:ff:ff\n${inet ? `    inet ${address}/24 brd ${address.replace(/[0-9]+$/, '255')} scope global eth0\n       valid_lft forever preferred_lft forever\n` : ''}`;
  if ('address'.startsWith(what) || what === 'addr') return ok(brief(true));
  if ('link'.startsWith(what)) return ok(brief(false));
  return fail(
    `ip: ${isBusybox(context) ? `invalid argument '${what}' to 'ip'` : `Object "${what}" is unknown, try "ip help".`}\n`,
  );
};

const ifconfig: Tool = (context) => {
  const address = ownAddress(context);
  const mac = `0A:58:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join(':')}`;
  return ok(
    `eth0      Link encap:Ethernet  HWaddr ${mac}  \n          inet addr:${address}  Bcast:${address.replace(/[0-9]+$/, '255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n`,
  );
};

const telnet: Tool = (context) => {
  const [name = '', port = '23'] = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const address = addressOf(context, name);
  if (address === undefined)
    return fail(
      isBusybox(context)
        ? `telnet: bad address '${name}'\n`
        : `telnet: could not resolve ${name}/${port}: Name or service not known\n`,
    );
  const state = context.machine.network.connect(address, Number(port));
  if (state === 'open')
    return ok(
      isBusybox(context)
        ? `Connected to ${name}\n`
        : `Trying ${address}...\nConnected to ${name}.\nEscape character is '^]'.\n`,
    );
  const reason =
    state === 'refused' ? 'Connection refused' : state === 'timeout' ? 'Connection timed out' : 'No route to host';
  return {
    ...fail(
      isBusybox(context)
        ? `telnet: can't connect to remote host (${address}): ${reason}\n`
        : `Trying ${address}...\ntelnet: Unable to connect to remote host: ${reason}\n`,
    ),
    ...(state === 'timeout' && { after: CONNECT_TIMEOUT }),
  };
};

export const NETWORK_TOOLS: Record<string, Tool> = { wget, curl, nslookup, dig, host, ip, ifconfig, telnet };
