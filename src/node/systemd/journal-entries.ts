import type { JournalEntry, NodeHost } from '../host.ts';
import { kernelLines } from '../kernel.ts';
import { journalOf } from './journal.ts';
import { commandOf, readUnit, UNITS, type UnitState, unitsOf } from './units.ts';

/** A line of the journal, with what its fields say. */
export interface Entry {
  at: number;
  identifier: string;
  pid?: number;
  message: string;
  priority: number;
  /** The service that wrote it; nothing for systemd and the kernel. */
  unit?: string;
  /** The service that systemd writes about. */
  about?: string;
  command?: string;
  kernel?: boolean;
}

/** Priorities by their number. */
export const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** How grave systemd takes its own lines; what services write to standard error is information. */
const GRAVITY: [RegExp, number][] = [
  [/Failed (to locate|at step)|Failed to start/, 3],
  [/Failed with result/, 4],
  [/Main process exited/, 5],
];

const millis = (time: number | string): number => (typeof time === 'number' ? time : Date.parse(time));

function entryOf(host: NodeHost, name: string, unit: UnitState, { at, identifier, message }: JournalEntry): Entry {
  const program = UNITS[name]?.program ?? name;
  const [, own = program, pid] = /^(.*?)(?:\[(\d+)\])?$/.exec(identifier ?? `${program}[${unit.pid}]`)!;
  const systemd = own === 'systemd';
  return {
    at: millis(at),
    identifier: own,
    ...(pid && { pid: Number(pid) }),
    message,
    priority: systemd || own.startsWith('(') ? (GRAVITY.find(([pattern]) => pattern.test(message))?.[1] ?? 6) : 6,
    ...(systemd ? { about: `${name}.service` } : { unit: `${name}.service`, command: commandOf(host, name, unit) }),
  };
}

/** All lines of a machine's journal, oldest first. */
export function entriesOf(host: NodeHost): Entry[] {
  const services = unitsOf(host).flatMap((name) => {
    const unit = readUnit(host, name);
    return journalOf(host, name, unit).map((entry) => entryOf(host, name, unit, entry));
  });
  const kernel = kernelLines(host).map(
    ([seconds, message]): Entry => ({
      at: host.record().bootedAt - 20_000 + seconds * 1000,
      identifier: 'kernel',
      message,
      priority: 6,
      kernel: true,
    }),
  );
  return [...kernel, ...services].sort((a, b) => a.at - b.at);
}

const micros = (ms: number): string => String(Math.floor(ms) * 1000);

/** The fields of an entry, as `-o verbose` shows them. */
export function fieldsOf(host: NodeHost, entry: Entry, index: number): Record<string, string> {
  const boot = host.record().bootID.replaceAll('-', '');
  const uptime = entry.at - host.record().bootedAt + 20_000;
  return {
    __CURSOR: `s=${host.record().machineID};i=${(index + 1).toString(16)};b=${boot};m=${(uptime * 1000).toString(16)};t=${(Math.floor(entry.at) * 1000).toString(16)};x=${host.record().machineID.slice(0, 16)}`,
    __REALTIME_TIMESTAMP: micros(entry.at),
    __MONOTONIC_TIMESTAMP: micros(uptime),
    _BOOT_ID: boot,
    _MACHINE_ID: host.record().machineID,
    _HOSTNAME: host.name,
    PRIORITY: String(entry.priority),
    ...(entry.kernel
      ? { _TRANSPORT: 'kernel', SYSLOG_FACILITY: '0' }
      : {
          _TRANSPORT: entry.unit ? 'stdout' : 'journal',
          SYSLOG_FACILITY: '3',
          _UID: '0',
          _GID: '0',
          _PID: String(entry.pid ?? 1),
          _COMM: entry.identifier,
          _EXE: entry.command?.split(' ')[0] ?? '/usr/lib/systemd/systemd',
          _CMDLINE: entry.command ?? '/sbin/init',
          _SYSTEMD_CGROUP: entry.unit ? `/system.slice/${entry.unit}` : '/init.scope',
          _SYSTEMD_UNIT: entry.unit ?? 'init.scope',
          _SYSTEMD_SLICE: entry.unit ? 'system.slice' : '-.slice',
          ...(entry.about && { UNIT: entry.about }),
        }),
    SYSLOG_IDENTIFIER: entry.identifier,
    MESSAGE: entry.message,
  };
}
