/** Shell patterns as regular expressions. A character that was quoted comes with a backslash before it. */

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
};

const escaped = (char: string) => char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The source of a regular expression for a pattern; `greedy` decides how much `*` takes. */
export function patternSource(pattern: string, greedy = true): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '\\' && i + 1 < pattern.length) source += escaped(pattern[++i]!);
    else if (char === '*') source += greedy ? '[\\s\\S]*' : '[\\s\\S]*?';
    else if (char === '?') source += '[\\s\\S]';
    else if (char === '[') {
      const end = bracketEnd(pattern, i);
      if (end < 0) source += '\\[';
      else {
        source += bracket(pattern.slice(i + 1, end));
        i = end;
      }
    } else source += escaped(char);
  }
  return source;
}

function bracketEnd(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern[i] === '!' || pattern[i] === '^') i++;
  if (pattern[i] === ']') i++;
  for (; i < pattern.length; i++) {
    if (pattern.startsWith('[:', i)) i = pattern.indexOf(':]', i) + 1;
    else if (pattern[i] === ']') return i;
  }
  return -1;
}

function bracket(text: string): string {
  const negated = text[0] === '!' || text[0] === '^';
  const body = (negated ? text.slice(1) : text)
    .replace(/\[:([a-z]+):\]/g, (_, name: string) => `\0${CLASSES[name] ?? ''}\0`)
    .split('\0')
    .map((piece, index) => (index % 2 === 1 ? piece : piece.replace(/[\\\]^[]/g, '\\$&')))
    .join('');
  return `[${negated ? '^' : ''}${body}]`;
}

/** Whether a whole text matches a pattern. */
export const matches = (pattern: string, text: string): boolean => new RegExp(`^${patternSource(pattern)}$`).test(text);

export const hasPattern = (text: string): boolean => /(^|[^\\])[*?[]/.test(text);

/** Puts a backslash before what a pattern would read as special. */
export const quotePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&');

export const unquotePattern = (text: string): string => text.replace(/\\([\s\S])/g, '$1');
