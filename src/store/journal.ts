import type { MemoryState } from './state.ts';
import { StateFileError } from './state-file-error.ts';
import { asciiJson, looksWhole, type Passage, parseKey, placeOf, stringEnd } from './state-format.ts';

/** What a change was made by: kept in the journal, so that each command is a point that one can go back to. */
export interface CommitInfo {
  /** The command line. */
  command: string;
  /** Cluster time, ms. */
  at: number;
}

/*
 * A journal continues a state file: groups of entries, each ended by the line of its commit. What follows the last
 * commit was never acknowledged.
 *
 *   ["objects/pods","default/web",{…}]      set
 *   ["objects/pods","default/old"]          deleted
 *   {"commit":{"command":"kubectl …","at":1761000000000}}
 */

/** The journal's lines for everything that changed in `state`. */
export function formatGroup(state: MemoryState, info: CommitInfo): string {
  const lines: string[] = [];
  for (const [name, section] of state.changedSections()) {
    const quoted = JSON.stringify(name);
    for (const key of section.changed) {
      const value = section.has(key) ? `,${section.text(key)}` : '';
      lines.push(`[${quoted},${asciiJson(key)}${value}]\n`);
    }
  }
  lines.push(`${asciiJson({ commit: info })}\n`);
  return lines.join('');
}

/** Replays a journal onto `state`; returns its length (in characters) up to the last commit. Throws StateFileError on damage. */
export function replayJournal(text: string, path: string, state: MemoryState): number {
  const length = committedLength(text);
  for (let start = 0; start < length; ) {
    const end = text.indexOf('\n', start);
    if (!text.startsWith('{"commit":', start)) loadLine({ text, path }, start, end, state);
    start = end + 1;
  }
  return length;
}

/** Up to the end of the last whole commit line. */
function committedLength(text: string): number {
  let end = text.lastIndexOf('\n') + 1;
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 2) + 1;
    if (text.startsWith('{"commit":', start)) return end;
    end = start;
  }
  return 0;
}

function loadLine(file: Passage, start: number, end: number, state: MemoryState): void {
  const { text } = file;
  const sectionEnd = stringEnd(text, start + 1, end) + 1;
  const keyStart = sectionEnd + 1;
  const keyEnd = stringEnd(text, keyStart, end) + 1;
  if (text[start] !== '[' || sectionEnd < 0 || text[sectionEnd] !== ',' || keyEnd < 0 || text[end - 1] !== ']') {
    throw StateFileError.damaged(placeOf(file, start), 'this is not a whole entry');
  }
  const section = state.memorySection(parseKey(text.slice(start + 1, sectionEnd)));
  const key = parseKey(text.slice(keyStart, keyEnd));
  if (keyEnd === end - 1) section.deferChange(key);
  else if (text[keyEnd] === ',' && looksWhole(text, keyEnd + 1, end - 1)) {
    section.deferChange(key, { text: text.slice(keyEnd + 1, end - 1), passage: file, at: start });
  } else throw StateFileError.damaged(placeOf(file, start), 'this is not a whole entry');
}
