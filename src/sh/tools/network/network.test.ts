import { describe, expect, it } from 'vitest';
import { type DnsReply, type DnsType, reply } from '../../../network/dns/message.ts';
import { runToEnd } from '../../evaluator.ts';
import type { Machine } from '../../process.ts';
import { MemoryFiles, testMachine } from '../../testing.ts';
import { expandUrl } from './curl.ts';

const FILES = {
  '/etc/hosts': '127.0.0.1\tlocalhost\n10.244.1.7\tbox\n',
  '/etc/resolv.conf':
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
};

const NAMES: Record<string, [type: DnsType, data: string][]> = {
  'web.default.svc.cluster.local': [['A', '10.96.7.7']],
  'silent.default.svc.cluster.local': [['A', '10.9.9.9']],
  '_http._tcp.web.default.svc.cluster.local': [['SRV', '0 100 80 web.default.svc.cluster.local.']],
  '7.7.96.10.in-addr.arpa': [['PTR', 'web.default.svc.cluster.local.']],
  '10.0.96.10.in-addr.arpa': [['PTR', 'kube-dns.kube-system.svc.cluster.local.']],
};

function answer(name: string, type: DnsType): DnsReply {
  const records = NAMES[name];
  if (!records) return reply('NXDOMAIN', [], true);
  const found = records.filter(([own]) => own === type).map(([own, data]) => ({ name, type: own, ttl: 30, data }));
  return reply('NOERROR', found, true);
}

/** `web` answers on port 80 and 443, its other ports refuse, 6379 speaks something else; `silent` never answers; no server is at 10.96.0.11. */
const network: Machine['network'] = {
  query: (server, name, type) =>
    server === '10.96.0.10' ? answer(name, type) : { failure: server === '127.0.0.1' ? 'refused' : 'timeout' },
  talk: () => ({ failure: 'refused' }),
  ping: (host) => (host === '10.96.7.7' ? 'open' : host === '10.244.1.99' ? 'no-route' : 'timeout'),
  connect: (host, port) =>
    host === '10.9.9.9' ? 'timeout' : host === '10.244.1.99' ? 'no-route' : port === 80 ? 'open' : 'refused',
  http: ({ host, port, path, headers, body, method }) => {
    if (host === '10.9.9.9') return { failure: 'timeout' };
    if (host === '10.244.1.99') return { failure: 'no-route' };
    if (port === 6379) return { failure: 'no-http' };
    if (![80, 443].includes(port)) return { failure: 'refused' };
    const page = { '/': '<h1>hi</h1>\n', '/echo': `${method} ${headers['x-a'] ?? ''} ${body ?? ''}\n` }[path];
    const location = path === '/old' ? { Location: '/' } : undefined;
    return {
      ...(location
        ? { status: 301, reason: 'Moved Permanently' }
        : page
          ? { status: 200, reason: 'OK' }
          : { status: 404, reason: 'Not Found' }),
      headers: { 'Content-Type': 'text/html', ...location },
      body: page ?? 'no\n',
      ...(port === 443 && { tls: true }),
    };
  },
};

async function run(script: string, flavour: Machine['flavour'], more: Partial<Machine> = {}) {
  const machine = testMachine({ flavour, network, files: new MemoryFiles(FILES), ...more });
  const { stdout, stderr, code, output } = await runToEnd(machine, {
    argv: ['sh', '-c', script],
    env: { PATH: '/bin' },
    cwd: '/tmp',
    user: 'root',
  });
  // An answer takes a few milliseconds.
  const took = output.length > 0 ? output.at(-1)!.at - machine.now() : 0;
  const seconds = took < 10 ? 0 : took / 1000;
  return { out: stdout + stderr, code, seconds };
}

type Case = [script: string, out: string, code?: number, seconds?: number];

const SERVER = 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n';
const BIND = 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n';
const missing = (name: string) => `** server can't find ${name}: NXDOMAIN\n\n`;
const NOT_IN = missing('web.svc.cluster.local') + missing('web.cluster.local');

