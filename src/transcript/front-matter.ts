import { nearest, notOneOf, TranscriptProblem } from './problem.ts';
import { readSetting, SETTINGS, type Settings } from './settings.ts';

/** The settings of a Markdown file's front matter, and on which line (counted from 0) its text begins. Throws TranscriptProblem. */
export function readFrontMatter(lines: string[], file: string): { settings: Settings; start: number } {
  if (lines[0] !== '---') return { settings: {}, start: 0 };
  const end = lines.indexOf('---', 1);
  if (end < 0) return { settings: {}, start: 0 };
  let settings: Settings = {};
  for (let index = 1; index < end; index++) {
    const [, key = '', value = ''] = /^([\w-]+):\s*(.*?)\s*(?:\s#.*)?$/.exec(lines[index]!) ?? [];
    const at = { file, line: index + 1 };
    if (SETTINGS.includes(key))
      settings = { ...settings, ...readSetting(key, value.replace(/^(["'])(.*)\1$/, '$2'), at) };
    // Others use front matter too (title, date …): only what looks like one of ours is a mistake.
    else if (nearest(key, SETTINGS) !== undefined && key !== '')
      throw new TranscriptProblem(at.line, notOneOf('setting', key, SETTINGS));
  }
  return { settings, start: end + 1 };
}
