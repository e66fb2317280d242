import { ToolError } from './tool.ts';

export const SETS: Record<string, string> = {
  upper: 'A-Z',
  lower: 'a-z',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  space: ' \\t\\n\\r\\v\\f',
  blank: ' \\t',
  punct: '!-/:-@[-`{-~',
};

/** A basic or extended regular expression in JavaScript's notation. */
export function toRegExp(pattern: string, extended: boolean, flags = ''): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '[') {
      let end = i + 1;
      if (pattern.indexOf(']', i + 2) < 0) throw new ToolError('Unmatched [, [^, [:, [., or [=', 2);
      if (pattern[end] === '^') end++;
      if (pattern[end] === ']') end++;
      while (end < pattern.length && pattern[end] !== ']')
        end = pattern.startsWith('[:', end) ? pattern.indexOf(':]', end) + 2 : end + 1;
      const body = pattern.slice(i + 1, end);
      source += `[${body
        .replace(/\[:([a-z]+):\]/g, (_, name: string) =>
          name === 'space' ? '\\s' : (SETS[name] ?? '').replace(/[[\]]/g, '\\$&'),
        )
        .replace(/^(\^?)\]/, '$1\\]')
        .replace(/\[/g, '\\[')
        .replace(/\\\\\[/g, '\\[')}]`;
      i = end;
    } else if (char === '\\') {
      const next = pattern[++i] ?? '\\';
      if (!extended && '(){}|+?'.includes(next)) source += next;
      else if (next === '<' || next === '>') source += '\\b';
      else if (next === '`') source += '^';
      else if (/[wWsSbBdn1-9t]/.test(next)) source += `\\${next}`;
      else source += /[a-zA-Z]/.test(next) ? next : `\\${next}`;
    } else if (!extended && '(){}|+?'.includes(char)) source += `\\${char}`;
    else if (!extended && char === '*' && (i === 0 || /\\\($/.test(pattern.slice(0, i)))) source += '\\*';
    else if (extended && /^\{,[0-9]+\}/.test(pattern.slice(i))) {
      source += '{0';
    } else if (char === '{' && extended && !/^\{[0-9]*,?[0-9]*\}/.test(pattern.slice(i))) source += '\\{';
    else source += char;
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new ToolError(complaintOf(pattern, extended, (error as Error).message), 2);
  }
}

/** What regcomp says of a pattern that is none. */
function complaintOf(pattern: string, extended: boolean, why: string): string {
  const open = extended ? '(' : '\\(';
  if (/Unterminated character class|Lone quantifier brackets|bracket/i.test(why) && pattern.includes('['))
    return 'Unmatched [, [^, [:, [., or [=';
  if (/group|parenthes/i.test(why))
    return why.includes('Unmatched') && !pattern.includes(open) ? 'Unmatched ) or \\)' : 'Unmatched ( or \\(';
  return /range/i.test(why)
    ? 'Invalid range end'
    : /repeat|quantifier/i.test(why)
      ? 'Invalid preceding regular expression'
      : 'Invalid regular expression';
}
