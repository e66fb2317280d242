/** What stops a reading; `line` counts from 1, 0 says nothing of the place. The words are libyaml's, as go-yaml tells them. */
export class YamlProblem extends Error {
  constructor(problem: string, line = 0) {
    super(line > 0 ? `line ${line}: ${problem}` : problem);
  }
}

export type TokenType =
  | 'version'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'stream-end'
  | 'block-sequence'
  | 'block-mapping'
  | 'block-end'
  | '['
  | ']'
  | '{'
  | '}'
  | 'flow-entry'
  | 'block-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  type: TokenType;
  /** Where it starts and ends: lines from 0. */
  line: number;
  endLine: number;
  /** A scalar's text, an anchor's name, a tag's handle, a directive's handle or version. */
  value: string;
  /** A tag's suffix, a tag directive's prefix. */
  suffix: string;
  /** The scalar stood without quotes. */
  plain: boolean;
}

/** A scalar, or a collection, that may turn out to be a key when a `:` follows. */
interface SimpleKey {
  possible: boolean;
  required: boolean;
  /** Its number among all tokens. */
  token: number;
  at: number;
  line: number;
  column: number;
}

const END = '\0';
/** A key on one line may be so far from its colon. */
const MAX_KEY = 1024;
const MAX_DEPTH = 10_000;

