import { createHash } from 'node:crypto';
import { componentUp } from '../../runtime/control-plane.ts';
import type { CommandContext, CommandResult, FileSystem } from '../../sh/process.ts';
import { isControlPlane } from '../api-server.ts';
import { humanSize } from '../crictl/format.ts';
import type { NodeHost } from '../host.ts';

const VERSION = '3.5.24';
const SNAPSHOT = 'etcd-snapshot ';

const ok = (stdout: string, stderr = ''): CommandResult => ({ stdout, stderr, code: 0 });
const fail = (message: string, code = 1, stderr = ''): CommandResult => ({
  stdout: '',
  stderr: `${stderr}Error: ${message}\n`,
  code,
});

/** A failure that ends etcdctl. */
class EtcdError extends Error {}

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

const endpointsOf = ({ flags }: Call): string[] => (flags.get('endpoints') ?? '127.0.0.1:2379').split(',');

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
  if (!reachable || !trusted) {
    const reason = reachable
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
  const found = call.host.etcd.keys().filter((one) => (flags.has('prefix') ? one.startsWith(key) : one === key));
  if (flags.has('count-only')) return ok('');
  return ok(
    found.map((one) => (flags.has('keys-only') ? `${one}\n\n` : `${one}\n${call.host.etcd.value(one)}\n`)).join(''),
  );
}

const COMMANDS: Record<string, (call: Call) => CommandResult> = {
  'member list': (call) => {
    connect(call);
    const ip = call.host.record().internalIP;
    const row = [memberId(call.host), 'started', call.host.name, `https://${ip}:2380`, `https://${ip}:2379`, 'false'];
    return shown(call, ['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'], [row]);
  },
  'endpoint health': (call) => {
    connect(call);
    const rows = endpointsOf(call).map((endpoint) => [endpoint, 'true', '9.613205ms', '']);
    if (call.flags.get('write-out') === 'table') return ok(boxed(['ENDPOINT', 'HEALTH', 'TOOK', 'ERROR'], rows));
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
    return message.startsWith('{') ? { stdout: '', stderr: `${message}\n`, code: 1 } : fail(message, 1, deprecated);
  }
}

export const etcdctl = (host: NodeHost, context: CommandContext): CommandResult => run('etcdctl', host, context);
export const etcdutl = (host: NodeHost, context: CommandContext): CommandResult => run('etcdutl', host, context);
