import { fsMessage } from '../evaluator/evaluation.ts';
import { TOOLS } from '../tools/index.ts';
import type { Program, ProgramIo } from './io.ts';

/** Passes input on as it comes, until it ends. */
function pass(io: ProgramIo, also: (text: string) => void = () => {}): 'moved' | 'blocked' | 'ended' {
  const { text, ended } = io.input();
  if (text === '') return ended ? 'ended' : 'blocked';
  if (io.full()) return 'blocked';
  io.consume(text.length);
  io.out(text);
  also(text);
  return 'moved';
}

const missing = (io: ProgramIo, file: string, error: unknown) =>
  io.busybox ? `cat: can't open '${file}': ${fsMessage(error)}\n` : `cat: ${file}: ${fsMessage(error)}\n`;

export const cat: Program = {
  step(io) {
    const options = io.argv
      .slice(1)
      .filter((arg) => /^-[a-zA-Z]+$/.test(arg))
      .join('');
    const files = io.argv.slice(1).filter((arg) => !/^-./.test(arg) || arg === '-');
    const decorate = decorator(options);
    const index = (io.memory.index as number | undefined) ?? 0;
    const file = files.length === 0 ? (index === 0 ? '-' : undefined) : files[index];
    if (file === undefined) return (io.memory.status as number | undefined) ?? 0;
    if (file === '-' || file === '/dev/stdin') {
      const state =
        options.includes('n') || options.includes('e') || options.includes('A') ? wholeInput(io, decorate) : pass(io);
      if (state !== 'ended') return state;
    } else {
      try {
        io.out(decorate(io.machine.files.read(io.path(file))));
      } catch (error) {
        const text = fsMessage(error);
        io.err(text === 'Is a directory' && io.busybox ? `cat: read error: ${text}\n` : missing(io, file, error));
        io.memory.status = 1;
      }
    }
    io.memory.index = index + 1;
    return 'moved';
  },
};

function wholeInput(io: ProgramIo, decorate: (text: string) => string): 'blocked' | 'ended' {
  const { text, ended } = io.input();
  if (!ended) return 'blocked';
  io.consume(text.length);
  io.out(decorate(text));
  return 'ended';
}

function decorator(options: string): (text: string) => string {
  if (!/[nebAET]/.test(options)) return (text) => text;
  let line = 0;
  return (text) =>
    text.replace(/([^\n]*)(\n|$)/g, (whole, content: string, end: string) => {
      if (whole === '') return '';
      const shown = /[AT]/.test(options) ? content.replaceAll('\t', '^I') : content;
      const numbered =
        /n/.test(options) || (/b/.test(options) && content !== '') ? `${String(++line).padStart(6)}\t` : '';
      return `${numbered}${shown}${/[AeE]/.test(options) && end ? '$' : ''}${end}`;
    });
}

export const tee: Program = {
  step(io) {
    const files = io.argv.slice(1).filter((arg) => !arg.startsWith('-'));
    const { files: system } = io.machine;
    if (!io.memory.opened) {
      io.memory.opened = true;
      const append = io.argv.includes('-a');
      for (const file of files) {
        try {
          system.write(io.path(file), '', { append });
        } catch (error) {
          io.err(`tee: ${file}: ${fsMessage(error)}\n`);
          io.memory.status = 1;
        }
      }
    }
    const state = pass(io, (text) => {
      for (const file of files) {
        try {
          system.write(io.path(file), text, { append: true });
        } catch {
          io.memory.status = 1;
        }
      }
    });
    return state === 'ended' ? ((io.memory.status as number | undefined) ?? 0) : state;
  },
};

/** How often a follower looks at its file, ms. */
const FOLLOW = 1000;

