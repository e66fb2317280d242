import type { ParameterOperation, Part, Unexpected, Word } from './ast.ts';
import { ShellSyntaxError } from './ast.ts';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NAME_ONLY = /^[A-Za-z_]/;
const SPECIAL = '@*#?-$!0123456789';
const OPERATORS = [
  ':-',
  ':=',
  ':?',
  ':+',
  '##',
  '%%',
  '//',
  '^^',
  ',,',
  '-',
  '=',
  '?',
  '+',
  '#',
  '%',
  '/',
  '^',
  ',',
  ':',
  '@',
];

/** Where a reader of words stands in the text. */
export interface Cursor {
  text: string;
  at: number;
  line: number;
  /** Parses `$( … )` from the cursor up to its closing parenthesis; returns the body's node. */
  substitution(): number;
  /** Parses the text between backquotes. */
  nested(text: string): number;
  /** Arrays, once met. */
  bashOnly?: Unexpected;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const startsWith = (cursor: Cursor, text: string) => cursor.text.startsWith(text, cursor.at);

function push(word: Word, text: string, quoted: boolean): void {
  const last = word.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
  else word.push({ kind: 'text', text, quoted });
}

function unterminated(cursor: Cursor, what: string): never {
  throw new ShellSyntaxError(undefined, cursor.line, what);
}

function readSingle(cursor: Cursor): string {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end < 0) unterminated(cursor, "'");
  const text = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return text;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', f: '\f', v: '\v' };

/** `$'…'` */
function readAnsi(cursor: Cursor): string {
  let text = '';
  cursor.at += 2;
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) unterminated(cursor, "'");
    cursor.at++;
    if (char === "'") return text;
    if (char !== '\\') {
      text += char;
      continue;
    }
    const hex = matchAt(/x[0-9a-fA-F]{1,2}|[0-7]{1,3}/y, cursor.text, cursor.at);
    if (hex) {
      text += String.fromCharCode(hex[0] === 'x' ? Number.parseInt(hex.slice(1), 16) : Number.parseInt(hex, 8));
      cursor.at += hex.length;
      continue;
    }
    const next = cursor.text[cursor.at++] ?? '';
    text += ESCAPES[next] ?? next;
  }
}

function readBackquoted(cursor: Cursor): string {
  let text = '';
  cursor.at++;
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) unterminated(cursor, '`');
    cursor.at++;
    if (char === '`') return text;
    if (char === '\\' && '`\\$'.includes(cursor.text[cursor.at] ?? ' ')) text += cursor.text[cursor.at++];
    else text += char;
  }
}

/** The text up to the `))` that closes an arithmetic expression; the cursor stands after `((`. */
export function readArithmetic(cursor: Cursor): Word {
  let depth = 0;
  const start = cursor.at;
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const char = cursor.text[cursor.at];
    if (char === '(') depth++;
    if (char === ')' && depth-- === 0) {
      const text = cursor.text.slice(start, cursor.at);
      cursor.at += 2;
      return wordOf(text, cursor, true);
    }
  }
  return unterminated(cursor, '(');
}

/** Whether `((` at the cursor closes with `))`: otherwise it is two parentheses. */
export function isArithmetic(text: string, at: number): boolean {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 1) return text[i + 1] === ')';
  }
  return false;
}

/** `[ … ]` behind a name: the word in it. */
export function readSubscript(cursor: Cursor): Word | undefined {
  if (!startsWith(cursor, '[')) return undefined;
  cursor.bashOnly ??= { token: '[', line: cursor.line };
  cursor.at++;
  const word = readUntil(cursor, false, ']');
  cursor.at++;
  return word;
}

