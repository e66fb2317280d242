const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-/:-@[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}; // prettier-ignore

/** A regular expression of Go (RE2) as JavaScript's, or undefined when it is none. */
export function goRegExp(pattern: string, flags = ''): RegExp | undefined {
  const [, inline = '', rest = pattern] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(pattern) ?? [];
  const source = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\\A/g, '(?<![^])')
    .replaceAll(/\\z/g, '(?![^])')
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole);
  if (/\(\?(?:[=!]|<[=!])/.test(rest) || /\\[1-9]/.test(rest)) return undefined;
  // Unicode mode refuses escapes that Go allows: `\-`, `\_`.
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, inline + mode + flags);
    } catch {}
  }
  return undefined;
}

/** What Go says of an expression that is none, as far as its usual errors go: ``missing closing ): `(` ``. */
export function goRegExpError(pattern: string): string {
  const wrong = (cause: string, where: string) => `error parsing regexp: ${cause}: \`${where}\``;
  let open = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const rest = pattern.slice(at);
    const [character] = rest;
    if (character === '\\') {
      if (rest.length === 1) return 'error parsing regexp: trailing backslash at end of expression: ``';
      if (/^\\[1-9cegijklmoquyEGHIJKLMNORTUVXYZ]/.test(rest)) return wrong('invalid escape sequence', rest.slice(0, 2));
      at += 1;
    } else if (character === '[') {
      const end = /^\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]/.exec(rest)?.[0];
      if (!end) return wrong('missing closing ]', rest);
      const range = [...end.matchAll(/([^\\[\]-])-([^\\\]])/g)].find(([, from = '', to = '']) => from > to)?.[0];
      if (range) return wrong('invalid character class range', range);
      at += end.length - 1;
    } else if (character === '(') {
      const perl = /^\(\?(?:<?[=!])/.exec(rest)?.[0];
      if (perl) return wrong('invalid or unsupported Perl syntax', perl);
      open += 1;
      if (/^\([*+?](?!\?)/.test(rest) && !rest.startsWith('(?'))
        return wrong('missing argument to repetition operator', rest[1]!);
    } else if (character === ')') {
      open -= 1;
      if (open < 0) return wrong('unexpected )', pattern);
    } else if (character && '*+?'.includes(character)) {
      const before = pattern.slice(0, at);
      if (at === 0 || /(?:^|[^\\])[(|]$/.test(before)) {
        if (!before.endsWith('(')) return wrong('missing argument to repetition operator', character);
      } else if (/(?:^|[^\\])[*+?][*+?]?$/.test(before) && !(character === '?' && !/[*+?]\?$/.test(before)))
        return wrong('invalid nested repetition operator', `${before.slice(-1)}${character}`);
    }
  }
  return wrong('missing closing )', pattern);
}
