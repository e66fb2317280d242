import { parseDuration } from '../base/duration.ts';
import type { CommandResult } from '../sh/process.ts';
import type { LogRecord } from '../types/node-runtime.ts';
import type { NodeHost } from './host.ts';

type Line = LogRecord['lines'][number];

/** Which of a container's lines are wanted, and how. Times in ms. */
export interface LogQuestion {
  from?: number;
  until?: number;
  /** So many of the last lines. */
  tail?: number;
  /** So many bytes at the most. */
  bytes?: number;
  stream?: string;
  timestamps?: boolean;
  /** Goes on while the container runs. */
  follow?: boolean;
}

/** How often who follows looks, ms. */
const FOLLOW = 500;

/** A text's first `limit` bytes. */
const cut = (text: string, limit: number): string => Buffer.from(text).subarray(0, limit).toString();

/** A duration before now (`5m`) or a time, in ms; NaN for what is neither. */
export const sinceTime = (text: string, now: number): number =>
  /^[\d.]+(ns|us|ms|s|m|h)/.test(text)
    ? now - parseDuration(text)
    : /^\d+(\.\d+)?$/.test(text)
      ? Number(text) * 1000
      : Date.parse(text);

/** What a container has written, in the order in which it was; `seen`: how much of it was shown before (CommandResult.again). */
export function containerLog(
  host: NodeHost,
  id: string,
  isRunning: boolean,
  question: LogQuestion,
  seen?: unknown,
): CommandResult {
  const { from = 0, until = Number.POSITIVE_INFINITY, tail, bytes, stream, timestamps, follow } = question;
  const log = host.runtime.log(id);
  const all = log?.lines ?? [];
  const total = (log?.droppedLines ?? 0) + all.length;
  const before = Math.max(0, ((seen as number | undefined) ?? 0) - (log?.droppedLines ?? 0));
  const recent = all.slice(before).filter(([at]) => at >= from && at <= until);
  const kept =
    tail !== undefined && tail >= 0 && seen === undefined
      ? recent.slice(recent.length - Math.min(tail, recent.length))
      : recent;
  let left = bytes ?? -1;
  const limited = (text: string): string => {
    if (left < 0) return text;
    const part = cut(text, left);
    left -= Buffer.byteLength(part);
    return part;
  };
  const time = (at: number) => (timestamps ? `${new Date(at).toISOString().replace('Z', '000000Z')} ` : '');
  const written = kept
    .filter((line) => stream === undefined || line[1] === stream)
    .map(([at, own, text, partial]: Line) => ({
      stream: own,
      text: limited(`${time(at)}${text}${partial ? '' : '\n'}`),
    }));
  const of = (wanted: string) => written.flatMap((one) => (one.stream === wanted ? [one.text] : [])).join('');
  const goesOn = follow && isRunning && host.now() < until && left !== 0;
  return {
    stdout: of('stdout'),
    stderr: of('stderr'),
    code: 0,
    written,
    ...(goesOn && { again: { after: FOLLOW, memory: total } }),
  };
}
