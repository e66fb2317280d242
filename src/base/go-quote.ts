import { compareStrings } from './go-json.ts';

const ESCAPES: Record<string, string> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u000b': '\\v',
  '\\': '\\\\',
};

const hex = (code: number, width: number) => code.toString(16).padStart(width, '0');

/** What strconv.IsPrint says of a code point. */
const isPrintable = (character: string) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);

function quoteWith(quote: string, text: string): string {
  let result = quote;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === quote) result += `\\${quote}`;
    else if (ESCAPES[character]) result += ESCAPES[character];
    else if (isPrintable(character)) result += character;
    else if (code >= 0xd800 && code <= 0xdfff) result += '\\ufffd';
    else if (code < 0x20 || code === 0x7f) result += `\\x${hex(code, 2)}`;
    else result += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return result + quote;
}

/** `%q` of a string: strconv.Quote. */
export const goQuote = (text: string): string => quoteWith('"', text);

/** `%q` of a rune: strconv.QuoteRune. */
export const goQuoteRune = (character: string): string => quoteWith("'", character);

/** `%q` of a slice of strings: `["a" "b"]`. */
export const goQuoteList = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;

/** `%v` of a float64 (strconv's 'g'): shortest digits, an exponent of two digits below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential() : String(value);
  return text.replace(/e([-+])([0-9])$/, 'e$10$2');
}

/** A JSON number as Kubernetes decodes it: whole ones are int64, others float64. */
export const goNumber = (value: number): string => (Number.isSafeInteger(value) ? String(value) : goFloat(value));

/** `%v` of what JSON holds: `map[a:1 b:[x y]]`, `<nil>`. Keys sorted, as fmt prints maps. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => goValue(item)).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => compareStrings(a, b));
  return `map[${entries.map(([key, member]) => `${key}:${goValue(member)}`).join(' ')}]`;
}

/** `%#v` of what JSON holds: `map[string]interface {}{"a":1}`, `[]interface {}{"x"}`, `interface {}(nil)`. */
export function goSyntax(value: unknown, nested = false): string {
  if (value === null || value === undefined) return nested ? 'interface {}(nil)' : '<nil>';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map((item) => goSyntax(item, true)).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => compareStrings(a, b));
  return `map[string]interface {}{${entries.map(([key, item]) => `${goQuote(key)}:${goSyntax(item, true)}`).join(', ')}}`;
}

const UNESCAPES: Record<string, string> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\u000b',
  '\\': '\\',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))|([^\\])/gsuy;

/** What stands between the quotes of a Go literal, its escapes read (strconv.UnquoteChar); undefined for "invalid syntax". */
export function goUnquote(body: string, quote: string): string | undefined {
  let result = '';
  let end = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const [whole, x, u, U, octal, letter, plain] = match;
    end = match.index + whole.length;
    const code = x ?? u ?? U;
    if (plain !== undefined) {
      if (plain === quote || plain === '\n') return undefined;
      result += plain;
    } else if (code !== undefined) {
      const point = Number.parseInt(code, 16);
      if (point > 0x10ffff) return undefined;
      result += String.fromCodePoint(point);
    } else if (octal !== undefined) result += String.fromCodePoint(Number.parseInt(octal, 8));
    else if (letter === quote) result += quote;
    else if (letter !== undefined && Object.hasOwn(UNESCAPES, letter)) result += UNESCAPES[letter];
    else return undefined;
  }
  return end === body.length ? result : undefined;
}

/** What reflect calls the type of a JSON value, as Go decodes it: for messages. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'string';
}
