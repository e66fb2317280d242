import type { Issue } from './issues.ts';

/** Kinds of CEL's lexer, in the order in which ANTLR lists what it expects; quoted ones are written so in expressions. */
export const TOKEN_KINDS = [
  "'=='",
  "'!='",
  "'in'",
  "'<'",
  "'<='",
  "'>='",
  "'>'",
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'{'",
  "'}'",
  "'('",
  "')'",
  "'.'",
  "','",
  "'-'",
  "'!'",
  "'?'",
  "':'",
  "'+'",
  "'*'",
  "'/'",
  "'%'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
] as const; // prettier-ignore

export type TokenKind = (typeof TOKEN_KINDS)[number] | '<EOF>';

export interface Token {
  kind: TokenKind;
  text: string;
  /** Offset of the first character. */
  start: number;
  end: number;
}

const WORDS = new Set(['in', 'true', 'false', 'null']);
const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const plain = (quote: string) => `${quote}(?:${ESCAPE}|[^\\\\${quote}\\n\\r])*`;
const triple = (quote: string) => `${quote.repeat(3)}(?:${ESCAPE}|[^\\\\])*?${quote.repeat(3)}`;
const STRING = [
  ...['"', "'"].flatMap((quote) => [triple(quote), plain(quote) + quote]),
  ...['"', "'"].flatMap((quote) => [
    `[rR]${quote.repeat(3)}[^]*?${quote.repeat(3)}`,
    `[rR]${quote}[^${quote}\\n\\r]*${quote}`,
  ]),
].join('|');

const sticky = (source: string) => new RegExp(source, 'y');

/** What is skipped; then each kind of token by its form. The longest match wins, the first of equals. */
const HIDDEN = sticky(String.raw`[\t \r\n\f]+|//[^\n]*`);
const FORMS: [RegExp, TokenKind | 'word' | 'sign'][] = [
  [
    sticky(String.raw`[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?`),
    'NUM_FLOAT',
  ],
  [sticky('0x[0-9a-fA-F]+[uU]|[0-9]+[uU]'), 'NUM_UINT'],
  [sticky('0x[0-9a-fA-F]+|[0-9]+'), 'NUM_INT'],
  [sticky(`[bB](?:${STRING})`), 'BYTES'],
  [sticky(STRING), 'STRING'],
  [sticky('[A-Za-z_][A-Za-z0-9_]*'), 'word'],
  [sticky('`[A-Za-z0-9_.\\-/ ]+`'), 'ESC_IDENTIFIER'],
  [sticky(String.raw`[=!<>]=|&&|\|\||[<>[\]{}().,\-!?:+*/%]`), 'sign'],
];

/** As far as a token could still have become one: the character after it is what was wrong. */
const BEGUN = sticky(
  `(?:[bB]?[rR]?)(?:${plain('"')}|${plain("'")})(?:\\\\(?:[xX][0-9a-fA-F]?|[uU][0-9a-fA-F]{0,7}|[0-3][0-7]?)?)?|[=&|]|\`[A-Za-z0-9_.\\-/ ]*`,
);

const matchAt = (form: RegExp, text: string, at: number): string | undefined => {
  form.lastIndex = at;
  return form.exec(text)?.[0];
};

function kindOf(form: TokenKind | 'word' | 'sign', text: string): TokenKind {
  if (form === 'sign') return `'${text}'` as TokenKind;
  if (form === 'word') return WORDS.has(text) ? (`'${text}'` as TokenKind) : 'IDENTIFIER';
  return form;
}

/** The tokens of an expression, with the end of input as the last; what is none goes into `issues`. */
export function tokenize(source: string, issues: Issue[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const hidden = matchAt(HIDDEN, source, at);
    if (hidden) {
      at += hidden.length;
      continue;
    }
    let [best, kind]: [string, TokenKind | 'word' | 'sign'] = ['', '<EOF>'];
    for (const [form, name] of FORMS) {
      const text = matchAt(form, source, at);
      if (text && text.length > best.length) [best, kind] = [text, name];
    }
    if (best) {
      tokens.push({ kind: kindOf(kind, best), text: best, start: at, end: at + best.length });
      at += best.length;
      continue;
    }
    const wrong = source.slice(at, at + (matchAt(BEGUN, source, at)?.length ?? 0) + 1);
    const message = `Syntax error: token recognition error at: ${quoted(wrong)}`;
    issues.push({ offset: at, length: wrong.length, message });
    at += wrong.length;
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', start: source.length, end: source.length });
  return tokens;
}

/** Text as ANTLR shows it. */
export const quoted = (text: string): string =>
  `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
