import type { Place } from './lab.ts';

/** A fenced code block. */
export interface Fence extends Place {
  /** `yaml`, `sh` … */
  language: string;
  /** The words after it: `setup`, `file=pod.yaml`. */
  words: string[];
  text: string;
}

/** A heading and what stands below it, up to the next heading of a lab's own. */
export interface Section extends Place {
  level: 0 | 2 | 3;
  heading: string;
  /** Lines of text and whole fences, in order. */
  parts: (string | Fence)[];
}

export interface Markdown {
  /** The YAML between the two lines of dashes, and the line at which it begins. */
  frontMatter?: { text: string; line: number };
  sections: Section[];
  problems: string[];
}

const FENCE = /^( {0,3})(`{3,}|~{3,})\s*(.*)$/;
const HEADING = /^(#{2,3})\s+(.*?)\s*#*$/;

/** Reads a Markdown file as far as a lab's structure goes: front matter, headings of two and three levels, fences. */
export function readMarkdown(source: string, file: string): Markdown {
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const problems: string[] = [];
  let frontMatter: Markdown['frontMatter'];
  let at = 0;
  if (lines[0]?.trimEnd() === '---') {
    const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
    if (end < 0)
      return {
        sections: [],
        problems: [`${file}:1: the front matter does not end: put a line --- below its last key`],
      };
    frontMatter = { text: lines.slice(1, end).join('\n'), line: 2 };
    at = end + 1;
  }
  let section: Section = { file, line: at + 1, level: 0, heading: '', parts: [] };
  const sections = [section];
  while (at < lines.length) {
    const line = lines[at]!;
    const fence = FENCE.exec(line);
    const heading = fence ? undefined : HEADING.exec(line);
    if (fence) {
      const end = closing(lines, at, fence[2]!);
      if (end === undefined) {
        problems.push(`${file}:${at + 1}: this block does not end: put a line ${fence[2]} where it should`);
        break;
      }
      section.parts.push(fenceOf(lines.slice(at, end), fence, { file, line: at + 1 }));
      at = end;
    } else if (heading) {
      section = { file, line: at + 1, level: heading[1]!.length as 2 | 3, heading: heading[2]!, parts: [] };
      sections.push(section);
    } else section.parts.push(line);
    at++;
  }
  return { ...(frontMatter && { frontMatter }), sections, problems };
}

function closing(lines: string[], start: number, marks: string): number | undefined {
  const pattern = new RegExp(`^ {0,3}${marks[0]}{${marks.length},}\\s*$`);
  const end = lines.findIndex((line, index) => index > start && pattern.test(line));
  return end < 0 ? undefined : end;
}

function fenceOf([, ...body]: string[], [, indent = '', , info = '']: string[], place: Place): Fence {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const unindented = body.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()));
  return { ...place, language: language.toLowerCase(), words, text: unindented.map((line) => `${line}\n`).join('') };
}

/** The parts as Markdown again, without the fences that `hidden` names. */
export function proseOf(parts: Section['parts'], hidden: (fence: Fence) => boolean = () => false): string {
  const text = parts.flatMap((part) => {
    if (typeof part === 'string') return [part];
    if (hidden(part)) return [];
    return [`\`\`\`${part.language}`, ...part.text.replace(/\n$/, '').split('\n'), '```'];
  });
  return text
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
