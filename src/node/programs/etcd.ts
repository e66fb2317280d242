import { createHash } from 'node:crypto';
import { componentUp } from '../../runtime/control-plane.ts';
import type { CommandContext, CommandResult, FileSystem } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import { isControlPlane } from '../api-server.ts';
import { humanSize } from '../crictl/format.ts';
import type { NodeHost } from '../host.ts';

const VERSION = '3.5.24';
const SNAPSHOT = 'etcd-snapshot ';

const fail = (message: string, code = 1, stderr = ''): CommandResult => ({
  stdout: '',
  stderr: `${stderr}Error: ${message}\n`,
  code,
});

/** A failure that ends etcdctl. */
class EtcdError extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

interface Call {
  host: NodeHost;
  args: string[];
  cwd: string;
  flags: Map<string, string>;
}

const VALUED = new Set([
  'endpoints',
  'cacert',
  'cert',
  'key',
  'data-dir',
  'w',
  'write-out',
  'name',
  'initial-cluster',
  'initial-cluster-token',
  'initial-advertise-peer-urls',
  'command-timeout',
  'dial-timeout',
  'user',
  'limit',
  'wal-dir',
  'bump-revision',
]);

function parse(words: string[], env: Record<string, string>): { args: string[]; flags: Map<string, string> } {
  const flags = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('ETCDCTL_') && name !== 'ETCDCTL_API')
      flags.set(name.slice(8).toLowerCase().replaceAll('_', '-'), value);
  }
  const args: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-')) {
      args.push(word);
      continue;
    }
    const [name = '', inline] = word.replace(/^--?/, '').split(/=(.*)/s);
    flags.set(name === 'w' ? 'write-out' : name, inline ?? (VALUED.has(name) ? (words[++at] ?? '') : 'true'));
  }
  return { args, flags };
}

const absolute = (cwd: string, path: string): string =>
  path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`;

const endpointsOf = ({ host, flags }: Call): string[] =>
  flags.has('cluster')
    ? [`https://${host.record().internalIP}:2379`]
    : (flags.get('endpoints') ?? '127.0.0.1:2379').split(',');

const AUTHORITY = '/etc/kubernetes/pki/etcd/ca.crt';

/** Whether the authority that was given is the one that signed etcd's certificate. */
function knowsAuthority({ host, flags, cwd }: Call): boolean {
  const given = flags.get('cacert');
  if (given === undefined || !host.files.stat(AUTHORITY)) return true;
  return host.files.read(absolute(cwd, given)) === host.files.read(AUTHORITY);
}

/** Checks that etcd answers, and that the certificates are those that it wants; throws what etcdctl says otherwise. */
function connect(call: Call): void {
  const { host, flags } = call;
  for (const name of ['cacert', 'cert', 'key']) {
    const path = flags.get(name);
    if (path && !host.files.stat(path)) throw new EtcdError(`open ${path}: no such file or directory`);
  }
  const [endpoint = ''] = endpointsOf(call);
  const port = /:(\d+)$/.exec(endpoint)?.[1];
  const reachable = isControlPlane(host) && port === '2379' && componentUp(host.state, 'etcd');
  const trusted =
    ['cacert', 'cert', 'key'].every((name) => flags.has(name)) && /etcd\/|etcd-client/.test(flags.get('cert')!);
  if (!reachable || !trusted || !knowsAuthority(call)) {
    const stranger = reachable && !knowsAuthority(call);
    const reason = stranger
      ? 'connection error: desc = \\"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority\\"'
      : reachable
        ? 'connection error: desc = \\"error reading server preface: EOF\\"'
        : `connection error: desc = \\"transport: Error while dialing: dial tcp ${endpoint.replace(/^https?:\/\//, '')}: connect: connection refused\\"`;
    const time = new Date(host.now()).toISOString();
    throw new EtcdError(
      `{"level":"warn","ts":"${time}","logger":"etcd-client","caller":"v3@v${VERSION}/retry_interceptor.go:63","msg":"retrying of unary invoker failed","target":"etcd-endpoints://0xc0002f6000/${endpoint.replace(/^https?:\/\//, '')}","attempt":0,"error":"rpc error: code = DeadlineExceeded desc = latest balancer error: last ${reason}"}\nError: context deadline exceeded`,
    );
  }
}

