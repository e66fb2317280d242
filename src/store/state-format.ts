import { isAscii } from 'node:buffer';
import type { MemoryState } from './state.ts';
import { StateFileError } from './state-file-error.ts';

/** The version of the format that this program writes; it reads all from 1 on. */
export const STATE_FORMAT = 1;

export interface StateHeader {
  format: number;
  /** Raised each time the file is replaced; names the journal that continues it. */
  generation: number;
}

/*
 * A state file is one JSON document of fixed lines, so that entries are found without being parsed:
 *
 *   {"kubemu":{"format":1,"generation":7},
 *   "objects/pods":{
 *   "default/web":{…},
 *   …
 *   },
 *   "timers":{
 *   …
 *   }}
 */

/** JSON in ASCII, so that a file of it is read without decoding and kept at a byte a character. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The text of a state file or journal. A person may have put other characters than ASCII into it. */
export const decodeState = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** The whole file, ending in a newline. Sections that nobody touched are copied as they are, if they are whole. */
export function formatState(state: MemoryState, generation: number): string {
  const header: StateHeader = { format: STATE_FORMAT, generation };
  const parts = [`{"kubemu":${JSON.stringify(header)}`];
  for (const name of state.sections())
    parts.push(`${JSON.stringify(name)}:{\n${state.memorySection(name).format()}\n}`);
  return `${parts.join(',\n')}}\n`;
}

/** Reads the first line. Throws StateFileError for a file that is not ours, or of a later format. */
export function parseHeader(text: string, path: string): StateHeader {
  const line = text.slice(0, text.indexOf('\n') + 1 || undefined);
  const match = /^\{"kubemu":(\{[^{}]*\}),?\}?\n?$/.exec(line);
  const header = match && parseObject(match[1]!);
  if (!header || typeof header.format !== 'number' || typeof header.generation !== 'number') {
    throw new StateFileError(
      `${path} is not a kubemu state file\nIt was left as it is. Name another file in KUBEMU_STATE, or move this one away.`,
    );
  }
  if (header.format > STATE_FORMAT) {
    throw new StateFileError(
      `${path} was written by a later kubemu (format ${header.format}, this one reads up to ${STATE_FORMAT})\nInstall that version, or name another file in KUBEMU_STATE.`,
    );
  }
  return header as unknown as StateHeader;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/**
 * Finds the sections of a whole file and leaves their entries to `state`: what nobody asks for is not even decoded. Throws
 * StateFileError with the line of damage.
 */
export function parseState(file: string | Buffer, path: string, state: MemoryState): StateHeader {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const has = (text: string, at: number) => bytes.toString('latin1', Math.max(at, 0), at + text.length) === text;
  const damaged = (at: number, why: string) =>
    StateFileError.damaged(placeOf({ text: '', path, before: bytes.subarray(0, at) }, 0), why);
  const first = bytes.indexOf('\n') + 1;
  const header = parseHeader(bytes.toString('utf8', 0, first || undefined), path);
  if (!has('\n', bytes.length - 1)) throw damaged(bytes.length, 'the file ends in the middle of a line');
  if (!has('}}\n', bytes.length - 3)) throw damaged(bytes.length - 1, 'the file ends too early');
  let start = first;
  while (start < bytes.length) {
    const line = bytes.indexOf('\n', start);
    if (!has('"', start) || !has('":{', line - 3)) throw damaged(start, 'a section should begin here');
    // No entry begins with a bracket, and no JSON text has a line break within.
    const end = bytes.indexOf('\n}', line);
    const last = has('}\n', end + 2);
    if (end <= line || !(last || has(',\n', end + 2))) throw damaged(line + 1, 'this section is not whole');
    state.memorySection(parseKey(bytes.toString('utf8', start, line - 2))).defer({ bytes, start: line + 1, end, path });
    start = end + 4;
    if (last && start < bytes.length) throw damaged(start, 'there is more after the end');
  }
  return header;
}

/** Where a section's lines lie in the bytes of a file. */
export interface Lines {
  bytes: Buffer;
  start: number;
  end: number;
  path: string;
}

/** A part of a file: for the report of damage it knows what stands before it. */
export interface Passage {
  text: string;
  path: string;
  before?: Buffer;
}

/** The decoded lines of a section. */
export const passageOf = ({ bytes, start, end, path }: Lines): Passage => ({
  text: decodeState(bytes.subarray(start, end)),
  path,
  before: bytes.subarray(0, start),
});

/** Calls `take` with each entry. Throws StateFileError at a line that is none. */
export function eachEntry(passage: Passage, take: (key: string, value: string, at: number) => void): void {
  const { text } = passage;
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const next = end + 1;
    if (text.charCodeAt(end - 1) === COMMA) end--;
    const colon = stringEnd(text, start, end) + 1;
    if (text[colon] !== ':' || !looksWhole(text, colon + 1, end)) {
      throw StateFileError.damaged(placeOf(passage, start), 'this is not a whole entry');
    }
    take(parseKey(text.slice(start, colon)), text.slice(colon + 1, end), start);
    start = next;
  }
}

const COMMA = 44;

/** `state.json, line 12` */
export function placeOf({ text, path, before }: Passage, at: number): string {
  let line = 1;
  for (let end = before?.indexOf('\n') ?? -1; end >= 0; end = before!.indexOf('\n', end + 1)) line++;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) line++;
  return `${path}, line ${line}`;
}

/** The index of the quote that ends the JSON string starting at `start`; -2 if there is none before `end`. */
export function stringEnd(text: string, start: number, end: number): number {
  if (text[start] !== '"') return -2;
  for (let at = text.indexOf('"', start + 1); at >= 0 && at < end; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -2;
}

/** The string behind a JSON string, quickly where nothing is escaped. */
export function parseKey(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

const CLOSERS: Record<string, string> = { '{': '}', '[': ']', '"': '"' };

/** Whether a JSON value seems to reach from `start` to `end`: its first and last characters fit. */
export function looksWhole(text: string, start: number, end: number): boolean {
  const first = text[start];
  if (end <= start || first === undefined) return false;
  const closer = CLOSERS[first];
  return closer
    ? end - start > 1 && text[end - 1] === closer
    : /^(?:true|false|null|-?[\d.eE+-]+)$/.test(text.slice(start, end));
}