describe.each<[flavour: Machine['flavour'], cases: Case[]]>([
  [
    'busybox',
    [
      ['wget -qO- web', '<h1>hi</h1>\n'],
      [
        'wget -O /dev/null http://web/x',
        'Connecting to web (10.96.7.7:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n',
        1,
      ],
      [
        'wget web:80/; cat index.html',
        `<h1>hi</h1>\nConnecting to web:80 (10.96.7.7:80)\nsaving to 'index.html'\nindex.html           100% |${'*'.repeat(32)}|    12  0:00:00 ETA\n'index.html' saved\n`,
      ],
      [
        'wget -q web:81; wget -qO- nosuch:81',
        "wget: can't connect to remote host (10.96.7.7): Connection refused\nwget: bad address 'nosuch:81'\n",
        1,
      ],
      ['wget -qO- -T 2 silent', 'wget: download timed out\n', 1, 2],
      ['wget -qO- 10.9.9.9', "wget: can't connect to remote host (10.9.9.9): Connection timed out\n", 1, 131],
      ['wget --spider --timeout=1 web', 'Connecting to web (10.96.7.7:80)\nremote file exists\n'],
      ['wget -qO- web:6379', 'wget: error getting response: Connection reset by peer\n', 1],
      ['wget -qO- --post-data a=1 --header "X-A: b" web/echo', 'POST b a=1\n'],
      ['wget -qO- web/old', '<h1>hi</h1>\n'],
      ['wget -qO- 10.244.1.99', "wget: can't connect to remote host (10.244.1.99): No route to host\n", 1, 3.067],
      ['nc -zv web 80', 'web (10.96.7.7:80) open\n'],
      ['nc -zv web 81', '', 1],
      ['nc -z -vv -w 3 silent 80', 'nc: silent (10.9.9.9:80): Connection timed out\n', 1, 3],
      [
        'printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc web 80',
        'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>hi</h1>\n',
      ],
      ['telnet web 81', "telnet: can't connect to remote host (10.96.7.7): Connection refused\n", 1],
      ['nslookup web', `${SERVER}Name:\tweb.default.svc.cluster.local\nAddress: 10.96.7.7\n\n${NOT_IN}\n${NOT_IN}`, 1],
      ['nslookup web.default', `${SERVER}${missing('web.default').repeat(2)}`, 1],
      [
        'nslookup web.default.svc.cluster.local',
        `${SERVER}Name:\tweb.default.svc.cluster.local\nAddress: 10.96.7.7\n\n\n`,
      ],
      ['nslookup 10.96.7.7', `${SERVER}7.7.96.10.in-addr.arpa\tname = web.default.svc.cluster.local\n\n`],
      [
        'nslookup -type=srv _http._tcp.web.default.svc.cluster.local',
        `${SERVER}_http._tcp.web.default.svc.cluster.local\tservice = 0 100 80 web.default.svc.cluster.local\n\n`,
      ],
      ['nslookup web 10.96.0.11', ';; connection timed out; no servers could be reached\n\n', 1, 5],
      ['ping -c 1 -W 1 nosuch', "ping: bad address 'nosuch'\n", 1],
      [
        'ping -c 2 -W 1 silent',
        'PING silent (10.9.9.9): 56 data bytes\n\n--- silent ping statistics ---\n2 packets transmitted, 0 packets received, 100% packet loss\n',
        1,
        2,
      ],
    ],
  ],
  [
    'bash',
    [
      ['curl web; curl -s -o /dev/null -w "%{http_code}\\n" web/x', '<h1>hi</h1>\n404\n'],
      ['curl web:81', "curl: (7) Failed to connect to web port 81 after 0 ms: Couldn't connect to server\n", 7],
      ['curl -sS nosuch', 'curl: (6) Could not resolve host: nosuch\n', 6],
      ['curl -s nosuch', '', 6],
      ['curl -m 2 10.9.9.9', 'curl: (28) Connection timed out after 2001 milliseconds\n', 28, 2],
      [
        'curl --connect-timeout 1 silent',
        'curl: (28) Failed to connect to silent port 80 after 1001 ms: Timeout was reached\n',
        28,
        1,
      ],
      ['curl -f web/x', 'curl: (22) The requested URL returned error: 404\n', 22],
      ['curl web:6379', 'curl: (52) Empty reply from server\n', 52],
      ['curl -L web/old; curl -so /dev/null -w "%{redirect_url} %{http_code}\\n" web/old', '<h1>hi</h1>\n/ 301\n'],
      ['curl -I web/old', 'HTTP/1.1 301 Moved Permanently\r\nContent-Type: text/html\r\nLocation: /\r\n\r\n'],
      ['curl -H "X-A: b" -d c=1 web/echo; curl -X PUT --data-raw "{}" web/echo', 'POST b c=1\nPUT  {}\n'],
      ['curl --resolve a.test:80:10.96.7.7 http://a.test', '<h1>hi</h1>\n'],
      ['curl https://web:80', 'curl: (35) OpenSSL/3.0.15: error:0A00010B:SSL routines::wrong version number\n', 35],
      ['curl -k https://web', '<h1>hi</h1>\n'],
      ['curl -s https://web; echo $?', '60\n'],
      [
        'curl -v web',
        '<h1>hi</h1>\n*   Trying 10.96.7.7:80...\n* Connected to web (10.96.7.7) port 80 (#0)\n> GET / HTTP/1.1\r\n> Host: web\r\n> User-Agent: curl/7.88.1\r\n> Accept: */*\r\n> \r\n< HTTP/1.1 200 OK\r\n< Content-Type: text/html\r\n< \r\n* Connection #0 to host web left intact\n',
      ],
      [
        'wget -O- web:81',
        '--2026-11-21 04:00:00--  http://web:81/\nResolving web (web)... 10.96.7.7\nConnecting to web (web)|10.96.7.7|:81... failed: Connection refused.\n',
        4,
      ],
      ['wget -qO- web/x', '', 8],
      ['nc -zv web 80', 'Connection to web (10.96.7.7) 80 port [tcp/http] succeeded!\n'],
      ['nc -zv -w 1 silent 80', 'nc: connect to silent (10.9.9.9) port 80 (tcp) failed: Connection timed out\n', 1, 1],
      ['nslookup web', `${BIND}Name:\tweb.default.svc.cluster.local\nAddress: 10.96.7.7\n\n`],
      ['nslookup nosuch', `${BIND}${missing('nosuch')}`, 1],
      ['dig +short web.default.svc.cluster.local; dig +short web; dig +search +short web', '10.96.7.7\n10.96.7.7\n'],
      ['dig -x 10.96.7.7 +short', 'web.default.svc.cluster.local.\n'],
      [
        'dig +short @10.96.0.11 web',
        ';; communications error to 10.96.0.11#53: timed out\n'.repeat(3).concat(';; no servers could be reached\n'),
        9,
        15,
      ],
      [
        'host web; host nosuch',
        'web.default.svc.cluster.local has address 10.96.7.7\nHost nosuch not found: 3(NXDOMAIN)\n',
        1,
      ],
      ['getent hosts web localhost', '10.96.7.7       web.default.svc.cluster.local\n127.0.0.1       localhost\n'],
      [
        'ping -c 1 10.244.1.99',
        'PING 10.244.1.99 (10.244.1.99) 56(84) bytes of data.\nFrom 10.244.1.99 icmp_seq=1 Destination Host Unreachable\n\n--- 10.244.1.99 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n',
        1,
        10,
      ],
    ],
  ],
])('the network tools of %s', (flavour, cases) => {
  it.each(cases)('%s', async (script, out, code = 0, seconds = 0) => {
    expect(await run(script, flavour)).toEqual({ out, code, seconds });
  });
});

