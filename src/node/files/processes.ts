import type { NodeHost } from '../host.ts';
import { commOf, type ProcessRow, processesOf } from '../processes/table.ts';
import type { FileTable } from './index.ts';

/** Which folder of a shell's session a reader of `/proc/self` is in. */
const SESSION = '0::/user.slice/user-0.slice/session-3.scope';

const LIMITS: [name: string, soft: string, hard: string, unit: string][] = [
  ['Max cpu time', 'unlimited', 'unlimited', 'seconds'],
  ['Max file size', 'unlimited', 'unlimited', 'bytes'],
  ['Max data size', 'unlimited', 'unlimited', 'bytes'],
  ['Max stack size', '8388608', 'unlimited', 'bytes'],
  ['Max core file size', 'unlimited', 'unlimited', 'bytes'],
  ['Max resident set', 'unlimited', 'unlimited', 'bytes'],
  ['Max processes', 'unlimited', 'unlimited', 'processes'],
  ['Max open files', '1048576', '1048576', 'files'],
  ['Max locked memory', '8388608', '8388608', 'bytes'],
  ['Max address space', 'unlimited', 'unlimited', 'bytes'],
  ['Max file locks', 'unlimited', 'unlimited', 'locks'],
  ['Max pending signals', '15192', '15192', 'signals'],
  ['Max msgqueue size', '819200', '819200', 'bytes'],
  ['Max nice priority', '0', '0', ''],
  ['Max realtime priority', '0', '0', ''],
  ['Max realtime timeout', 'unlimited', 'unlimited', 'us'],
];

const limitsFile = (): string =>
  ['Limit                     Soft Limit           Hard Limit           Units     ']
    .concat(
      LIMITS.map(
        ([name, soft, hard, unit]) => `${name.padEnd(26)}${soft.padEnd(21)}${hard.padEnd(21)}${unit.padEnd(10)}`,
      ),
    )
    .map((line) => `${line}\n`)
    .join('');

const STATES: Record<string, string> = { S: 'S (sleeping)', I: 'I (idle)', R: 'R (running)' };

function statusFile(row: ProcessRow, uid: string): string {
  const four = (id: string) => [id, id, id, id].join('\t');
  const size = (name: string, kib: number) => `${name}:\t${String(kib).padStart(8)} kB`;
  const memory =
    row.rss > 0 ? [size('VmPeak', row.rss * 18), size('VmSize', row.rss * 18), size('VmRSS', row.rss)] : [];
  return [
    `Name:\t${commOf(row)}`,
    'Umask:\t0022',
    `State:\t${STATES[row.state[0]!] ?? STATES.S}`,
    ...[`Tgid:\t${row.pid}`, 'Ngid:\t0', `Pid:\t${row.pid}`, `PPid:\t${row.ppid}`, 'TracerPid:\t0'],
    ...[`Uid:\t${four(uid)}`, `Gid:\t${four(uid)}`, 'FDSize:\t128', 'Groups:\t '],
    ...memory,
    `Threads:\t${row.state.includes('l') ? 14 : 1}`,
    'NoNewPrivs:\t0',
    'Seccomp:\t0',
    '',
  ].join('\n');
}

/** What a program's file is, where its command does not say. */
const executable = ({ command }: ProcessRow): string => {
  const [program = ''] = command.split(' ');
  if (program === '/sbin/init') return '/usr/lib/systemd/systemd';
  return program.startsWith('/') ? program : `/usr/bin/${program.replace(/:$/, '')}`;
};

/** `/proc/PID` of one process. */
function processFiles(row: ProcessRow): FileTable {
  const at = `/proc/${row.pid}`;
  const kernel = row.command.startsWith('[');
  const container = row.of && 'container' in row.of ? row.of.container : undefined;
  const uid = /^\d+$/.test(row.user) ? row.user : row.user === 'root' ? '0' : '101';
  const env = container?.env ?? {
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  return {
    [`${at}/cmdline`]: () => (kernel ? '' : `${row.command.split(' ').join('\0')}\0`),
    [`${at}/comm`]: () => `${commOf(row)}\n`,
    [`${at}/status`]: () => statusFile(row, uid),
    [`${at}/cgroup`]: () => `${row.cgroup ?? '0::/'}\n`,
    [`${at}/limits`]: limitsFile,
    [`${at}/oom_score_adj`]: () => `${container ? 1000 : row.command.includes('kubelet') ? -999 : 0}\n`,
    [`${at}/environ`]: () =>
      kernel
        ? ''
        : Object.entries(env)
            .map(([key, value]) => `${key}=${value}\0`)
            .join(''),
    ...(!kernel && {
      [`${at}/exe`]: () => `->${executable(row)}`,
      [`${at}/cwd`]: () => `->${container?.cwd || '/'}`,
      [`${at}/root`]: () => '->/',
      [`${at}/fd/0`]: () => '->/dev/null',
      [`${at}/fd/1`]: () => (container ? '->pipe:[40211]' : '->socket:[21774]'),
      [`${at}/fd/2`]: () => (container ? '->pipe:[40212]' : '->socket:[21774]'),
    }),
    [`${at}/mounts`]: () => '->/proc/mounts',
    [`${at}/net/dev`]: () => '->/proc/net/dev',
    ...Object.fromEntries(
      ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'].map((name, i) => [
        `${at}/ns/${name}`,
        () => `->${name}:[${4_026_531_835 + i + (container ? 4 * row.pid : 0)}]`,
      ]),
    ),
  };
}

/** `/proc/PID` of all that runs on a machine, and of whoever looks. */
export function processTable(host: NodeHost): FileTable {
  const rows = processesOf(host);
  const last = rows.at(-1)?.pid ?? 1;
  const reader: ProcessRow = {
    pid: last + 211,
    ppid: last + 210,
    user: 'root',
    started: host.now(),
    rss: 1_960,
    state: 'R',
    command: 'cat',
    cgroup: SESSION,
  };
  return {
    ...Object.assign({}, ...[...rows, reader].map(processFiles)),
    '/proc/self': () => `->/proc/${reader.pid}`,
    '/proc/thread-self': () => `->/proc/${reader.pid}/task/${reader.pid}`,
  };
}
