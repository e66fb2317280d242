/** What JSON text holds; integers beyond 2^53 are bigints. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue };

export interface GoJsonOptions {
  /** What one level is indented with; none prints on one line. */
  indent?: string;
  /** Maps print with sorted keys, structs in their own order. Default: as they come. */
  sortKeys?: boolean;
  /** Writes <, > and & as they are (SetEscapeHTML(false)). */
  plainHtml?: boolean;
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};
const unicodeEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const escapeCharacter = (character: string) =>
  ESCAPES[character] ?? (/^[\ud800-\udfff]$/.test(character) ? '\\ufffd' : unicodeEscape(character));

const NEEDS_ESCAPE = /["\\\p{Cc}\u2028\u2029<>&\p{Cs}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
const ESCAPED = /["\\\u0000-\u001f\u2028\u2029\p{Cs}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
const ESCAPED_HTML = /["\\\u0000-\u001f\u2028\u2029<>&\p{Cs}]/gu;

/** A JSON string as encoding/json writes it: <, > and & escaped unless `plainHtml`. */
export function goJsonString(text: string, plainHtml = false): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return `"${text.replace(plainHtml ? ESCAPED : ESCAPED_HTML, escapeCharacter)}"`;
}

/** Order of Go strings: by byte, which for UTF-8 is by code point. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    const [surrogateX, surrogateY] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff];
    return surrogateX === surrogateY ? x - y : surrogateX ? 1 : -1;
  }
  return a.length - b.length;
}

/** A JSON number as encoding/json writes a float64 or int64 (JavaScript's form is the same). */
export const goJsonNumber = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value));

/** JSON text as Go's encoding/json writes it: no spaces unless indented, no newline at its end. Members that are undefined are left out. */
export function goJson(value: unknown, options: GoJsonOptions = {}): string {
  const { indent = '', sortKeys = false, plainHtml = false } = options;
  const space = indent ? ' ' : '';
  const wrap = (open: string, parts: string[], close: string, margin: string) => {
    if (parts.length === 0) return open + close;
    if (!indent) return open + parts.join(',') + close;
    const inner = `\n${margin}${indent}`;
    return `${open}${inner}${parts.join(`,${inner}`)}\n${margin}${close}`;
  };
  const write = (item: unknown, margin: string): string => {
    if (item === null || item === undefined) return 'null';
    if (typeof item === 'string') return goJsonString(item, plainHtml);
    if (typeof item === 'number' || typeof item === 'bigint') return goJsonNumber(item);
    if (typeof item !== 'object') return String(item);
    const deeper = margin + indent;
    if (Array.isArray(item)) {
      const elements: unknown[] = item;
      return wrap(
        '[',
        elements.map((element) => write(element, deeper)),
        ']',
        margin,
      );
    }
    const entries = Object.entries(item).filter(([, member]) => member !== undefined);
    if (sortKeys) entries.sort(([a], [b]) => compareStrings(a, b));
    return wrap(
      '{',
      entries.map(([key, member]) => `${goJsonString(key, plainHtml)}:${space}${write(member, deeper)}`),
      '}',
      margin,
    );
  };
  return write(value, '');
}