function folderFor(files: FileSystem, path: string): void {
  const parts = path.split('/').filter(Boolean);
  for (let n = 1; n <= parts.length; n++) {
    const folder = `/${parts.slice(0, n).join('/')}`;
    if (!files.stat(folder)) files.makeDir(folder);
  }
}

/** A table as tablewriter draws it, its cells centred or to the right. */
function boxed(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const centred = (text: string, width: number) => {
    const left = Math.floor((width - text.length) / 2);
    return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
  };
  const line = (cells: string[], place: (text: string, width: number) => string) =>
    `| ${cells.map((cell, i) => place(cell, widths[i]!)).join(' | ')} |`;
  const lines = [
    rule,
    line(head, centred),
    rule,
    ...rows.map((row) => line(row, (text, width) => text.padStart(width))),
    rule,
  ];
  return `${lines.join('\n')}\n`;
}

const shown = (call: Call, head: string[], rows: string[][]): CommandResult =>
  ok(call.flags.get('write-out') === 'table' ? boxed(head, rows) : rows.map((row) => `${row.join(', ')}\n`).join(''));

const memberId = (host: NodeHost): string => createHash('sha256').update(host.name).digest('hex').slice(0, 16);

interface SnapshotFile {
  revision: number;
  keys: number;
  text: string;
}

function readSnapshot({ host, cwd }: Call, path: string | undefined): SnapshotFile {
  if (!path) throw new EtcdError('snapshot requires exactly one argument');
  const at = absolute(cwd, path);
  if (!host.files.stat(at)) throw new EtcdError(`stat ${path}: no such file or directory`);
  const text = host.files.read(at);
  const match = /^etcd-snapshot (\d+) (\d+)\n/.exec(text);
  if (!match) throw new EtcdError('snapshot file integrity check failed: invalid database');
  return { revision: Number(match[1]), keys: Number(match[2]), text };
}

/** What a database of so many keys takes. */
const bytesOf = (keys: number): number => 1_200_000 + keys * 9_000;
const sizeOf = (keys: number): string => humanSize(bytesOf(keys), 2).replace(/([kMG]?B)$/, ' $1');

function save(call: Call): CommandResult {
  const { host, cwd, args } = call;
  if (!args[2]) throw new EtcdError('snapshot save expects one argument');
  connect(call);
  const path = absolute(cwd, args[2]);
  const { revision, keys, text } = host.etcd.dump();
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  if (!host.files.stat(folder))
    throw new EtcdError(`could not open ${args[2]}.part (open ${args[2]}.part: no such file or directory)`);
  host.files.write(path, `${SNAPSHOT}${revision} ${keys}\n${text}`, { mode: 0o600 });
  const time = new Date(host.now()).toISOString();
  const [endpoint] = endpointsOf(call);
  const log = (caller: string, message: string, more: string) =>
    `{"level":"info","ts":"${time}","caller":"${caller}","msg":"${message}",${more}}\n`;
  return ok(
    `Snapshot saved at ${args[2]}\n`,
    log('snapshot/v3_snapshot.go:65', 'created temporary db file', `"path":"${args[2]}.part"`) +
      log('snapshot/v3_snapshot.go:73', 'fetching snapshot', `"endpoint":"${endpoint}"`) +
      log(
        'snapshot/v3_snapshot.go:88',
        'fetched snapshot',
        `"endpoint":"${endpoint}","size":"${sizeOf(keys)}","took":"now"`,
      ) +
      log('snapshot/v3_snapshot.go:97', 'saved', `"path":"${args[2]}"`),
  );
}

function status(call: Call): CommandResult {
  const { revision, keys, text } = readSnapshot(call, call.args[2]);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  if (call.flags.get('write-out') === 'json')
    return ok(
      `${JSON.stringify({ hash: Number.parseInt(hash, 16), revision, totalKey: keys, totalSize: bytesOf(keys) })}\n`,
    );
  return shown(
    call,
    ['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE'],
    [[hash, String(revision), String(keys), sizeOf(keys)]],
  );
}

