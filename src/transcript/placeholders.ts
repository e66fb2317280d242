import { parseDuration } from '../base/duration.ts';

/** What each placeholder stands for, in words. */
const MEANING: Record<string, string> = {
  age: 'an age like 5s, 3m20s or 2d4h',
  name: 'a name of lower case letters, digits, "-" and "."',
  hash: 'letters and digits like 7d4b9c6c5',
  ip: 'an IP address',
  uid: 'a uid like 6f1e1a0c-2f7e-4d3b-9a55-0c8e7f6d5b4a',
  time: 'a date or a time',
  n: 'a number',
  any: 'anything',
};

/** What each placeholder stands for, as a regular expression's source. */
const KINDS: Record<string, string> = {
  age: String.raw`(?:\d+(?:ms|[ydhms]))+|<unknown>|<invalid>`,
  name: '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?',
  hash: '[0-9a-z]{4,64}',
  ip: String.raw`\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+`,
  uid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  time: [
    String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d| [A-Z]{3,4})?(?: [A-Z]{3,4})?`,
    String.raw`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}`,
    String.raw`(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4})?(?: \d{4})?`,
    String.raw`\d\d:\d\d:\d\d(?:\.\d+)?`,
  ].join('|'),
  n: String.raw`-?\d+(?:\.\d+)?`,
  any: '.*?',
};

export const PLACEHOLDERS = Object.keys(KINDS);

/** `{age}`, `{age:10s..2m}`, `{name:web}`. */
const PLACEHOLDER = new RegExp(String.raw`(?<!\\)\{(${PLACEHOLDERS.join('|')})((?::[^{}:]+)*)\}`, 'g');

export interface Placeholder {
  /** As it is written. */
  text: string;
  kind: string;
  /** What it is called, so that it stands for the same everywhere: `name:web`. */
  label?: string;
  /** Between which two values it lies: `10s..2m`. */
  range?: [string, string];
}

/** What labelled placeholders stand for, by kind and label. */
export type Bindings = ReadonlyMap<string, string>;

function asPlaceholder(text: string, kind: string, rest: string): Placeholder {
  const parts = rest.split(':').slice(1);
  const range = parts.find((part) => part.includes('..'))?.split('..') as [string, string] | undefined;
  const label = parts.find((part) => !part.includes('..'));
  return { text, kind, ...(label && { label: `${kind}:${label}` }), ...(range && { range }) };
}

/** A line's text and placeholders, in order. */
export function readLine(line: string): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const match of line.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push(line.slice(end, match.index));
    parts.push(asPlaceholder(match[0], match[1]!, match[2]!));
    end = match.index + match[0].length;
  }
  if (end < line.length) parts.push(line.slice(end));
  return parts.map((part) => (typeof part === 'string' ? part.replace(/\\(?=\{)/g, '') : part));
}

/** A line that was printed as a transcript has it: what looks like a placeholder is meant as it stands. */
export const literal = (line: string): string => line.replace(PLACEHOLDER, '\\$&');

export const hasPlaceholder = (line: string): boolean => readLine(line).some((part) => typeof part !== 'string');

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Padding between columns: as wide as the column is, which a placeholder may have made wider or narrower. */
const loose = (text: string, padded: boolean): string =>
  padded
    ? text
        .split(/(?<=\S)( {2,})(?=\S)/)
        .map((part, index) => (index % 2 ? ' {2,}' : quoted(part)))
        .join('')
    : quoted(text);

/** Matches a line; answers what its labelled placeholders stand for, or why it does not match. */
export type LineMatcher = (actual: string, known: Bindings) => { bound: [string, string][] } | { why: string };

/** `padded`: the line stands in a table with placeholders, so that the width of its padding says nothing. */
export function lineMatcher(expected: string, padded: boolean): LineMatcher {
  const parts = readLine(expected);
  const placeholders = parts.filter((part) => typeof part !== 'string');
  if (placeholders.length === 0 && !padded) {
    const [text = ''] = parts as string[];
    return (actual) => (actual === text ? { bound: [] } : { why: '' });
  }
  let source = '';
  parts.forEach((part, index) => {
    if (typeof part !== 'string') {
      source += `(${KINDS[part.kind]})`;
      return;
    }
    // What follows a placeholder is set off by its padding.
    const [, pad = '', rest = ''] = /^( *)(.*)$/s.exec(part)!;
    const after = index > 0 && pad !== '';
    source += after ? ` +${loose(rest, true)}` : loose(part, padded);
    const trailing = / +$/.exec(rest || (after ? '' : part))?.[0];
    if (trailing && trailing.length > 1 && index < parts.length - 1) source = `${source.slice(0, -trailing.length)} +`;
  });
  const pattern = new RegExp(`^${source}$`, 's');
  return (actual, known) => {
    const match = pattern.exec(actual);
    if (!match) return { why: culprit(actual, placeholders, parts) };
    const bound: [string, string][] = [];
    for (const [index, placeholder] of placeholders.entries()) {
      const found = match[index + 1]!;
      const why = refused(placeholder, found, known) ?? refused(placeholder, found, new Map(bound));
      if (why) return { why };
      if (placeholder.label) bound.push([placeholder.label, found]);
    }
    return { bound };
  };
}

/** Which placeholder a line fails at that matches in all else; '' if that is not it. */
function culprit(actual: string, placeholders: Placeholder[], parts: (string | Placeholder)[]): string {
  const source = parts.map((part) =>
    typeof part === 'string' ? part.trim().split(/\s+/).map(quoted).join('\\s+') : '\\s*(.*?)\\s*',
  );
  const match = new RegExp(`^${source.join('')}$`, 's').exec(actual.trim());
  const at = placeholders.findIndex(
    ({ kind }, index) => match && !new RegExp(`^(?:${KINDS[kind]})$`).test(match[index + 1]!),
  );
  if (at < 0) return '';
  const { text, kind } = placeholders[at]!;
  return `${text} stands for ${MEANING[kind]}, and "${match![at + 1]}" is none`;
}

function refused({ text, kind, label, range }: Placeholder, found: string, known: Bindings): string | undefined {
  const before = label === undefined ? undefined : known.get(label);
  if (before !== undefined && before !== found) return `${text} was ${before} before and is ${found} here`;
  if (!range) return undefined;
  const measure = (value: string) => (kind === 'age' ? ageOf(value) : Number(value));
  const [least, most] = range.map(measure) as [number, number];
  const value = measure(found);
  return value >= least && value <= most ? undefined : `${found} is not between ${range[0]} and ${range[1]}`;
}

const DAY = 86_400_000;

/** `3d4h` in ms: kubectl's ages have days and years, which durations have not. */
function ageOf(text: string): number {
  const [, years = '0', days = '0', rest = ''] = /^(?:(\d+)y)?(?:(\d+)d)?(.*)$/.exec(text)!;
  try {
    return Number(years) * 365 * DAY + Number(days) * DAY + (rest === '' ? 0 : parseDuration(rest));
  } catch {
    return Number.NaN;
  }
}

/** A command with what its labelled placeholders stand for. Throws with the placeholder's text if one is not known yet. */
export function fillIn(command: string, known: Bindings): string {
  return command.replace(PLACEHOLDER, (text, kind: string, rest: string) => {
    const { label } = asPlaceholder(text, kind, rest);
    if (label === undefined) return text;
    const value = known.get(label);
    if (value === undefined)
      throw new Error(`${text} is not known here: an output further up has to have it, which then names it`);
    return value;
  });
}

/** Which lines of an output stand in a table, or a paragraph, that has placeholders. */
export function paddedLines(lines: readonly string[]): boolean[] {
  const padded: boolean[] = lines.map(() => false);
  for (let start = 0; start < lines.length; ) {
    let end = start;
    while (end < lines.length && lines[end]!.trim() !== '') end++;
    const any = lines.slice(start, end).some(hasPlaceholder);
    for (let index = start; index < end; index++) padded[index] = any;
    start = end + 1;
  }
  return padded;
}
