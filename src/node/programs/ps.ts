import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { readUnit, UNITS, unitsOf } from '../systemd/units.ts';

export interface ProcessRow {
  pid: number;
  ppid: number;
  user: string;
  /** ms since the epoch. */
  started: number;
  /** Resident memory, KiB. */
  rss: number;
  state: string;
  command: string;
}

const KERNEL_THREADS = ['kthreadd', 'rcu_gp', 'kworker/0:0H-events_highpri', 'ksoftirqd/0', 'rcu_sched', 'migration/0'];

function recordsOf<T extends { node: string }>(host: NodeHost, section: string): T[] {
  const records = host.state.section<T>(section);
  return records.keys(`${host.name}/`).flatMap((key) => records.get(key) ?? []);
}

/** Everything that runs on a machine: init, its services, and the processes of its containers below their shims. */
export function processesOf(host: NodeHost): ProcessRow[] {
  const boot = host.record().bootedAt;
  const row = (pid: number, command: string, more: Partial<ProcessRow> = {}): ProcessRow => ({
    pid,
    ppid: 1,
    user: 'root',
    started: boot,
    rss: 0,
    state: 'Ss',
    command,
    ...more,
  });
  const services = unitsOf(host).flatMap((name) => {
    const unit = readUnit(host, name);
    if (unit.active !== 'active') return [];
    return [
      row(unit.pid, UNITS[name]!.command(host), {
        started: unit.since,
        rss: Math.floor(unit.memory / 1024),
        state: 'Ssl',
      }),
    ];
  });
  const sandboxes = recordsOf<SandboxRecord>(host, RUNTIME_SECTIONS.sandboxes).filter((s) => s.state === 'ready');
  const containers = recordsOf<ContainerRecord>(host, RUNTIME_SECTIONS.containers).filter((c) => c.state === 'running');
  return [
    row(1, '/sbin/init', { rss: 11_264 }),
    ...KERNEL_THREADS.map((name, i) => row(i + 2, `[${name}]`, { ppid: i ? 2 : 0, state: i ? 'I<' : 'S' })),
    ...services,
    ...sandboxes.map((s) => row(s.pid, '/pause', { user: '65535', started: s.createdAt, rss: 680 })),
    ...containers.map((c) =>
      row(c.pid, c.argv.join(' '), {
        user: c.user.split(':')[0] || 'root',
        started: c.startedAt ?? c.createdAt,
        rss: 8_192,
        state: 'Ssl',
      }),
    ),
  ].sort((a, b) => a.pid - b.pid);
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `02:22`, or `Jun18` when it was on another day. */
function startTime(started: number, now: number): string {
  const t = new Date(started);
  if (now - started < 86_400_000 && t.getUTCDate() === new Date(now).getUTCDate())
    return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`;
  return t.toUTCString().slice(8, 11) + two(t.getUTCDate());
}

/** CPU time, of which kernel threads use none. */
function cpuTime(row: ProcessRow, now: number): string {
  const seconds = row.rss ? Math.floor(((now - row.started) / 1000) * 0.018) : 0;
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** The rows of `ps aux` (procps): USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND. */
export function psAux(rows: ProcessRow[], now: number, totalKib: number): string {
  const lines = rows.map((r) => {
    const cpu = r.rss > 20_000 ? '1.8' : '0.0';
    const memory = ((r.rss * 100) / totalKib).toFixed(1);
    const vsz = r.rss * 18;
    const cells = [
      r.user.padEnd(8),
      String(r.pid).padStart(7),
      cpu.padStart(4),
      memory.padStart(4),
      String(vsz).padStart(6),
      String(r.rss).padStart(5),
      '?'.padEnd(8),
      r.state.padEnd(4),
      startTime(r.started, now).padEnd(7),
      cpuTime(r, now).padStart(4),
    ];
    return `${cells.join(' ')} ${r.command}`;
  });
  return `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n${lines.join('\n')}\n`;
}

/** The rows of `ps -ef`: UID PID PPID C STIME TTY TIME CMD. */
export function psEf(rows: ProcessRow[], now: number): string {
  const lines = rows.map((r) => {
    const [minutes = '0', seconds = '00'] = cpuTime(r, now).split(':');
    const total = `${two(Math.floor(Number(minutes) / 60))}:${two(Number(minutes) % 60)}:${seconds}`;
    return `${r.user.padEnd(8)} ${String(r.pid).padStart(7)} ${String(r.ppid).padStart(7)}  0 ${startTime(r.started, now)} ?        ${total} ${r.command}`;
  });
  return `UID          PID    PPID  C STIME TTY          TIME CMD\n${lines.join('\n')}\n`;
}
