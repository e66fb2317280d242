import type { Daemon, DaemonLine } from '../process.ts';
import { SERVERS } from '../servers/index.ts';
import { fillLine } from './fill-line.ts';
import type { Program, ProgramIo } from './io.ts';

type Exit = NonNullable<Daemon['exit']>;

const daemonOf = (io: ProgramIo): Daemon => io.machine.daemons![io.argv[0]!.split('/').at(-1)!] ?? {};

function log(io: ProgramIo, line: DaemonLine): void {
  const text = `${fillLine(line.text, io.now, io.machine.hostname, io.environment, { pid: String(io.task.pid), ...(io.memory.server as { mode?: string }) })}\n`;
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
      const opened = behaviour.server === undefined ? undefined : SERVERS[behaviour.server]!.begin(io, behaviour);
      if (typeof opened === 'number') return opened;
      if (opened) Object.assign(memory, { opens: opened.ports, server: opened.memory });
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
    memory.ports = (memory.opens as number[] | undefined) ?? behaviour.ports ?? [];
    const exit = (memory.exit as Exit | undefined) ?? behaviour.exit;
    if (!exit) return 'blocked';
    const end = memory.started! + exit.after;
    if (io.now >= end) {
      if (exit.text) io.out(exit.text);
      return exit.code;
    }
    memory.wake = end;
    return 'blocked';
  },

  signal(io, name) {
    const behaviour = daemonOf(io);
    if (behaviour.server)
      io.memory.server = SERVERS[behaviour.server]!.signal?.(io, behaviour, name) ?? io.memory.server;
    const handled = behaviour.signals?.[name];
    if (!handled && name === 'HUP' && behaviour.server) return 'ignored';
    if (!handled) return undefined;
    for (const line of handled.logs ?? []) log(io, line);
    return handled.code;
  },
};