function restore(call: Call): CommandResult {
  const { host, cwd, flags } = call;
  const { text } = readSnapshot(call, call.args[2]);
  const given = flags.get('data-dir') ?? 'default.etcd';
  const folder = absolute(cwd, given);
  if (host.files.stat(folder)?.type === 'directory' && host.files.list(folder).length > 0)
    throw new EtcdError(`data-dir ${JSON.stringify(given)} not empty or could not be read`);
  folderFor(host.files, `${folder}/member/snap`);
  folderFor(host.files, `${folder}/member/wal`);
  host.files.write(`${folder}/member/wal/0000000000000000-0000000000000000.wal`, '', { mode: 0o600 });
  host.files.write(`${folder}/member/snap/db`, text, { mode: 0o600 });
  const time = new Date(host.now()).toISOString();
  const line = (message: string) =>
    `{"level":"info","ts":"${time}","caller":"snapshot/v3_snapshot.go:265","msg":"${message}","path":"${call.args[2]}","wal-dir":"${given}/member/wal","data-dir":"${given}","snap-dir":"${given}/member/snap"}\n`;
  return ok('', line('restoring snapshot') + line('restored snapshot'));
}

/** Keys and values below a key, as the API server keeps them. */
function get(call: Call): CommandResult {
  connect(call);
  const { flags, args } = call;
  const [, key = ''] = args;
  const { etcd } = call.host;
  const chosen = (one: string) =>
    flags.has('from-key') ? one >= key : flags.has('prefix') ? one.startsWith(key) : one === key;
  const all = etcd.keys().filter(chosen);
  const limit = Number(flags.get('limit') ?? 0);
  const found = limit > 0 ? all.slice(0, limit) : all;
  const format = flags.get('write-out');
  if (flags.has('count-only')) {
    if (format !== 'fields') throw new EtcdError('--count-only is only for `--write-out=fields`', 128);
    return ok(`"Count" : ${all.length}\n`);
  }
  const value = (one: string) => (flags.has('keys-only') ? '' : etcd.value(one));
  if (format === 'json') {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const kvs = found.map((one) => ({
      key: base64(one),
      ...(!flags.has('keys-only') && { value: base64(value(one)) }),
    }));
    const more = all.length > found.length ? { more: true } : {};
    return ok(json({ header: headerOf(call), kvs, ...more, count: all.length }));
  }
  if (flags.has('print-value-only')) return ok(found.map((one) => `${value(one)}\n`).join(''));
  return ok(found.map((one) => `${one}\n${value(one)}\n`).join(''));
}

/** A member's id as JSON has it: a number of 64 bits, unquoted. */
const numberOf = (hex: string): string => `#${BigInt(`0x${hex}`)}#`;
const json = (value: unknown): string => `${JSON.stringify(value).replace(/"#(\d+)#"/g, '$1')}\n`;

const headerOf = ({ host }: Call) => ({
  cluster_id: numberOf(createHash('sha256').update('cluster').digest('hex').slice(0, 16)),
  member_id: numberOf(memberId(host)),
  revision: host.etcd.dump().revision,
  raft_term: 2,
});

function onlyApi(call: Call): CommandResult {
  connect(call);
  throw new EtcdError("kubemu's etcd holds what the API server writes: change objects with kubectl");
}

