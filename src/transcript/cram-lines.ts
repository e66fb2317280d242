import type { LineMatcher } from './placeholders.ts';

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', a: '\x07', b: '\b', f: '\f', v: '\v' };

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/g, (_, hex?: string, octal?: string, letter?: string) =>
    hex
      ? String.fromCharCode(Number.parseInt(hex, 16))
      : octal
        ? String.fromCharCode(Number.parseInt(octal, 8))
        : (ESCAPES[letter!] ?? letter!),
  );

const globSource = (glob: string): string =>
  glob.replace(/\\([*?\\])|([*?])|([\^$.+()[\]{}|\\])/g, (_, escaped?: string, wild?: string, other?: string) =>
    wild ? (wild === '*' ? '.*' : '.') : `\\${escaped ?? other}`,
  );

/** An expected line of a cram file: text, or with `(re)`, `(glob)`, `(esc)`, `(no-eol)` at its end. Throws SyntaxError for a wrong expression. */
export function cramMatcher(expected: string): LineMatcher {
  const [, text = expected, kind = ''] = /^(.*) \((re|glob|esc|no-eol)\)$/s.exec(expected) ?? [];
  // A line may also just end as a marked one does.
  const yes = { bound: [] };
  const no = { why: '' };
  if (kind === 're' || kind === 'glob') {
    const pattern = new RegExp(`^(?:${kind === 're' ? text : globSource(text)})$`, 's');
    return (actual) => (actual === expected || pattern.test(actual) ? yes : no);
  }
  const plain = kind === 'esc' ? unescaped(text) : text;
  return (actual) => (actual === plain || actual === expected ? yes : no);
}
