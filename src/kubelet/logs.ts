import type { OutputChunk } from '../sh/process.ts';
import type { Section } from '../store/section.ts';
import type { LogRecord } from '../types/node-runtime.ts';

/** What a log keeps: older lines are dropped, as a rotated file is. */
const MAX_LINES = 2000;
const MAX_BYTES = 256 * 1024;

const empty = (): LogRecord => ({ lines: [], pending: {}, droppedLines: 0, bytes: 0 });

function push(log: LogRecord, at: number, stream: 'stdout' | 'stderr', text: string, partial?: 1): void {
  log.lines.push(partial ? [at, stream, text, 1] : [at, stream, text]);
  log.bytes += Buffer.byteLength(text) + 1;
}

function trim(log: LogRecord): void {
  let drop = Math.max(0, log.lines.length - MAX_LINES);
  let bytes = log.bytes;
  for (let i = 0; i < drop; i++) bytes -= Buffer.byteLength(log.lines[i]![2]) + 1;
  while (bytes > MAX_BYTES && drop < log.lines.length - 1) bytes -= Buffer.byteLength(log.lines[drop++]![2]) + 1;
  log.lines.splice(0, drop);
  log.droppedLines += drop;
  log.bytes = bytes;
}

/** Appends what a container wrote: whole lines at once, the rest when its newline comes. */
export function appendLog(section: Section<LogRecord>, id: string, output: OutputChunk[]): void {
  if (output.length === 0) return;
  const old = section.get(id) ?? empty();
  const log: LogRecord = { ...old, lines: [...old.lines], pending: { ...old.pending } };
  for (const { stream, text, at } of output) {
    const parts = ((log.pending[stream] ?? '') + text).split('\n');
    const rest = parts.pop()!;
    for (const line of parts) push(log, at, stream, line);
    if (rest === '') delete log.pending[stream];
    else log.pending[stream] = rest;
  }
  trim(log);
  section.set(id, log);
}

/** The container has ended: a last line without its newline is written too. */
export function closeLog(section: Section<LogRecord>, id: string, at: number): void {
  const old = section.get(id);
  if (!old?.pending.stdout && !old?.pending.stderr) return;
  const log: LogRecord = { ...old, lines: [...old.lines], pending: {} };
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = old.pending[stream];
    if (rest) push(log, at, stream, rest, 1);
  }
  section.set(id, log);
}

/** RFC3339Nano with fixed nine digits, as the log files have it. */
export function logTime(at: number): string {
  const whole = Math.floor(at);
  const nanos = Math.round((at - whole) * 1e6);
  return `${new Date(whole).toISOString().slice(0, -1)}${String(nanos).padStart(6, '0')}Z`;
}

export interface LogQuery {
  timestamps?: boolean;
  tailLines?: number;
  limitBytes?: number;
  /** Only lines written at or after this (ms). */
  since?: number;
  /** Only lines after this many of the whole log: a follower's next look. */
  fromLine?: number;
}

/** How many lines the log has had so far. */
export const logLength = (log: LogRecord | undefined): number => (log ? log.droppedLines + log.lines.length : 0);

/** How far somebody who is attached has seen: whole lines, and characters of the line that each stream has begun. */
export interface SeenOutput {
  lines: number;
  stdout: number;
  stderr: number;
}

/** All that was written so far, but for a line that is not complete when `again`: a terminal shows its prompt once more. */
export const seenSoFar = (log: LogRecord | undefined, again: boolean): SeenOutput => ({
  lines: logLength(log),
  stdout: again ? 0 : (log?.pending.stdout?.length ?? 0),
  stderr: again ? 0 : (log?.pending.stderr?.length ?? 0),
});

/** What was written since, piece by piece, to be seen now: `seen` moves on. */
export function* outputSince(
  log: LogRecord | undefined,
  seen: SeenOutput,
): Generator<[stream: 'stdout' | 'stderr', text: string]> {
  if (!log) return;
  for (const [, stream, text, partial] of log.lines.slice(Math.max(0, seen.lines - log.droppedLines))) {
    yield [stream, `${text.slice(seen[stream])}${partial ? '' : '\n'}`];
    seen[stream] = 0;
  }
  seen.lines = logLength(log);
  for (const stream of ['stdout', 'stderr'] as const) {
    const begun = log.pending[stream] ?? '';
    if (begun.length > seen[stream]) yield [stream, begun.slice(seen[stream])];
    seen[stream] = begun.length;
  }
}

/** The text that `kubectl logs` shows of a log. */
export function readLog(log: LogRecord | undefined, query: LogQuery): string {
  if (!log) return '';
  let lines = log.lines;
  if (query.fromLine !== undefined) lines = lines.slice(Math.max(0, query.fromLine - log.droppedLines));
  if (query.tailLines !== undefined) lines = query.tailLines === 0 ? [] : lines.slice(-query.tailLines);
  if (query.since !== undefined) lines = lines.filter(([at]) => at >= query.since!);
  const text = lines
    .map(([at, , line, partial]) => `${query.timestamps ? `${logTime(at)} ` : ''}${line}${partial ? '' : '\n'}`)
    .join('');
  if (query.limitBytes === undefined) return text;
  return Buffer.from(text).subarray(0, query.limitBytes).toString('utf8');
}