const COMMANDS: Record<string, (call: Call) => CommandResult> = {
  'member list': (call) => {
    connect(call);
    const ip = call.host.record().internalIP;
    const row = [memberId(call.host), 'started', call.host.name, `https://${ip}:2380`, `https://${ip}:2379`, 'false'];
    if (call.flags.get('write-out') === 'json') {
      const member = { ID: numberOf(row[0]!), name: row[2], peerURLs: [row[3]], clientURLs: [row[4]] };
      return ok(json({ header: headerOf(call), members: [member] }));
    }
    return shown(call, ['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], [row]);
  },
  'endpoint health': (call) => {
    connect(call);
    const rows = endpointsOf(call).map((endpoint) => [endpoint, 'true', '9.613205ms', '']);
    if (call.flags.get('write-out') === 'table') return ok(boxed(['ENDPOINT', 'HEALTH', 'TOOK', 'ERROR'], rows));
    if (call.flags.get('write-out') === 'json')
      return ok(json(rows.map(([endpoint, , took]) => ({ endpoint, health: true, took }))));
    return ok(
      rows
        .map(([endpoint, , took]) => `${endpoint} is healthy: successfully committed proposal: took = ${took}\n`)
        .join(''),
    );
  },
  'endpoint status': (call) => {
    connect(call);
    const { revision, keys } = call.host.etcd.dump();
    const rows = endpointsOf(call).map((endpoint) => [
      endpoint,
      memberId(call.host),
      VERSION,
      sizeOf(keys),
      'true',
      'false',
      '2',
      String(revision),
      String(revision),
      '',
    ]);
    if (call.flags.get('write-out') === 'json') {
      const size = bytesOf(keys);
      const Status = {
        header: headerOf(call),
        version: VERSION,
        dbSize: size,
        leader: numberOf(memberId(call.host)),
        raftIndex: revision,
        raftTerm: 2,
        raftAppliedIndex: revision,
        dbSizeInUse: Math.floor(size * 0.6),
      };
      return ok(json(endpointsOf(call).map((Endpoint) => ({ Endpoint, Status }))));
    }
    return shown(
      call,
      [
        'ENDPOINT',
        'ID',
        'VERSION',
        'DB SIZE',
        'IS LEADER',
        'IS LEARNER',
        'RAFT TERM',
        'RAFT INDEX',
        'RAFT APPLIED INDEX',
        'ERRORS',
      ],
      rows,
    );
  },
  'endpoint hashkv': (call) => {
    connect(call);
    const hash = createHash('sha256').update(call.host.etcd.dump().text).digest().readUInt32BE(0);
    return shown(
      call,
      ['ENDPOINT', 'HASH'],
      endpointsOf(call).map((endpoint) => [endpoint, String(hash)]),
    );
  },
  'alarm list': (call) => {
    connect(call);
    return ok('');
  },
  'alarm disarm': (call) => {
    connect(call);
    return ok('');
  },
  compact: (call) => {
    connect(call);
    const [, revision] = call.args;
    if (!revision) throw new EtcdError('compact command needs 1 argument', 128);
    if (Number(revision) > call.host.etcd.dump().revision)
      throw new EtcdError('etcdserver: mvcc: required revision is a future revision');
    return ok(`compacted revision ${revision}\n`);
  },
  defrag: (call) => {
    connect(call);
    return ok(
      endpointsOf(call)
        .map((endpoint) => `Finished defragmenting etcd member[${endpoint}]. took 49.502781ms\n`)
        .join(''),
    );
  },
  put: onlyApi,
  del: onlyApi,
  'snapshot save': save,
  'snapshot status': status,
  'snapshot restore': restore,
  get,
};

function run(program: 'etcdctl' | 'etcdutl', host: NodeHost, { argv, env, cwd }: CommandContext): CommandResult {
  const { args, flags } = parse(argv.slice(1), env);
  const [first = '', second = ''] = args;
  if (first === 'version') return ok(`${program} version: ${VERSION}\nAPI version: 3.5\n`);
  const name = COMMANDS[first] ? first : `${first} ${second}`;
  const command = COMMANDS[name];
  const own = program === 'etcdctl' || name === 'snapshot status' || name === 'snapshot restore';
  if (!first || first === 'help' || flags.has('help') || flags.has('h'))
    return ok(
      `NAME:\n\t${program} - A simple command line client for etcd3.\n\nUSAGE:\n\t${program} [flags]\n\nCOMMANDS:\n${Object.keys(
        COMMANDS,
      )
        .map((line) => `\t${line}\n`)
        .join('')}\tversion\n`,
    );
  if (!command || !own) return fail(`unknown command ${JSON.stringify(name.trim())} for ${JSON.stringify(program)}`);
  const deprecated =
    program === 'etcdctl' && /^snapshot (status|restore)$/.test(name)
      ? `Deprecated: Use \`etcdutl ${name}\` instead.\n\n`
      : '';
  try {
    const answer = command({ host, args, flags, cwd });
    return { ...answer, stderr: deprecated + answer.stderr };
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    const { message } = error;
    return message.startsWith('{')
      ? { stdout: '', stderr: `${message}\n`, code: 1 }
      : fail(message, error.code, deprecated);
  }
}

export const etcdctl = (host: NodeHost, context: CommandContext): CommandResult => run('etcdctl', host, context);
export const etcdutl = (host: NodeHost, context: CommandContext): CommandResult => run('etcdutl', host, context);
