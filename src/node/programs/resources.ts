import { Quantity } from '../../base/quantity.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { processesOf } from '../processes/table.ts';
import { two } from '../systemd/format.ts';

const LOAD = '0.21, 0.18, 0.12';

const capacity = (host: NodeHost, name: string): number =>
  Quantity.parse(host.record().capacity[name] ?? '0').toNumber();

/** Memory of the machine in KiB, in steady shares. */
function memoryOf(host: NodeHost) {
  const total = Math.floor(capacity(host, 'memory') / 1024);
  const share = (part: number) => Math.floor(total * part);
  const left = host.record().filled?.memory?.left;
  if (left !== undefined) return full(total, Math.floor(left / 1024));
  return { total, used: share(0.31), free: share(0.31), shared: 3412, cache: share(0.38), available: share(0.62) };
}

/** The same of a machine that somebody filled up. */
const full = (total: number, left: number) => ({
  total,
  used: total - left - 3412,
  free: left,
  shared: 3412,
  cache: 3412,
  available: left,
});

/** `3.8Gi`, `312Mi`: as `free -h` and `df -h` (without its i) abbreviate. */
function short(kib: number, suffix = 'i'): string {
  const units = ['K', 'M', 'G', 'T'];
  let size = kib;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)}${units[unit]}${suffix}`;
}

/** free [-h|-m|-g] */
export function free(host: NodeHost, { argv }: CommandContext): CommandResult {
  const option = argv.slice(1).join('');
  const show = (kib: number): string => {
    if (option.includes('h')) return kib === 0 ? '0B' : short(kib);
    return String(Math.floor(kib / (option.includes('m') ? 1024 : option.includes('g') ? 1024 ** 2 : 1)));
  };
  const { total, used, free: unused, shared, cache, available } = memoryOf(host);
  const row = (title: string, cells: string[]) =>
    title.padEnd(8) +
    cells
      .map((cell) => cell.padStart(12))
      .join('')
      .slice(1);
  const lines = [
    row('', ['total', 'used', 'free', 'shared', 'buff/cache', 'available']),
    row('Mem:', [total, used, unused, shared, cache, available].map(show)),
    row('Swap:', [0, 0, 0].map(show)),
  ];
  return ok(`${lines.join('\n')}\n`);
}

/** df [-h]: the disk, and what is kept in memory. */
export function df(host: NodeHost, { argv }: CommandContext): CommandResult {
  const human = /h/.test(argv.slice(1).join(''));
  const disk = Math.floor(capacity(host, 'ephemeral-storage') / 1024);
  const memory = Math.floor(capacity(host, 'memory') / 1024);
  const left = host.record().filled?.disk?.left;
  const used = left === undefined ? Math.floor(disk * 0.21) : disk - Math.floor(left / 1024);
  const list: [string, number, number, string][] = [
    ['tmpfs', Math.floor(memory / 10), 1348, '/run'],
    ['/dev/sda1', disk, used, '/'],
    ['tmpfs', Math.floor(memory / 2), 0, '/dev/shm'],
    ['tmpfs', 5120, 0, '/run/lock'],
    ['/dev/sda15', 106_858, 6_252, '/boot/efi'],
  ];
  const size = (kib: number) => (human ? (kib === 0 ? '0' : short(kib, '')) : String(kib));
  const head = [
    'Filesystem',
    human ? 'Size' : '1K-blocks',
    'Used',
    human ? 'Avail' : 'Available',
    'Use%',
    'Mounted on',
  ];
  const wanted = argv.slice(1).filter((word) => word.startsWith('/'));
  const mountOf = (path: string) =>
    list
      .map(([, , , at]) => at)
      .filter((at) => at === '/' || path === at || path.startsWith(`${at}/`))
      .sort((a, b) => b.length - a.length)[0];
  const chosen = wanted.length > 0 ? wanted.map((path) => list.find(([, , , at]) => at === mountOf(path))!) : list;
  const rows = chosen.map(([name, total, taken, at]) => [
    name,
    size(total),
    size(taken),
    size(total - taken),
    `${Math.ceil((taken * 100) / total)}%`,
    at,
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i === 0 || i === 5 ? cell.padEnd(i === 5 ? 0 : widths[0]!) : cell.padStart(widths[i]!)))
      .join(' ');
  return ok(`${[head, ...rows].map(line).join('\n')}\n`);
}

/** `up 1 day,  2:14` */
function upFor(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const clock = hours ? `${String(hours).padStart(2)}:${two(rest)}` : `${rest} min`;
  return days ? `${days} day${days === 1 ? '' : 's'}, ${clock}` : clock;
}

const firstLine = (host: NodeHost): string => {
  const now = new Date(host.now()).toISOString().slice(11, 19);
  return ` ${now} up ${upFor(host.now() - host.record().bootedAt)},  1 user,  load average: ${LOAD}`;
};

export const uptime = (host: NodeHost): CommandResult => ok(`${firstLine(host)}\n`);

/** top -b -n1: what runs, the biggest first. */
export function top(host: NodeHost, { argv }: CommandContext): CommandResult {
  if (!argv.slice(1).join(' ').includes('b')) return { stdout: '', stderr: 'top: failed tty get\n', code: 1 };
  const rows = processesOf(host).sort((a, b) => b.rss - a.rss || a.pid - b.pid);
  const mebi = (kib: number) => (kib / 1024).toFixed(1).padStart(8);
  const { total, used, free: unused, cache, available } = memoryOf(host);
  const lines = rows.map((row) =>
    [
      String(row.pid).padStart(7),
      row.user.slice(0, 8).padEnd(8),
      row.rss ? ' 20   0' : '  0 -20',
      String(row.rss * 18).padStart(7),
      String(row.rss).padStart(6),
      String(Math.floor(row.rss * 0.6)).padStart(6),
      row.state.startsWith('I') ? 'I' : 'S',
      (row.rss > 20_000 ? '1.7' : '0.0').padStart(5),
      ((row.rss * 100) / total).toFixed(1).padStart(5),
      '  0:01.42',
      row.command
        .replace(/^\[|\]$/g, '')
        .split(' ')[0]!
        .split('/')
        .at(-1)!
        .slice(0, 15),
    ].join(' '),
  );
  return ok(
    [
      `top -${firstLine(host)}`,
      `Tasks: ${String(rows.length).padStart(3)} total,   1 running, ${String(rows.length - 1).padStart(3)} sleeping,   0 stopped,   0 zombie`,
      '%Cpu(s):  2.3 us,  1.6 sy,  0.0 ni, 95.8 id,  0.2 wa,  0.0 hi,  0.1 si,  0.0 st ',
      `MiB Mem : ${mebi(total)} total, ${mebi(unused)} free, ${mebi(used)} used, ${mebi(cache)} buff/cache     `,
      `MiB Swap: ${mebi(0)} total, ${mebi(0)} free, ${mebi(0)} used. ${mebi(available)} avail Mem `,
      '',
      '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
      ...lines,
      '',
    ].join('\n'),
  );
}
