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

/** The whole file, ending in a newline. */
export function formatState(state: MemoryState, generation: number): string {
  const header: StateHeader = { format: STATE_FORMAT, generation };
  const parts = [`{"kubemu":${JSON.stringify(header)}`];
  for (const name of state.sections()) {
    const section = state.memorySection(name);
    const lines = section.keys().map((key) => `${JSON.stringify(key)}:${section.text(key)}`);
    parts.push(`${JSON.stringify(name)}:{\n${lines.join(',\n')}\n}`);
  }
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

/** Loads a whole file's entries into `state`, unparsed. Throws StateFileError with the line where the file is damaged. */
export function parseState(text: string, path: string, state: MemoryState): StateHeader {
  const header = parseHeader(text, path);
  let section: ReturnType<MemoryState['memorySection']> | undefined;
  let line = 1;
  let start = text.indexOf('\n') + 1;
  const damaged = (why: string) => StateFileError.damaged(`${path}, line ${line}`, why);
  let closed = text.startsWith('}}', start - 3);
  while (start < text.length) {
    line++;
    let end = text.indexOf('\n', start);
    if (end < 0) throw damaged('the file ends in the middle of a line');
    const next = end + 1;
    if (text[end - 1] === ',') end--;
    if (closed) throw damaged('there is more after the end');
    if (text[start] === '}') {
      if (!section) throw damaged('a section ends that did not begin');
      section = undefined;
      closed = end - start === 2;
    } else if (!section) {
      if (text[start] !== '"' || !text.startsWith('":{', end - 3)) throw damaged('a section should begin here');
      section = state.memorySection(parseKey(text.slice(start, end - 2)));
    } else {
      const colon = stringEnd(text, start, end) + 1;
      if (text[colon] !== ':' || !looksWhole(text, colon + 1, end)) throw damaged('this is not a whole entry');
      section.load(parseKey(text.slice(start, colon)), text.slice(colon + 1, end), `${path}, line ${line}`);
    }
    start = next;
  }
  if (!closed) throw damaged('the file ends too early');
  return header;
}

/** The index of the quote that ends the JSON string starting at `start`; -2 if there is none before `end`. */
export function stringEnd(text: string, start: number, end: number): number {
  if (text[start] !== '"') return -2;
  for (let i = start + 1; i < end; i++) {
    const char = text.charCodeAt(i);
    if (char === 92) i++;
    else if (char === 34) return i;
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
