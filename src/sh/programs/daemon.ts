import type { Daemon, DaemonLine } from '../process.ts';
import type { Program, ProgramIo } from './io.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** How servers write a time: what `{nginx}` and its like in a line of an image become. `ms` since the epoch. */
const TIMES: Record<string, (iso: string, date: Date) => string> = {
  nginx: (iso) => `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`,
  plain: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`,
  iso: (iso) => iso,
  seconds: (iso) => `${iso.slice(0, 19)}Z`,
  micros: (iso) => `${iso.slice(0, 23)}000Z`,
  pg: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`,
  redis: (iso, date) => `${iso.slice(8, 10)} ${MONTHS[date.getUTCMonth()]} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`,
  klog: (iso) => `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`,
  apache: (iso, date) =>
    `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${iso.slice(8, 10)} ${iso.slice(11, 23)}000 ${iso.slice(0, 4)}`,
  clf: (iso, date) => `${iso.slice(8, 10)}/${MONTHS[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`,
  offset: (iso) => `${iso.slice(0, 23)}+00:00`,
  go: (iso) => `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`,
};

/** Fills `{nginx}`, `{hostname}`, `{env:NAME}` and what `values` has. */
export function fillLine(
  text: string,
  now: number,
  hostname: string,
  environment: Record<string, string>,
  values: Record<string, string> = {},
): string {
  return text.replace(/\{([a-z]+)(?::([A-Za-z0-9_]+))?\}/g, (whole, name: string, argument: string | undefined) => {
    if (name === 'env' && argument) return environment[argument] ?? '';
    if (name === 'hostname') return hostname;
    if (values[name] !== undefined) return values[name];
    const date = new Date(now);
    return TIMES[name]?.(date.toISOString(), date) ?? whole;
  });
}

const daemonOf = (io: ProgramIo): Daemon => io.machine.daemons![io.argv[0]!.split('/').at(-1)!] ?? {};

function log(io: ProgramIo, line: DaemonLine): void {
  const text = `${fillLine(line.text, io.now, io.machine.hostname, io.environment, { pid: String(io.task.pid) })}\n`;
  if (line.stream === 'stdout') io.out(text);
  else io.err(text);
}

/** A server of an image: it writes its lines, opens its ports, and stays until a signal that it handles. */
export const daemon: Program = {
  step(io) {
    const behaviour = daemonOf(io);
    const { memory } = io;
    const lines = behaviour.logs ?? [];
    if (memory.next === undefined) {
      const given = behaviour.answers?.[io.argv.slice(1).join(' ')] ?? behaviour.answers?.[io.argv[1] ?? ''];
      if (given) {
        io.out(given.stdout ?? '');
        io.err(given.stderr ?? '');
        return given.code ?? 0;
      }
      memory.next = 0;
      memory.started = io.now;
      if (lines[0]?.after) {
        memory.wake = io.now + lines[0].after;
        return 'blocked';
      }
    }
    for (let next = memory.next as number; next < lines.length; ) {
      log(io, lines[next]!);
      memory.next = ++next;
      const wait = lines[next]?.after;
      if (wait) {
        memory.wake = io.now + wait;
        return 'blocked';
      }
    }
    memory.ports = behaviour.ports ?? [];
    if (!behaviour.exit) return 'blocked';
    const end = memory.started! + behaviour.exit.after;
    if (io.now >= end) return behaviour.exit.code;
    memory.wake = end;
    return 'blocked';
  },

  signal(io, name) {
    const handled = daemonOf(io).signals?.[name];
    if (!handled) return undefined;
    for (const line of handled.logs ?? []) log(io, line);
    return handled.code;
  },
};