/** `tail -f`; without it, the tool. */
export const tail: Program = {
  step(io) {
    const options = io.argv.slice(1).filter((arg) => /^-[^0-9]/.test(arg));
    const follows = options.some((option) => /^-[a-zA-Z]*[fF]/.test(option) || /^--(follow|retry)/.test(option));
    const files = io.argv
      .slice(1)
      .filter(
        (arg, index, all) =>
          !arg.startsWith('-') &&
          !/^(-[a-zA-Z]*[ncs]|--(lines|bytes|pid))$/.test(all[index - 1] ?? '') &&
          !/^\+[0-9]+$/.test(arg),
      );
    if (!follows) return finishWithTool(io);
    if (files.length === 0) {
      const state = pass(io);
      return state === 'ended' ? 0 : state;
    }
    const { files: system } = io.machine;
    const lengths = (io.memory.lengths as (number | null)[] | undefined) ?? files.map(() => null);
    files.forEach((file, index) => {
      if (file === '/dev/null') return;
      try {
        const text = system.read(io.path(file));
        const seen = lengths[index];
        if (seen === null || seen === undefined) {
          if (io.memory.lengths === undefined) io.out(firstLines(io, text));
          else io.out(text);
        } else if (text.length > seen) io.out(text.slice(seen));
        lengths[index] = text.length;
      } catch (error) {
        if (io.memory.lengths !== undefined) return;
        io.err(
          io.busybox
            ? `tail: can't open '${file}': ${fsMessage(error)}\n`
            : `tail: cannot open '${file}' for reading: ${fsMessage(error)}\n`,
        );
        lengths[index] = null;
      }
    });
    const retries = options.some((option) => /F|retry/.test(option));
    if (
      io.memory.lengths === undefined &&
      !retries &&
      lengths.every((length) => length === null) &&
      !files.includes('/dev/null')
    ) {
      io.err(io.busybox ? 'tail: no files\n' : 'tail: no files remaining\n');
      return 1;
    }
    io.memory.lengths = lengths;
    io.memory.follows = true;
    if (!files.every((file) => file === '/dev/null')) io.memory.wake = io.now + FOLLOW;
    return 'blocked';
  },
};

function firstLines(io: ProgramIo, text: string): string {
  const given = /(?:^| )(?:-n ?|--lines=|-[fF]n ?|-)(\+?[0-9]+)(?: |$)/.exec(io.argv.slice(1).join(' '))?.[1] ?? '10';
  const lines = text.split(/(?<=\n)/);
  return given.startsWith('+')
    ? lines.slice(Number(given) - 1).join('')
    : Number(given) === 0
      ? ''
      : lines.slice(-Number(given)).join('');
}

function finishWithTool(io: ProgramIo): 'moved' {
  io.task.frames.pop();
  io.task.frames.push({ kind: 'tool', argv: io.argv, environment: io.environment });
  if (!TOOLS.tail) io.task.frames.pop();
  return 'moved';
}

const UNITS: Record<string, number> = { b: 512, k: 1024, K: 1024, m: 1024 ** 2, M: 1024 ** 2, G: 1024 ** 3 };

/** How many bytes `head -c` is to give; undefined where it is asked for lines, or for all but the last ones. */
function byteCount(args: string[]): number | undefined {
  const [, count, unit = ''] = /^(?:-c ?|--bytes[ =])([0-9]+)([bkKmMG]?)$/.exec(args.join(' ')) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 1);
}

/** Passes so many bytes on. */
function headBytes(io: ProgramIo, count: number): 'moved' | 'blocked' | number {
  const left = (io.memory.left as number | undefined) ?? count;
  const { text, ended } = io.input();
  const bytes = Buffer.from(text);
  const taken = bytes.length <= left ? text : bytes.subarray(0, left).toString();
  io.consume(taken.length);
  io.out(taken);
  io.memory.left = left - Math.min(left, bytes.length);
  if (io.memory.left === 0 || (ended && io.input().text === '')) return 0;
  return taken === '' ? 'blocked' : 'moved';
}

/** `head` on a pipe: it ends, and with it what writes to it, once it has its lines or bytes. */
export const head: Program = {
  step(io) {
    const args = io.argv.slice(1);
    const bytes = byteCount(args);
    if (bytes !== undefined) return headBytes(io, bytes);
    const counted = /^(?:-n ?|--lines=|-)?([0-9]+)$/.exec(args.join(' '));
    if (args.length > 0 && !counted) return finishWithTool(io);
    const left = (io.memory.left as number | undefined) ?? Number(counted?.[1] ?? 10);
    const { text, ended } = io.input();
    const lines = text.split(/(?<=\n)/).slice(0, left);
    if (!ended && lines.length > 0 && !lines.at(-1)!.endsWith('\n')) lines.pop();
    const taken = lines.join('');
    io.consume(taken.length);
    io.out(taken);
    io.memory.left = left - (taken === '' ? 0 : lines.length);
    if (io.memory.left === 0 || (ended && io.input().text === '')) return 0;
    return taken === '' ? 'blocked' : 'moved';
  },
};

export const yes: Program = {
  step(io) {
    if (io.full()) return 'blocked';
    const line = `${io.argv.slice(1).join(' ') || 'y'}\n`;
    io.memory.busy = true;
    // A broken pipe ends it, descriptors and all.
    const leadsToPipe = io.task.descriptors[1]?.kind === 'pipe';
    io.out(line.repeat(512));
    if (!leadsToPipe) io.memory.wake = io.now + 1000;
    return leadsToPipe ? 'moved' : 'blocked';
  },
};
