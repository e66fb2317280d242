import { readConsole } from './console.ts';
import type { Action, Mode, Streams, Transcript } from './document.ts';
import { readFrontMatter } from './front-matter.ts';
import { notOneOf, TranscriptProblem } from './problem.ts';
import { readSetting, SETTINGS, type Settings } from './settings.ts';

const MODES = ['setup', 'unordered', 'contains', 'skip'];
const STREAMS = ['both', 'ignore', 'only'];
const KEYS = [...SETTINGS, 'stderr'];

/** A fenced block of a Markdown file. */
interface Fence {
  /** The line of the opening fence, from 1. */
  line: number;
  language: string;
  words: string[];
  indent: string;
  lines: string[];
}

/** The fenced blocks of Markdown, those within others left to them. Throws TranscriptProblem. */
function* fences(lines: string[], start: number): Generator<Fence> {
  for (let index = start; index < lines.length; index++) {
    const [, indent = '', mark, info = ''] = /^(\s*)(`{3,}|~{3,})\s*([^`]*)$/.exec(lines[index]!) ?? [];
    if (mark === undefined) continue;
    const [language = '', ...words] = info.trim().split(/\s+/);
    const fence: Fence = { line: index + 1, language, words, indent, lines: [] };
    const close = new RegExp(`^\\s*${mark[0] === '`' ? '`' : '~'}{${mark.length},}\\s*$`);
    for (index++; index < lines.length && !close.test(lines[index]!); index++) {
      const line = lines[index]!;
      fence.lines.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
    }
    if (index === lines.length)
      throw new TranscriptProblem(
        fence.line,
        `this block is never closed\nPut ${mark} on a line of its own after its last line`,
      );
    yield fence;
  }
}

interface Info {
  mode: Mode | 'skip';
  streams: Streams;
  settings: Settings;
}

function readInfo({ words, line }: Fence, file: string): Info {
  const info: Info = { mode: 'exact', streams: 'both', settings: {} };
  for (const word of words) {
    const [key = '', value] = word.split(/=(.*)/s);
    if (value === undefined) {
      if (!MODES.includes(word)) throw new TranscriptProblem(line, notOneOf('mode', word, MODES));
      info.mode = word as Info['mode'];
    } else if (key === 'stderr') {
      if (!STREAMS.includes(value)) throw new TranscriptProblem(line, notOneOf('choice for stderr', value, STREAMS));
      info.streams = value as Streams;
    } else if (SETTINGS.includes(key)) Object.assign(info.settings, readSetting(key, value, { file, line }));
    else throw new TranscriptProblem(line, notOneOf('setting', key, KEYS));
  }
  return info;
}

/** Reads a Markdown file: its `console` blocks and the blocks that are files. Throws TranscriptProblem. */
export function readMarkdown(text: string, file: string, defaults: Settings = {}): Transcript {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const { settings, start } = readFrontMatter(lines, file);
  let current = { ...defaults, ...settings };
  const actions: Action[] = [];
  for (const fence of fences(lines, start)) {
    const { line } = fence;
    const named = fence.words.find((word) => word.startsWith('file='));
    if (fence.language !== 'console') {
      if (named === undefined || fence.words.includes('skip')) continue;
      const path = named.slice('file='.length);
      if (path === '') throw new TranscriptProblem(line, 'this file has no name: file=pod.yaml');
      actions.push({ kind: 'file', line, path, text: fence.lines.map((each) => `${each}\n`).join('') });
      continue;
    }
    const { mode, streams, settings: own } = readInfo(fence, file);
    if (mode === 'skip') continue;
    const anew = Object.keys(own).length > 0;
    if (anew) current = { ...current, ...own };
    if (anew || !actions.some(({ kind }) => kind === 'cluster'))
      actions.push({ kind: 'cluster', line, settings: current });
    const steps = readConsole(fence.lines, line + 1, { mode, streams, indent: fence.indent });
    for (const step of steps) actions.push({ kind: 'step', step });
  }
  return { file, text, actions };
}