it('busybox before 1.29 has another nslookup', async () => {
  expect(await run('nslookup web; nslookup nosuch', 'busybox', { busybox: '1.28.4' })).toEqual({
    out: "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web\nAddress 1: 10.96.7.7 web.default.svc.cluster.local\nServer:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nnslookup: can't resolve 'nosuch'\n",
    code: 1,
    seconds: 0,
  });
});

it('without a name server that answers, a name costs time', async () => {
  const files = new MemoryFiles({ ...FILES, '/etc/resolv.conf': 'nameserver 10.96.0.11\n' });
  expect(await run('wget -qO- web', 'busybox', { files })).toEqual({
    out: "wget: bad address 'web'\n",
    code: 1,
    seconds: 5,
  });
  expect(await run('curl web', 'bash', { files })).toMatchObject({ code: 6, seconds: 20 });
  expect(await run('curl -m 3 web', 'bash', { files })).toMatchObject({
    out: 'curl: (28) Resolving timed out after 3001 milliseconds\n',
    seconds: 3,
  });
});

it('time tells how long it took', async () => {
  expect((await run('time wget -qO- -T 2 silent', 'busybox')).out).toBe(
    'wget: download timed out\nreal\t0m 2.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\n',
  );
});

it('netstat and ss show what is open', async () => {
  const sockets = () => [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 80, pid: 1, program: 'nginx' }];
  expect((await run('netstat -tln', 'busybox', { sockets })).out).toBe(
    'Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \ntcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      \n',
  );
  expect((await run('ss -tln', 'bash', { sockets })).out).toBe(
    'State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\nLISTEN 0      4096           0.0.0.0:80         0.0.0.0:*        \n',
  );
});

it('a URL may stand for several', () => {
  expect(expandUrl('http://{a,b}/[1-2]')).toEqual(['http://a/1', 'http://a/2', 'http://b/1', 'http://b/2']);
});
