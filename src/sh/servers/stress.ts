import { goQuote } from '../../base/go-quote.ts';
import { Quantity } from '../../base/quantity.ts';
import { fillLine } from '../programs/fill-line.ts';
import type { ProgramIo } from '../programs/io.ts';
import type { Server } from './server.ts';

/** `--vm 1`, `--vm=1` */
function option({ argv }: ProgramIo, ...names: string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    const [name, value] = argument.split('=');
    if (names.includes(name!)) return value ?? argv[index + 1];
  }
  return undefined;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };
const HOGS = [
  ['cpu', '-c'],
  ['io', '-i'],
  ['vm', '-m'],
  ['hdd', '-d'],
] as const;

/** stress 1.0.4: says what it sets off, and ends by itself after `--timeout`. */
export const stress: Server = {
  begin(io) {
    const counts = HOGS.map(([name, letter]) => `${option(io, `--${name}`, letter) ?? 0} ${name}`);
    const prefix = `stress: info: [${io.task.pid}]`;
    io.out(`${prefix} dispatching hogs: ${counts.join(', ')}\n`);
    const [, number, unit = 's'] = /^(\d+)([smhdy]?)$/.exec(option(io, '--timeout', '-t') ?? '') ?? [];
    if (number) {
      const seconds = Number(number) * SECONDS[unit || 's']!;
      io.memory.exit = {
        after: seconds * 1000,
        code: 0,
        text: `${prefix} successful run completed in ${seconds}s\n`,
      };
    }
    return { ports: [] };
  },
};

/** github.com/vishh/stress: glog's lines of what it takes. */
export const vishStress: Server = {
  begin(io) {
    const flag = (name: string) => option(io, `-${name}`, `--${name}`);
    const line = (at: number, text: string) =>
      io.err(`${fillLine('I{klog}', io.now, '', {})} ${String(io.task.pid).padStart(7)} main.go:${at}] ${text}\n`);
    const quantity = (text: string) => goQuote(Quantity.parse(text).toString());
    const total = quantity(flag('mem-total') ?? '0');
    const chunk = quantity(flag('mem-alloc-size') ?? '4Ki');
    line(
      26,
      `Allocating ${total} memory, in ${chunk} chunks, with a ${flag('mem-alloc-sleep') ?? '1ms'} sleep between allocations`,
    );
    for (let thread = 0; thread < Number(flag('cpus') ?? 0); thread++) line(39, 'Spawning a thread to consume CPU');
    line(29, `Allocated ${total} memory`);
    return { ports: [] };
  },
};
