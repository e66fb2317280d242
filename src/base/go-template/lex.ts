import { goQuote } from '../go-quote.ts';

export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'keyword'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'char'
  | 'string'
  | 'raw'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'open'
  | 'close'
  | 'mark'
  | 'error'
  | 'eof';

export interface Token {
  kind: TokenKind;
  text: string;
  /** Offset in the template, in UTF-16 units. */
  position: number;
  line: number;
}

const KEYWORDS = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']);
const NUMBER =
  /[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?/y;
const WORD = /[_\p{L}\p{Nd}]*/uy;
const SIGNS: Record<string, TokenKind> = { '=': 'assign', '|': 'pipe', '(': 'open', ')': 'close' };

/** `%#U`: U+007E '~'. */
const unicodeName = (character: string) =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${character}'`;

class Lexer {
  readonly tokens: Token[] = [];
  private at = 0;
  private line = 1;
  private depth = 0;

  constructor(private readonly input: string) {}

  run(): Token[] {
    let inside = false;
    for (;;) {
      const last = this.tokens.at(-1)?.kind;
      if (last === 'error' || last === 'eof') return this.tokens;
      inside = inside ? this.inside() : this.text();
    }
  }

  private emit(kind: TokenKind, length: number): void {
    const text = this.input.slice(this.at, this.at + length);
    if (length > 0 || kind === 'eof') this.tokens.push({ kind, text, position: this.at, line: this.line });
    this.skip(length);
  }

  private skip(length: number): void {
    this.line += this.input.slice(this.at, this.at + length).split('\n').length - 1;
    this.at += length;
  }

  private fail(message: string): false {
    this.tokens.push({ kind: 'error', text: message, position: this.at, line: this.line });
    return false;
  }

  private match(pattern: RegExp, at = this.at): string {
    pattern.lastIndex = at;
    return pattern.exec(this.input)?.[0] ?? '';
  }

  /** Text up to an action; answers whether an action begins. */
  private text(): boolean {
    const found = this.input.indexOf('{{', this.at);
    const end = found < 0 ? this.input.length : found;
    const trims = found >= 0 && /^\{\{-\s/.test(this.input.slice(found, found + 4));
    const text = this.input.slice(this.at, end);
    const kept = trims ? text.replace(/[ \t\r\n]+$/, '') : text;
    this.emit('text', kept.length);
    this.skip(text.length - kept.length);
    if (found < 0) {
      this.emit('eof', 0);
      return false;
    }
    const marker = trims ? 2 : 0;
    if (this.input.startsWith('/*', this.at + 2 + marker)) return this.comment(2 + marker);
    this.emit('left', 2);
    this.skip(marker);
    this.depth = 0;
    return true;
  }

  private comment(start: number): false {
    const end = this.input.indexOf('*/', this.at + start + 2);
    if (end < 0) return this.fail('unclosed comment');
    const close = this.match(/\s-\}\}\s*|\}\}/y, end + 2);
    if (!close) return this.fail('comment ends before closing delimiter');
    this.skip(end + 2 + close.length - this.at);
    return false;
  }

  /** One token of an action; answers whether the action goes on. */
  private inside(): boolean {
    const close = this.match(/(?:[ \t\r\n]-)?\}\}/y);
    if (close) {
      if (this.depth > 0) return this.fail('unclosed left paren');
      const trims = close.length > 2;
      this.skip(close.length - 2);
      this.emit('right', 2);
      if (trims) this.skip(this.match(/[ \t\r\n]*/y).length);
      return false;
    }
    const code = this.input.codePointAt(this.at);
    if (code === undefined) return this.fail('unclosed action');
    const character = String.fromCodePoint(code);
    const next = this.input[this.at + 1] ?? '';
    const spaces = this.match(/[ \t\r\n]+/y);
    if (spaces) {
      const trims = this.input.startsWith('-}}', this.at + spaces.length);
      this.emit('space', spaces.length - (trims ? 1 : 0));
    } else if (character === ':') {
      if (next !== '=') return this.fail('expected :=');
      this.emit('declare', 2);
    } else if (character === '(' || character === ')') {
      this.depth += character === '(' ? 1 : -1;
      if (this.depth < 0) return this.fail('unexpected right paren');
      this.emit(SIGNS[character]!, 1);
    } else if (SIGNS[character]) this.emit(SIGNS[character], 1);
    else if (character === '"') return this.quoted('string', /"(?:[^"\\\n]|\\[^\n])*"/y, 'unterminated quoted string');
    else if (character === "'")
      return this.quoted('char', /'(?:[^'\\\n]|\\[^\n])*'/y, 'unterminated character constant');
    else if (character === '`') return this.quoted('raw', /`[^`]*`/y, 'unterminated raw quoted string');
    else if (character === '$') return this.name('variable', 1);
    else if (character === '.' && !/[0-9]/.test(next)) {
      if (this.atTerminator(this.at + 1)) this.emit('dot', 1);
      else return this.name('field', 1);
    } else if (/[-+.0-9]/.test(character)) return this.number();
    else if (this.match(WORD)) return this.name('identifier', 0);
    else if (/[\x20-\x7e]/.test(character)) this.emit('mark', 1);
    else return this.fail(`unrecognized character in action: ${unicodeName(character)}`);
    return true;
  }

  private quoted(kind: TokenKind, pattern: RegExp, message: string): boolean {
    const text = this.match(pattern);
    if (!text) return this.fail(message);
    this.emit(kind, text.length);
    return true;
  }

  private number(): boolean {
    const text = this.match(NUMBER);
    const after = this.input[this.at + text.length] ?? '';
    if (/[_\p{L}\p{Nd}]/u.test(after)) return this.fail(`bad number syntax: ${goQuote(text + after)}`);
    this.emit('number', text.length);
    return true;
  }

  private name(kind: 'variable' | 'field' | 'identifier', prefix: number): boolean {
    const end = this.at + prefix + this.match(WORD, this.at + prefix).length;
    if (!this.atTerminator(end)) {
      return this.fail(`bad character ${unicodeName(String.fromCodePoint(this.input.codePointAt(end)!))}`);
    }
    const word = this.input.slice(this.at, end);
    const isWord = kind === 'identifier';
    const special =
      isWord && (KEYWORDS.has(word) ? 'keyword' : word === 'nil' ? 'nil' : /^(true|false)$/.test(word) && 'bool');
    this.emit(special || kind, word.length);
    return true;
  }

  private atTerminator(at: number): boolean {
    const next = this.input[at];
    return next === undefined || /[ \t\r\n.,|:()]/.test(next) || this.input.startsWith('}}', at);
  }
}

/** The tokens of a template, up to the first error. */
export const lex = (input: string): Token[] => new Lexer(input).run();

/** A token as parse errors show it. */
export function showToken({ kind, text }: Token): string {
  if (kind === 'eof') return 'EOF';
  if (kind === 'error') return text;
  if (kind === 'keyword' || kind === 'nil' || kind === 'dot') return `<${text}>`;
  return text.length > 10 ? `${goQuote(text.slice(0, 10))}...` : goQuote(text);
}