function readBraced(cursor: Cursor, quoted: boolean): Part {
  cursor.at += 2;
  const indirect = startsWith(cursor, '!') && /[A-Za-z_]/.test(cursor.text[cursor.at + 1] ?? '');
  if (indirect) cursor.at++;
  const length = startsWith(cursor, '#') && !/[}:\-+?=%#/]/.test(cursor.text[cursor.at + 1] ?? '}');
  if (length) cursor.at++;
  const name =
    matchAt(NAME, cursor.text, cursor.at) ??
    matchAt(/[0-9]+/y, cursor.text, cursor.at) ??
    (SPECIAL.includes(cursor.text[cursor.at] ?? ' ') ? cursor.text[cursor.at] : undefined);
  if (name === undefined) throw new ShellSyntaxError('${', cursor.line);
  cursor.at += name.length;
  const subscript = NAME_ONLY.test(name) ? readSubscript(cursor) : undefined;
  let operation: ParameterOperation | undefined;
  if (length) operation = { operator: 'length', word: [] };
  if (indirect) operation = { operator: '!', word: [] };
  if (indirect && !subscript && /^[@*]\}/.test(cursor.text.slice(cursor.at, cursor.at + 2))) {
    cursor.bashOnly ??= { token: '!', line: cursor.line };
    operation = { operator: 'names', word: [] };
    cursor.at++;
  }
  if (!startsWith(cursor, '}')) {
    const operator = OPERATORS.find((candidate) => startsWith(cursor, candidate));
    if (!operator) throw new ShellSyntaxError(cursor.text[cursor.at], cursor.line);
    cursor.at += operator.length;
    const splits = operator === '/' || operator === '//' ? '/' : operator === ':' ? ':' : '';
    const anchored = splits === '/' && '#%'.includes(cursor.text[cursor.at] ?? ' ') ? cursor.text[cursor.at++]! : '';
    // The stars of a pattern are stars, also between double quotes.
    const word = readUntil(cursor, quoted && !/^[#%/]/.test(operator), `}${splits}`);
    operation = { operator: operator + anchored, word };
    if (splits && startsWith(cursor, splits)) {
      cursor.at++;
      operation.second = readUntil(cursor, quoted, '}');
    }
  }
  if (!startsWith(cursor, '}')) unterminated(cursor, '}');
  cursor.at++;
  return { kind: 'parameter', name, quoted, ...(subscript && { subscript }), ...(operation && { operation }) };
}

/** What `$` begins at the cursor; undefined when it is only a dollar sign. */
function readDollar(cursor: Cursor, quoted: boolean): Part | undefined {
  if (startsWith(cursor, '$((') && isArithmetic(cursor.text, cursor.at + 1)) {
    cursor.at += 3;
    return { kind: 'arithmetic', expression: readArithmetic(cursor), quoted };
  }
  if (startsWith(cursor, '$(')) {
    cursor.at += 2;
    return { kind: 'substitution', body: cursor.substitution(), quoted };
  }
  if (startsWith(cursor, '${')) return readBraced(cursor, quoted);
  const next = cursor.text[cursor.at + 1] ?? '';
  const name = matchAt(NAME, cursor.text, cursor.at + 1) ?? (next && SPECIAL.includes(next) ? next : undefined);
  if (name === undefined) return undefined;
  cursor.at += 1 + name.length;
  return { kind: 'parameter', name, quoted };
}

function readDouble(cursor: Cursor, word: Word): void {
  cursor.at++;
  const before = word.length;
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) unterminated(cursor, '"');
    if (char === '"') break;
    readQuotedChar(cursor, word, '$`"\\');
  }
  cursor.at++;
  if (word.length === before) word.push({ kind: 'empty' });
}

