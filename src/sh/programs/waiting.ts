import { execute } from '../evaluator/commands.ts';
import { deliver } from '../evaluator/deliver.ts';
import { signalName } from '../evaluator/signals.ts';
import type { Program, ProgramIo } from './io.ts';

const UNITS: Record<string, number> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `5`, `1.5m`, `infinity` in ms; undefined if it is none. */
export function parseSpan(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  const match = /^([0-9]*\.?[0-9]+|[0-9]+\.)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!]! : undefined;
}

const USAGE = (name: string) => `BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: ${name}`;

export const sleep: Program = {
  step(io) {
    if (io.memory.started !== undefined)
      return io.memory.deadline !== undefined && io.now >= io.memory.deadline ? 0 : 'blocked';
    const args = io.argv.slice(1).filter((arg) => arg !== '--');
    if (args.length === 0) {
      io.err(
        io.busybox
          ? `${USAGE('sleep')} [N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays\n`
          : "sleep: missing operand\nTry 'sleep --help' for more information.\n",
      );
      return 1;
    }
    const spans = args.map(parseSpan);
    const bad = args.find((_, index) => spans[index] === undefined);
    if (bad !== undefined) {
      io.err(
        io.busybox
          ? `sleep: invalid number '${bad}'\n`
          : `sleep: invalid time interval '${bad}'\nTry 'sleep --help' for more information.\n`,
      );
      return 1;
    }
    const total =
      spans.reduce<number>((sum, span) => sum + span!, 0) / (io.argv[0]!.endsWith('usleep') ? 1_000_000 : 1);
    io.memory.started = io.now;
    if (total === Number.POSITIVE_INFINITY) return 'blocked';
    if (total <= 0) return 0;
    io.memory.deadline = io.memory.wake = io.now + total;
    return 'blocked';
  },
};

/** Kubernetes' pause container. */
export const pause: Program = {
  step: () => 'blocked',
  signal: (io, name) => {
    if (name !== 'TERM' && name !== 'INT') return undefined;
    io.err(`Shutting down, got signal: ${name === 'TERM' ? 'Terminated' : 'Interrupt'}\n`);
    return 0;
  },
};

/** `timeout [-s SIGNAL] [-k KILL_AFTER] DURATION COMMAND …`; old busybox takes `-t DURATION`. */
export const timeout: Program = {
  step(io) {
    if (io.memory.child === undefined) return start(io);
    const pid = io.memory.child as number;
    const status = io.evaluation.reap(io.task, pid);
    if (status !== undefined) return io.memory.fired && !io.memory.preserve ? (io.busybox ? 143 : 124) : status;
    if (io.memory.deadline !== undefined && io.now >= io.memory.deadline) {
      const child = io.evaluation.task(pid)!;
      deliver(io.evaluation, child, io.memory.fired ? 'KILL' : (io.memory.signal as string));
      delete io.memory.deadline;
      if (io.memory.killAfter !== undefined && !io.memory.fired)
        io.memory.deadline = io.memory.wake = io.now + (io.memory.killAfter as number);
      io.memory.fired = true;
      return 'moved';
    }
    if (io.memory.deadline !== undefined) io.memory.wake = io.memory.deadline;
    return 'blocked';
  },
};

function start(io: ProgramIo): number | 'moved' {
  const args = io.argv.slice(1);
  let signal = 'TERM';
  let span: string | undefined;
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    const value = () =>
      option.includes('=')
        ? option.slice(option.indexOf('=') + 1)
        : option.startsWith('--') || option.length === 2
          ? args.shift()!
          : option.slice(2);
    if (/^(-s|--signal)/.test(option)) signal = signalName(value()) ?? 'TERM';
    else if (/^(-k|--kill-after)/.test(option)) io.memory.killAfter = parseSpan(value());
    else if (/^-t/.test(option)) span = value();
    else if (option === '--preserve-status') io.memory.preserve = true;
  }
  span ??= args.shift();
  const ms = parseSpan(span ?? '');
  if (ms === undefined || args.length === 0) {
    io.err(
      io.busybox
        ? `timeout: invalid number '${span ?? ''}'\n`
        : span === undefined || args.length === 0
          ? "timeout: missing operand\nTry 'timeout --help' for more information.\n"
          : `timeout: invalid time interval '${span}'\nTry 'timeout --help' for more information.\n`,
    );
    return io.busybox ? 1 : 125;
  }
  const child = io.evaluation.fork(io.task, []);
  const failed = execute(io.evaluation, child, args, io.environment);
  if (failed) {
    io.err(
      io.busybox
        ? `timeout: can't execute '${args[0]}': No such file or directory\n`
        : `timeout: failed to run command '${args[0]}': No such file or directory\n`,
    );
    return failed.code;
  }
  io.memory.child = child.pid;
  io.memory.signal = signal;
  if (ms > 0) io.memory.deadline = io.memory.wake = io.now + ms;
  return 'moved';
}

/** `time COMMAND …`: how long it took, in the words of busybox or of a shell. */
export const time: Program = {
  step(io) {
    if (io.memory.child === undefined) {
      const args = io.argv.slice(1).filter((word, index) => index > 0 || word !== '-p');
      if (args.length === 0) return 0;
      const child = io.evaluation.fork(io.task, []);
      io.memory.started = io.now;
      const failed = execute(io.evaluation, child, args, io.environment);
      if (failed) {
        io.err(`time: can't execute '${args[0]}': No such file or directory\n`);
        return failed.code;
      }
      io.memory.child = child.pid;
      return 'moved';
    }
    const status = io.evaluation.reap(io.task, io.memory.child as number);
    if (status === undefined) return 'blocked';
    const ms = io.now - io.memory.started!;
    const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1000];
    io.err(
      io.busybox
        ? `real\t${minutes}m ${seconds.toFixed(2)}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n`
        : `\nreal\t${minutes}m${seconds.toFixed(3)}s\nuser\t0m0.001s\nsys\t0m0.002s\n`,
    );
    return status;
  },
};