const isBreak = (c: string) => c === '\n' || c === '\r' || c === '\u0085' || c === '\u2028' || c === '\u2029';
const isBlank = (c: string) => c === ' ' || c === '\t';
const isBreakOrEnd = (c: string) => isBreak(c) || c === END;
const isSpaceOrEnd = (c: string) => isBlank(c) || isBreakOrEnd(c);
const isDigit = (c: string) => /^[0-9]$/.test(c);
const isWord = (c: string) => /^[-0-9A-Za-z_]$/.test(c);
/** What a plain scalar does not begin with. */
const INDICATORS = new Set('-?:,[]{}#&*!|>\'"%@`');
const URI = /^[-0-9A-Za-z_;/?:@&=+$,.!~*'()[\]%]$/;

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTHS: Record<string, number> = { x: 2, u: 4, U: 8 };

/** Line breaks inside a flow scalar: one folds to a space, others stay. */
const folded = (first: string, more: string): string => (first === '\n' ? more || ' ' : first + more);

/**
 * libyaml's scanner as go-yaml 2 has it: the tokens of a text, made as they are asked for, so that what stands behind the end of a
 * document is not looked at. Throws YamlProblem.
 */
export class Scanner {
  private readonly text: string;
  private at: number;
  private line = 0;
  private column = 0;
  private readonly tokens: Token[] = [];
  /** How many tokens have been taken. */
  private taken = 0;
  private flowLevel = 0;
  private indent = -1;
  private readonly indents: number[] = [];
  private keyAllowed = true;
  /** Which of the keys below begins with which token. */
  private readonly keyByToken = new Map<number, number>();
  private readonly keys: SimpleKey[] = [{ possible: false, required: false, token: 0, at: 0, line: 0, column: 0 }];

  constructor(text: string) {
    this.text = text;
    this.at = text.startsWith('\ufeff') ? 1 : 0;
  }

  /** The next token, which stays the next. */
  peek(): Token {
    for (;;) {
      const [head] = this.tokens;
      if (head) {
        const key = this.keys[this.keyByToken.get(this.taken) ?? -1];
        if (!key || !this.isValid(key)) return head;
      }
      this.fetch();
    }
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.tokens.shift();
    this.taken++;
    return token;
  }

  private char(ahead = 0): string {
    return this.text[this.at + ahead] ?? END;
  }

  private fail(problem: string): never {
    throw new YamlProblem(problem, this.line === 0 ? 0 : this.line + 1);
  }

  /** A failure of something that began elsewhere: its place is told when this one is on the first line. */
  private failSince(line: number, problem: string): never {
    throw new YamlProblem(problem, this.line === 0 ? line : this.line + 1);
  }

  private skip(count = 1): void {
    this.at += count;
    this.column += count;
  }

  private read(): string {
    const character = this.char();
    this.skip();
    return character;
  }

  /** Takes a line break, and gives it as it is kept. */
  private readBreak(): string {
    const character = this.char();
    this.at += character === '\r' && this.char(1) === '\n' ? 2 : 1;
    this.column = 0;
    this.line++;
    return character === '\u2028' || character === '\u2029' ? character : '\n';
  }

  private skipBlanks(): void {
    while (isBlank(this.char())) this.skip();
  }

  private skipComment(): void {
    if (this.char() === '#') while (!isBreakOrEnd(this.char())) this.skip();
  }

  private add(type: TokenType, more: Partial<Token> = {}, place = this.tokens.length): void {
    const token = { type, line: this.line, endLine: this.line, value: '', suffix: '', plain: false, ...more };
    this.tokens.splice(place, 0, token);
  }

  private isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line === this.line && key.at + MAX_KEY >= this.at) return true;
    if (key.required) this.failSince(key.line, "could not find expected ':'");
    key.possible = false;
    return false;
  }

  private saveKey(): void {
    if (!this.keyAllowed) return;
    const required = this.flowLevel === 0 && this.indent === this.column;
    this.removeKey();
    const { at, line, column } = this;
    const token = this.taken + this.tokens.length;
    const last = this.keys.length - 1;
    this.keys[last] = { possible: true, required, token, at, line, column };
    this.keyByToken.set(token, last);
  }

  private removeKey(): void {
    const key = this.keys.at(-1)!;
    if (!key.possible) return;
    if (key.required) this.failSince(key.line, "could not find expected ':'");
    this.forget(key);
  }

  private forget(key: SimpleKey): void {
    key.possible = false;
    this.keyByToken.delete(key.token);
  }

  private rollIndent(column: number, type: TokenType, place?: number, line = this.line): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    if (this.indents.length > MAX_DEPTH) this.fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.add(type, { line, endLine: line }, place);
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.add('block-end');
      this.indent = this.indents.pop()!;
    }
  }

  private isDocumentMark(mark: string): boolean {
    return this.column === 0 && this.text.startsWith(mark, this.at) && isSpaceOrEnd(this.char(3));
  }

  private fetch(): void {
    this.skipToToken();
    this.unrollIndent(this.column);
    const c = this.char();
    const followed = isSpaceOrEnd(this.char(1));
    if (c === END) return this.streamEnd();
    if (this.column === 0 && c === '%') return this.directive();
    if (this.isDocumentMark('---')) return this.documentMark('document-start');
    if (this.isDocumentMark('...')) return this.documentMark('document-end');
    if (c === '[' || c === '{') return this.flowStart(c);
    if (c === ']' || c === '}') return this.flowEnd(c);
    if (c === ',') return this.flowEntry();
    if (c === '-' && followed) return this.blockEntry();
    if (c === '?' && (this.flowLevel > 0 || followed)) return this.key();
    if (c === ':' && (this.flowLevel > 0 || followed)) return this.value();
    if (c === '*') return this.anchor('alias');
    if (c === '&') return this.anchor('anchor');
    if (c === '!') return this.tag();
    if ((c === '|' || c === '>') && this.flowLevel === 0) return this.blockScalar(c === '|');
    if (c === "'" || c === '"') return this.quoted(c);
    const isPlain =
      !(isSpaceOrEnd(c) || INDICATORS.has(c)) ||
      (c === '-' && !isBlank(this.char(1))) ||
      (this.flowLevel === 0 && (c === '?' || c === ':') && !followed);
    if (!isPlain) this.fail('found character that cannot start any token');
    this.plain();
  }

  private skipToToken(): void {
    for (;;) {
      const allowsTabs = this.flowLevel > 0 || !this.keyAllowed;
      while (this.char() === ' ' || (allowsTabs && this.char() === '\t')) this.skip();
      this.skipComment();
      if (!isBreak(this.char())) return;
      this.readBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  private streamEnd(): void {
    if (this.column !== 0) {
      this.column = 0;
      this.line++;
    }
    this.endBlock();
    this.add('stream-end');
  }

  private endBlock(): void {
    this.unrollIndent(-1);
    this.removeKey();
    this.keyAllowed = false;
  }

  private documentMark(type: TokenType): void {
    this.endBlock();
    this.skip(3);
    this.add(type);
  }

  private directive(): void {
    this.endBlock();
    const { line } = this;
    this.skip();
    let name = '';
    while (isWord(this.char())) name += this.read();
    if (name === '') this.failSince(line, 'could not find expected directive name');
    if (!isSpaceOrEnd(this.char())) this.failSince(line, 'found unexpected non-alphabetical character');
    if (name === 'YAML') this.add('version', { value: this.version(line) });
    else if (name === 'TAG') this.add('tag-directive', this.tagDirective(line));
    else this.failSince(line, 'found unknown directive name');
    this.skipBlanks();
    this.skipComment();
    if (!isBreakOrEnd(this.char())) this.failSince(line, 'did not find expected comment or line break');
    if (isBreak(this.char())) this.readBreak();
  }

  private version(line: number): string {
    this.skipBlanks();
    const major = this.versionNumber(line);
    if (this.char() !== '.') this.failSince(line, "did not find expected digit or '.' character");
    this.skip();
    return `${major}.${this.versionNumber(line)}`;
  }

  private versionNumber(line: number): number {
    let digits = '';
    while (isDigit(this.char())) {
      digits += this.read();
      if (digits.length > 2) this.failSince(line, 'found extremely long version number');
    }
    if (digits === '') this.failSince(line, 'did not find expected version number');
    return Number(digits);
  }

  private tagDirective(line: number): Partial<Token> {
    this.skipBlanks();
    const value = this.tagHandle(line, true);
    if (!isBlank(this.char())) this.failSince(line, 'did not find expected whitespace');
    this.skipBlanks();
    const suffix = this.tagUri(line, '');
    if (!isSpaceOrEnd(this.char())) this.failSince(line, 'did not find expected whitespace or line break');
    return { value, suffix };
  }

  private flowStart(type: '[' | '{'): void {
    this.saveKey();
    const { at, line, column } = this;
    const token = this.taken + this.tokens.length;
    this.keys.push({ possible: false, required: false, token, at, line, column });
    if (++this.flowLevel > MAX_DEPTH) this.fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.keyAllowed = true;
    this.skip();
    this.add(type);
  }

  private flowEnd(type: ']' | '}'): void {
    this.removeKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      // The collection and its first key are one token to libyaml: it forgets both.
      this.forget(this.keys.pop()!);
    }
    this.keyAllowed = false;
    this.skip();
    this.add(type);
  }

  private flowEntry(): void {
    this.removeKey();
    this.keyAllowed = true;
    this.skip();
    this.add('flow-entry');
  }

  /** Outside of flow collections an entry begins its block, unless one stands where none may begin. */
  private openBlock(type: 'block-sequence' | 'block-mapping', refusal: string): void {
    if (this.flowLevel > 0) return;
    if (!this.keyAllowed) this.fail(refusal);
    this.rollIndent(this.column, type);
  }

  private blockEntry(): void {
    this.openBlock('block-sequence', 'block sequence entries are not allowed in this context');
    this.removeKey();
    this.keyAllowed = true;
    this.skip();
    this.add('block-entry');
  }

  private key(): void {
    this.openBlock('block-mapping', 'mapping keys are not allowed in this context');
    this.removeKey();
    this.keyAllowed = this.flowLevel === 0;
    this.skip();
    this.add('key');
  }

  private value(): void {
    const key = this.keys.at(-1)!;
    if (this.isValid(key)) {
      const place = key.token - this.taken;
      this.add('key', { line: key.line, endLine: key.line }, place);
      this.rollIndent(key.column, 'block-mapping', place, key.line);
      this.forget(key);
      this.keyAllowed = false;
    } else {
      this.openBlock('block-mapping', 'mapping values are not allowed in this context');
      this.keyAllowed = this.flowLevel === 0;
    }
    this.skip();
    this.add('value');
  }

  private anchor(type: 'alias' | 'anchor'): void {
    this.saveKey();
    this.keyAllowed = false;
    const { line } = this;
    this.skip();
    let value = '';
    while (isWord(this.char())) value += this.read();
    const c = this.char();
    if (value === '' || !(isSpaceOrEnd(c) || '?:,]}%@`'.includes(c)))
      this.failSince(line, 'did not find expected alphabetic or numeric character');
    this.add(type, { line, value });
  }

  private tag(): void {
    this.saveKey();
    this.keyAllowed = false;
    const { line } = this;
    let value = '';
    let suffix: string;
    if (this.char(1) === '<') {
      this.skip(2);
      suffix = this.tagUri(line, '');
      if (this.char() !== '>') this.failSince(line, "did not find the expected '>'");
      this.skip();
    } else {
      value = this.tagHandle(line, false);
      if (value.length > 1 && value.endsWith('!')) suffix = this.tagUri(line, '');
      else {
        suffix = this.tagUri(line, value);
        value = '!';
        if (suffix === '') [value, suffix] = ['', '!'];
      }
    }
    if (!isSpaceOrEnd(this.char())) this.failSince(line, 'did not find expected whitespace or line break');
    this.add('tag', { line, value, suffix });
  }

  private tagHandle(line: number, isDirective: boolean): string {
    if (this.char() !== '!') this.failSince(line, "did not find expected '!'");
    let handle = this.read();
    while (isWord(this.char())) handle += this.read();
    if (this.char() === '!') handle += this.read();
    else if (isDirective && handle !== '!') this.failSince(line, "did not find expected '!'");
    return handle;
  }

  private tagUri(line: number, head: string): string {
    let uri = head.slice(1);
    let found = head !== '';
    for (; URI.test(this.char()); found = true) {
      if (this.char() !== '%') uri += this.read();
      else {
        const escaped = /^(?:%[0-9a-fA-F]{2})+/.exec(this.text.slice(this.at, this.at + 12))?.[0];
        if (!escaped) this.failSince(line, 'did not find URI escaped octet');
        uri += Buffer.from(escaped.replaceAll('%', ''), 'hex').toString();
        this.skip(escaped.length);
      }
    }
    if (!found) this.failSince(line, 'did not find expected tag URI');
    return uri;
  }

  private blockScalar(literal: boolean): void {
    this.removeKey();
    this.keyAllowed = true;
    const { line } = this;
    this.skip();
    let chomping = '';
    let increment = 0;
    const readChomping = () => {
      if (this.char() === '+' || this.char() === '-') chomping = this.read();
    };
    readChomping();
    if (isDigit(this.char())) {
      if (this.char() === '0') this.failSince(line, 'found an indentation indicator equal to 0');
      increment = Number(this.read());
      if (chomping === '') readChomping();
    }
    this.skipBlanks();
    this.skipComment();
    if (!isBreakOrEnd(this.char())) this.failSince(line, 'did not find expected comment or line break');
    if (isBreak(this.char())) this.readBreak();
    const body = new BlockBody(increment > 0 ? Math.max(this.indent, 0) + increment : 0);
    this.blockBreaks(body, line);
    let value = '';
    let leadingBreak = '';
    let leadingBlank = false;
    while (this.column === body.indent && this.char() !== END) {
      const trailingBlank = isBlank(this.char());
      if (!literal && !leadingBlank && !trailingBlank && leadingBreak.startsWith('\n')) {
        if (body.breaks === '') value += ' ';
      } else value += leadingBreak;
      value += body.breaks;
      body.breaks = '';
      leadingBlank = isBlank(this.char());
      while (!isBreakOrEnd(this.char())) value += this.read();
      leadingBreak = isBreak(this.char()) ? this.readBreak() : '';
      this.blockBreaks(body, line);
    }
    if (chomping !== '-') value += leadingBreak;
    if (chomping === '+') value += body.breaks;
    this.add('scalar', { line, value });
  }

  /** Takes indentation and empty lines; the first call finds out how far a block scalar is indented. */
  private blockBreaks(body: BlockBody, line: number): void {
    let deepest = 0;
    const isInside = () => body.indent === 0 || this.column < body.indent;
    for (;;) {
      while (isInside() && this.char() === ' ') this.skip();
      deepest = Math.max(deepest, this.column);
      if (isInside() && this.char() === '\t')
        this.failSince(line, 'found a tab character where an indentation space is expected');
      if (!isBreak(this.char())) break;
      body.breaks += this.readBreak();
    }
    if (body.indent === 0) body.indent = Math.max(deepest, this.indent + 1, 1);
  }

  private quoted(quote: string): void {
    this.saveKey();
    this.keyAllowed = false;
    const { line } = this;
    this.skip();
    let value = '';
    for (;;) {
      if (this.isDocumentMark('---') || this.isDocumentMark('...'))
        this.failSince(line, 'found unexpected document indicator');
      if (this.char() === END) this.failSince(line, 'found unexpected end of stream');
      let leadingBlanks = false;
      while (!isSpaceOrEnd(this.char())) {
        const c = this.char();
        if (quote === "'" && c === "'" && this.char(1) === "'") {
          value += "'";
          this.skip(2);
        } else if (c === quote) break;
        else if (quote === '"' && c === '\\' && isBreak(this.char(1))) {
          this.skip();
          this.readBreak();
          leadingBlanks = true;
          break;
        } else value += quote === '"' && c === '\\' ? this.escape(line) : this.read();
      }
      if (this.char() === quote) break;
      let [spaces, first, more] = ['', '', ''];
      while (isBlank(this.char()) || isBreak(this.char())) {
        if (isBlank(this.char())) {
          const space = this.read();
          if (!leadingBlanks) spaces += space;
        } else if (leadingBlanks) more += this.readBreak();
        else {
          spaces = '';
          first = this.readBreak();
          leadingBlanks = true;
        }
      }
      value += leadingBlanks ? folded(first, more) : spaces;
    }
    this.skip();
    this.add('scalar', { line, value });
  }

  private escape(line: number): string {
    const letter = this.char(1);
    const length = HEX_LENGTHS[letter];
    const known = ESCAPES[letter];
    if (length === undefined && known === undefined) this.failSince(line, 'found unknown escape character');
    this.skip(2);
    if (length === undefined) return known!;
    const digits = this.text.slice(this.at, this.at + length);
    if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < length)
      this.failSince(line, 'did not find expected hexdecimal number');
    const code = Number.parseInt(digits, 16);
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
      this.failSince(line, 'found invalid Unicode character escape code');
    this.skip(length);
    return String.fromCodePoint(code);
  }

  private plain(): void {
    this.saveKey();
    this.keyAllowed = false;
    const { line } = this;
    const indent = this.indent + 1;
    let endLine = line;
    let value = '';
    let [spaces, first, more] = ['', '', ''];
    let leadingBlanks = false;
    for (;;) {
      if (this.isDocumentMark('---') || this.isDocumentMark('...') || this.char() === '#') break;
      while (!isSpaceOrEnd(this.char())) {
        const c = this.char();
        if ((c === ':' && isSpaceOrEnd(this.char(1))) || (this.flowLevel > 0 && ',?[]{}'.includes(c))) break;
        if (leadingBlanks) {
          value += folded(first, more);
          [first, more] = ['', ''];
          leadingBlanks = false;
        } else value += spaces;
        spaces = '';
        value += this.read();
        endLine = this.line;
      }
      if (!(isBlank(this.char()) || isBreak(this.char()))) break;
      while (isBlank(this.char()) || isBreak(this.char())) {
        if (isBlank(this.char())) {
          if (leadingBlanks && this.column < indent && this.char() === '\t')
            this.failSince(line, 'found a tab character that violates indentation');
          const space = this.read();
          if (!leadingBlanks) spaces += space;
        } else if (leadingBlanks) more += this.readBreak();
        else {
          spaces = '';
          first = this.readBreak();
          leadingBlanks = true;
        }
      }
      if (this.flowLevel === 0 && this.column < indent) break;
    }
    this.add('scalar', { line, endLine, value, plain: true });
    if (leadingBlanks) this.keyAllowed = true;
  }
}

/** How far the lines of a block scalar are indented (0: not known yet), and the breaks that may still belong to it. */
class BlockBody {
  breaks = '';
  constructor(public indent: number) {}
}