/** One step inside double quotes or a here-document. `escapable`: what a backslash quotes. */
function readQuotedChar(cursor: Cursor, word: Word, escapable: string): void {
  const char = cursor.text[cursor.at]!;
  if (char === '\\') {
    const next = cursor.text[cursor.at + 1] ?? '';
    if (next === '\n') cursor.at += 2;
    else if (next && escapable.includes(next)) {
      push(word, next, true);
      cursor.at += 2;
    } else {
      push(word, '\\', true);
      cursor.at++;
    }
    return;
  }
  if (char === '`') {
    word.push({ kind: 'substitution', body: cursor.nested(readBackquoted(cursor)), quoted: true });
    return;
  }
  const part = char === '$' ? readDollar(cursor, true) : undefined;
  if (part) {
    word.push(part);
    return;
  }
  if (char === '\n') cursor.line++;
  push(word, char, true);
  cursor.at++;
}

/** One step outside of quotes. */
function readBareChar(cursor: Cursor, word: Word): void {
  const char = cursor.text[cursor.at]!;
  if (char === '\\') {
    const next = cursor.text[cursor.at + 1];
    if (next !== '\n') push(word, next ?? '\\', true);
    cursor.at += 2;
  } else if (char === "'") {
    const text = readSingle(cursor);
    cursor.line += text.split('\n').length - 1;
    if (text === '') word.push({ kind: 'empty' });
    else push(word, text, true);
  } else if (char === '"') readDouble(cursor, word);
  else if (char === '`')
    word.push({ kind: 'substitution', body: cursor.nested(readBackquoted(cursor)), quoted: false });
  else if (char === '$' && cursor.text[cursor.at + 1] === "'") push(word, readAnsi(cursor), true);
  else {
    const part = char === '$' ? readDollar(cursor, false) : undefined;
    if (part) word.push(part);
    else {
      push(word, char, false);
      cursor.at++;
    }
  }
}

function readUntil(cursor: Cursor, quoted: boolean, ends: string): Word {
  const word: Word = [];
  for (;;) {
    const char = cursor.text[cursor.at];
    if (char === undefined) unterminated(cursor, '}');
    if (ends.includes(char)) return word;
    if (quoted && char !== '"' && char !== "'") readQuotedChar(cursor, word, '$`"\\}');
    else readBareChar(cursor, word);
  }
}

/** A word outside of quotes: up to blank space or an operator. */
export function readWord(cursor: Cursor): Word {
  const word: Word = [];
  for (;;) {
    if (startsWith(cursor, '<(')) {
      cursor.bashOnly ??= { token: '(', line: cursor.line };
      cursor.at += 2;
      word.push({ kind: 'substitution', body: cursor.substitution(), quoted: true, file: true });
    } else if (cursor.at >= cursor.text.length || ' \t\n;&|<>()'.includes(cursor.text[cursor.at]!)) return word;
    else readBareChar(cursor, word);
  }
}

/** A whole text as one word, as in a here-document (`\"` stays two characters) or an arithmetic expression. */
export function wordOf(text: string, outer: Cursor, arithmetic = false): Word {
  const word: Word = [];
  let inner: Cursor;
  const nested = (script: string) => outer.nested(script);
  inner = { text, at: 0, line: outer.line, nested, substitution: () => substitutionIn(inner) };
  while (inner.at < text.length) {
    if (arithmetic && text[inner.at] === '"') inner.at++;
    else readQuotedChar(inner, word, '$`\\');
  }
  outer.bashOnly ??= inner.bashOnly;
  return word;
}

function substitutionIn(cursor: Cursor): number {
  let depth = 0;
  const start = cursor.at;
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const char = cursor.text[cursor.at];
    if (char === '(') depth++;
    if (char === ')' && depth-- === 0) return cursor.nested(cursor.text.slice(start, cursor.at++));
  }
  return unterminated(cursor, '(');
}

/** The text of a word without quotes and expansions; undefined if it holds any. */
export function literal(word: Word): string | undefined {
  if (word.length === 0) return '';
  const [part] = word;
  return word.length === 1 && part!.kind === 'text' && !part!.quoted ? part!.text : undefined;
}

/** The text of a word as written, its quotes removed: a here-document's delimiter. */
export const rawText = (word: Word): string => word.map((part) => (part.kind === 'text' ? part.text : '')).join('');
