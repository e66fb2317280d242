import { goQuote } from '../../../base/go-quote.ts';
import { goRegExp, goRegExpError } from '../../../base/go-regexp.ts';
import { CelRuntimeError } from '../issues.ts';
import { formatString, showValue } from './format-string.ts';
import type { Library } from './library.ts';

const outOfRange = (index: bigint) => new CelRuntimeError(`index out of range: ${index}`);

function charAt(text: string, at: bigint): string {
  const characters = [...text];
  if (at < 0n || at > characters.length) throw outOfRange(at);
  return characters[Number(at)] ?? '';
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const end = to ?? BigInt(characters.length);
  if (to !== undefined && from > to) throw new CelRuntimeError(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0n || from > characters.length) throw outOfRange(from);
  if (end < 0n || end > characters.length) throw outOfRange(end);
  return characters.slice(Number(from), Number(end)).join('');
}

/** Replaces at most `times` (all when negative). */
function replace(text: string, from: string, to: string, times = -1n): string {
  if (times < 0n) return text.replaceAll(from, () => to);
  let result = text;
  let at = 0;
  for (let left = times; left > 0n; left -= 1n) {
    const found = result.indexOf(from, at);
    if (found < 0) break;
    result = result.slice(0, found) + to + result.slice(found + from.length);
    at = found + to.length;
  }
  return result;
}

function regexp(pattern: string, flags = ''): RegExp {
  const made = goRegExp(pattern, flags);
  if (!made) throw new CelRuntimeError(goRegExpError(pattern));
  return made;
}

const findAll = (text: string, pattern: string, most = -1n): string[] => {
  const found = text.match(regexp(pattern, 'g')) ?? [];
  return most < 0n ? [...found] : found.slice(0, Number(most));
};

/** cel-go's string extension, version 2, and Kubernetes' find and findAll. */
export const strings: Library = {
  functions: [
    ['string.charAt(int): string', charAt],
    ['string.replace(string, string): string', replace],
    ['string.replace(string, string, int): string', replace],
    ['string.format(list<dyn>): string', formatString],
    ['strings:quote(string): string', goQuote],
    ['string.find(string): string', (text: string, pattern: string) => regexp(pattern).exec(text)?.[0] ?? ''],
    [['string.findAll(string): list<string>', 'string.findAll(string, int): list<string>'], findAll],
  ],
};

/** The library has these, but otherwise than Kubernetes: expressions call them by these names instead. */
export const REPLACED: Record<string, string> = {
  matches: 'k8s_matches',
  substring: 'k8s_substring',
  string: 'k8s_string',
};

export const replacements: Library['functions'] = [
  ['k8s_string(A): string', showValue],
  ['int(timestamp): int', (time: Date) => BigInt(Math.floor(time.getTime() / 1000))],
  ['string.k8s_matches(string): bool', (text: string, pattern: string) => regexp(pattern).test(text)],
  ['k8s_matches(string, string): bool', (text: string, pattern: string) => regexp(pattern).test(text)],
  [['string.k8s_substring(int): string', 'string.k8s_substring(int, int): string'], substring],
];

/** What the library has of the extension already. */
export const KNOWN_STRINGS = [
  'string.indexOf(string): int',
  'string.indexOf(string, int): int',
  'string.lastIndexOf(string): int',
  'string.lastIndexOf(string, int): int',
  'string.lowerAscii(): string',
  'string.upperAscii(): string',
  'string.split(string): list<string>',
  'string.split(string, int): list<string>',
  'string.trim(): string',
  'string.substring(int): string',
  'string.substring(int, int): string',
  'list<string>.join(): string',
  'list<string>.join(string): string',
]; // prettier-ignore
