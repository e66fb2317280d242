import type { Daemon } from '../../process.ts';
import { fillLine } from '../../programs/fill-line.ts';
import type { ProgramIo } from '../../programs/io.ts';
import type { Server, ServerCall } from '../server.ts';
import { type NginxConfiguration, readConfiguration } from './configuration.ts';
import { respondTo } from './respond.ts';
import { NginxError } from './syntax.ts';

const CONFIGURATION = '/etc/nginx/nginx.conf';
/** Folders that the master makes when it starts. */
const CACHE = '/var/cache/nginx/client_temp';
const MAIN = '/etc/nginx/nginx.conf';

const option = ({ argv }: ProgramIo, letter: string): string | undefined => {
  const at = argv.indexOf(`-${letter}`);
  return at < 0 ? undefined : argv[at + 1];
};

const portsOf = ({ servers }: NginxConfiguration): number[] => [
  ...new Set(servers.flatMap(({ listens }) => listens.map(({ port }) => port))),
];

const stamp = (io: ProgramIo) => fillLine('{nginx}', io.now, '', {});

/** What nginx tells before its log is open, and writes there as well. */
function emergency(io: ProgramIo, message: string, level = 'emerg'): void {
  const pid = `${io.task.pid}#${io.task.pid}`;
  io.err(`${stamp(io)} [${level}] ${pid}: ${message}\nnginx: [${level}] ${message}\n`);
}

export const nginx: Server = {
  begin(io, daemon) {
    const path = option(io, 'c') ?? CONFIGURATION;
    if (io.argv.includes('-s')) return send(io, option(io, 's') ?? '');
    const testing = io.argv.includes('-t') || io.argv.includes('-T');
    let configuration: NginxConfiguration;
    try {
      configuration = readConfiguration(io.machine, path);
    } catch (error) {
      if (!(error instanceof NginxError)) throw error;
      emergency(io, error.message);
      if (testing) io.err(`nginx: configuration file ${path} test failed\n`);
      return 1;
    }
    if (testing) {
      io.err(
        `nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`,
      );
      if (io.argv.includes('-T')) io.out(`# configuration file ${path}:\n${io.machine.files.read(path)}\n`);
      return 0;
    }
    return cannotStart(io, configuration, daemon) ?? { ports: portsOf(configuration), memory: configuration };
  },

  signal(io, _daemon, name) {
    const { server } = io.memory;
    if (name !== 'HUP') return server;
    const pid = `${io.task.pid}#${io.task.pid}`;
    io.err(
      `${stamp(io)} [notice] ${pid}: signal 1 (SIGHUP) received from ${io.task.pid + 40}, reconfiguring\n${stamp(io)} [notice] ${pid}: reconfiguring\n`,
    );
    try {
      const configuration = readConfiguration(io.machine, option(io, 'c') ?? CONFIGURATION);
      io.memory.ports = portsOf(configuration);
      io.err(
        `${stamp(io)} [notice] ${pid}: using the "epoll" event method\n${stamp(io)} [notice] ${pid}: start worker processes\n`,
      );
      return configuration;
    } catch (error) {
      if (!(error instanceof NginxError)) throw error;
      io.err(`${stamp(io)} [emerg] ${pid}: ${error.message}\n`);
      return server;
    }
  },

  http(call, request) {
    const { machine, daemon, port } = call;
    const version = daemon.http?.server ?? 'nginx';
    const { response, error, logged } = respondTo(machine, call.memory as NginxConfiguration, version, port, request);
    return { response, log: [...accessLine(call, request, response, logged), ...errorLine(call, error)] };
  },
};

function accessLine(
  { daemon, machine, environment }: ServerCall,
  request: { method: string; path: string; headers: Record<string, string>; client?: string },
  response: { status: number; body: string },
  logged: boolean,
) {
  const format = daemon.http?.access;
  if (!logged || !format) return [];
  const text = fillLine(format, machine.now(), machine.hostname, environment, {
    host: request.headers.host ?? '',
    method: request.method,
    path: request.path,
    agent: request.headers['user-agent'] ?? '-',
    client: request.client ?? '-',
    status: String(response.status),
    size: String(Buffer.byteLength(response.body)),
  });
  return [{ stream: 'stdout' as const, text: `${text}\n` }];
}

function errorLine({ machine }: ServerCall, error: string | undefined) {
  if (!error) return [];
  return [
    { stream: 'stderr' as const, text: `${fillLine('{nginx}', machine.now(), '', {})} [error] 29#29: ${error}\n` },
  ];
}

/** The code with which nginx ends because it may not write or listen; undefined if it may. */
function cannotStart(io: ProgramIo, configuration: NginxConfiguration, daemon: Daemon): number | undefined {
  const { files } = io.machine;
  const isRoot = ['', 'root', '0'].includes(io.evaluation.group.user.split(':')[0]!);
  const main = files.stat(MAIN)?.type === 'file' ? files.read(MAIN) : '';
  const pid = /^\s*pid\s+([^\s;]+);/m.exec(main)?.[1] ?? '/run/nginx.pid';
  if (!isRoot && daemon.http?.root && /^\s*user\s/m.test(main))
    emergency(
      io,
      'the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:2',
      'warn',
    );
  for (const [path, verb] of [
    [CACHE, 'mkdir()'],
    [pid, 'open()'],
  ] as const) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!files.stat(folder)) continue;
    const refusal = whyNot(io, folder, path, isRoot);
    if (!refusal) continue;
    emergency(io, `${verb} "${path}" failed (${refusal})`);
    return 1;
  }
  const taken = (io.machine.sockets?.() ?? []).map(({ port }) => port);
  const port = portsOf(configuration).find((one) => taken.includes(one));
  if (port === undefined) return undefined;
  for (let attempt = 0; attempt < 5; attempt++)
    emergency(io, `bind() to 0.0.0.0:${port} failed (98: Address already in use)`);
  emergency(io, 'still could not bind()');
  return 1;
}

/** Why a file cannot be made there: the folder is not for others, or nothing can be written. */
function whyNot({ machine: { files } }: ProgramIo, folder: string, path: string, isRoot: boolean): string | undefined {
  const { mode, uid = 0 } = files.stat(folder)!;
  if (!isRoot && uid === 0 && (mode & 0o002) === 0) return '13: Permission denied';
  try {
    files.write(path, '');
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code === 'EROFS' ? '30: Read-only file system' : '13: Permission denied';
  }
}

/** `nginx -s reload`: the master gets a signal. */
function send(io: ProgramIo, what: string): number {
  const signal = { reload: 1, stop: 15, quit: 3, reopen: 10 }[what];
  if (signal === undefined) {
    io.err(`nginx: invalid option: "-s ${what}"\n`);
    return 1;
  }
  io.err(`${stamp(io)} [notice] ${io.task.pid}#${io.task.pid}: signal process started\n`);
  io.machine.kill?.(1, signal);
  return 0;
}
