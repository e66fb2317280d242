import type { Definition, Node, Pattern } from './ast.ts';

/** A program that is none; `message` is what jq says of it after `jq: error: `. */
export class CompileError extends Error {}

interface Token {
  type: 'op' | 'word' | 'field' | 'variable' | 'format' | 'number' | 'string' | 'end';
  text: string;
  /** Of a string: texts and, in between, programs. */
  parts?: (string | Node)[];
}

const OPERATORS = /^(?:\?\/\/|\|=|\+=|-=|\*=|\/=|%=|\/\/=|==|!=|<=|>=|\/\/|\.\.|[|,=<>+\-*/%.:;()[\]{}?])/;
const WORD = /^(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*/;
const KEYWORDS = new Set(
  'def if then elif else end as reduce foreach try catch label import include and or __loc__'.split(' '),
);
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** What yacc calls a token. */
const called = ({ type, text }: Token): string => {
  if (type === 'end') return 'end of file';
  if (type === 'number') return 'LITERAL';
  if (type === 'string') return 'QQSTRING_START';
  if (type === 'field') return 'FIELD';
  if (type === 'variable') return "'$'";
  if (type === 'format') return 'FORMAT';
  if (type === 'word') return KEYWORDS.has(text) ? text : 'IDENT';
  return text.length > 1 ? `"${text}"` : `'${text}'`;
};

class Lexer {
  readonly tokens: Token[] = [];
  #at = 0;

  constructor(
    private readonly text: string,
    start = 0,
    /** Ends at the parenthesis that closes an interpolation. */
    private readonly inner = false,
  ) {
    this.#at = start;
    this.#read();
  }

  get end(): number {
    return this.#at;
  }

  #read(): void {
    let depth = 0;
    for (;;) {
      const space = /^(?:\s+|#[^\n]*)+/.exec(this.text.slice(this.#at));
      if (space) this.#at += space[0].length;
      const rest = this.text.slice(this.#at);
      if (rest === '') break;
      if (rest[0] === '"') {
        this.tokens.push(this.#string());
        continue;
      }
      const number = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest);
      const field = /^\.([A-Za-z_]\w*)/.exec(rest);
      const named = /^([$@])((?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)/.exec(rest);
      const word = WORD.exec(rest);
      const operator = OPERATORS.exec(rest);
      if (number) this.#push('number', number[0], number[0].length);
      else if (field) this.#push('field', field[1]!, field[0].length);
      else if (named) this.#push(named[1] === '$' ? 'variable' : 'format', named[2]!, named[0].length);
      else if (word) this.#push('word', word[0], word[0].length);
      else if (operator) {
        if (operator[0] === '(') depth++;
        if (operator[0] === ')' && depth-- === 0 && this.inner) break;
        this.#push('op', operator[0], operator[0].length);
      } else throw new CompileError('syntax error, unexpected INVALID_CHARACTER');
    }
    this.tokens.push({ type: 'end', text: '' });
  }

  #push(type: Token['type'], text: string, length: number): void {
    this.tokens.push({ type, text });
    this.#at += length;
  }

  #string(): Token {
    const parts: (string | Node)[] = [];
    let text = '';
    this.#at++;
    for (;;) {
      const char = this.text[this.#at++];
      if (char === undefined)
        throw new CompileError(
          'syntax error, unexpected end of file, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END',
        );
      if (char === '"') break;
      if (char !== '\\') {
        text += char;
        continue;
      }
      const escaped = this.text[this.#at++] ?? '';
      if (escaped === 'u') {
        text += String.fromCharCode(Number.parseInt(this.text.slice(this.#at, this.#at + 4), 16));
        this.#at += 4;
      } else if (escaped === '(') {
        const inner = new Lexer(this.text, this.#at, true);
        parts.push(text, new Parser(inner.tokens).program());
        text = '';
        this.#at = inner.end + 1;
      } else text += ESCAPES[escaped] ?? escaped;
    }
    return { type: 'string', text: '', parts: [...parts, text] };
  }
}

const IDENTITY: Node = { kind: 'identity' };
const literal = (value: unknown): Node => ({ kind: 'literal', value });
const call = (name: string, args: Node[] = []): Node => ({ kind: 'call', name, args });

const ASSIGNMENTS = new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//=']);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

class Parser {
  #at = 0;
  /** Whether `as` after a term binds it; that of reduce and foreach is their own. */
  #binds = true;

  constructor(private readonly tokens: Token[]) {}

  program(): Node {
    if (this.#atEnd()) return IDENTITY;
    const definitions: Definition[] = [];
    while (this.#is('def')) definitions.push(this.#definition());
    const body = this.#atEnd() ? IDENTITY : this.#pipe();
    if (!this.#atEnd()) this.#unexpected();
    return definitions.reduceRight<Node>((inner, definition) => ({ kind: 'define', definition, body: inner }), body);
  }

  get #peek(): Token {
    return this.tokens[this.#at]!;
  }

  #atEnd(): boolean {
    return this.#peek.type === 'end';
  }

  #is(text: string): boolean {
    const { type, text: own } = this.#peek;
    return (type === 'op' || type === 'word') && own === text;
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#unexpected();
  }

  #unexpected(): never {
    throw new CompileError(`syntax error, unexpected ${called(this.#peek)}`);
  }

  #definition(): Definition {
    this.#expect('def');
    const name = this.#name();
    const parameters: string[] = [];
    if (this.#accept('(')) {
      do {
        const token = this.#peek;
        if (token.type !== 'variable' && token.type !== 'word') this.#unexpected();
        this.#at++;
        parameters.push(token.type === 'variable' ? `$${token.text}` : token.text);
      } while (this.#accept(';'));
      this.#expect(')');
    }
    this.#expect(':');
    const body = this.#pipe();
    this.#expect(';');
    return { name, parameters, body };
  }

  #name(): string {
    const { type, text } = this.#peek;
    if (type !== 'word') this.#unexpected();
    this.#at++;
    return text;
  }

  #pipe(): Node {
    if (this.#is('def')) {
      const definition = this.#definition();
      return { kind: 'define', definition, body: this.#pipe() };
    }
    const before = this.#binds;
    this.#binds = true;
    const left = this.#comma();
    const whole: Node = this.#accept('|') ? { kind: 'pipe', left, right: this.#pipe() } : left;
    this.#binds = before;
    return whole;
  }

  #comma(): Node {
    let left = this.#alternative();
    while (this.#accept(',')) left = { kind: 'comma', left, right: this.#alternative() };
    return left;
  }

  #alternative(): Node {
    const left = this.#assignment();
    return this.#accept('//') ? { kind: 'alternative', left, right: this.#alternative() } : left;
  }

  #assignment(): Node {
    const left = this.#or();
    const { type, text } = this.#peek;
    if (type !== 'op' || !ASSIGNMENTS.has(text)) return left;
    this.#at++;
    return { kind: 'assign', operator: text, left, right: this.#alternative() };
  }

  #or(): Node {
    let left = this.#and();
    while (this.#accept('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Node {
    let left = this.#comparison();
    while (this.#accept('and')) left = { kind: 'and', left, right: this.#comparison() };
    return left;
  }

  #comparison(): Node {
    const left = this.#sum();
    const { type, text } = this.#peek;
    if (type !== 'op' || !COMPARISONS.has(text)) return left;
    this.#at++;
    return { kind: 'binary', operator: text, left, right: this.#sum() };
  }

  #sum(): Node {
    let left = this.#product();
    for (;;) {
      const { text } = this.#peek;
      if (!this.#accept('+') && !this.#accept('-')) return left;
      left = { kind: 'binary', operator: text, left, right: this.#product() };
    }
  }

  #product(): Node {
    let left = this.#unary();
    for (;;) {
      const { text } = this.#peek;
      if (!this.#accept('*') && !this.#accept('/') && !this.#accept('%')) return left;
      left = { kind: 'binary', operator: text, left, right: this.#unary() };
    }
  }

  #unary(): Node {
    return this.#accept('-') ? { kind: 'negate', body: this.#postfix() } : this.#postfix();
  }

  #postfix(): Node {
    let node = this.#term();
    for (;;) {
      const { type, text } = this.#peek;
      if (type === 'field') {
        this.#at++;
        node = { kind: 'index', target: node, key: literal(text) };
      } else if (this.#is('.') && this.tokens[this.#at + 1]?.type === 'string') {
        this.#at += 2;
        node = { kind: 'index', target: node, key: this.#stringNode(this.tokens[this.#at - 1]!.parts!) };
      } else if (this.#is('.') && this.tokens[this.#at + 1]?.text === '[') {
        this.#at += 2;
        node = this.#subscript(node);
      } else if (this.#accept('[')) node = this.#subscript(node);
      else if (this.#accept('?')) node = { kind: 'try', body: node, handler: undefined };
      else if (this.#binds && this.#accept('as')) {
        const patterns = [this.#pattern()];
        while (this.#accept('?//')) patterns.push(this.#pattern());
        this.#expect('|');
        node = { kind: 'bind', source: node, patterns, body: this.#pipe() };
      } else return node;
    }
  }

  #subscript(target: Node): Node {
    if (this.#accept(']')) return { kind: 'iterate', target };
    if (this.#accept(':')) {
      const to = this.#pipe();
      this.#expect(']');
      return { kind: 'slice', target, from: undefined, to };
    }
    const key = this.#pipe();
    if (!this.#accept(':')) {
      this.#expect(']');
      return { kind: 'index', target, key };
    }
    const to = this.#is(']') ? undefined : this.#pipe();
    this.#expect(']');
    return { kind: 'slice', target, from: key, to };
  }

  #stringNode(parts: (string | Node)[], format = ''): Node {
    return parts.length === 1 ? literal(parts[0]) : { kind: 'string', format, parts };
  }

  #term(): Node {
    const token = this.#peek;
    this.#at++;
    switch (token.type) {
      case 'number':
        return literal(Number(token.text));
      case 'string':
        return this.#stringNode(token.parts!);
      case 'field':
        return { kind: 'index', target: IDENTITY, key: literal(token.text) };
      case 'variable':
        return token.text === '__loc__'
          ? literal({ file: '<top-level>', line: 1 })
          : { kind: 'variable', name: token.text };
      case 'format': {
        const next = this.#peek;
        if (next.type !== 'string') return { kind: 'format', name: token.text };
        this.#at++;
        return this.#stringNode(next.parts!, token.text);
      }
      case 'word':
        return this.#word(token);
      case 'op':
        return this.#operator(token);
      default:
        this.#at--;
        return this.#unexpected();
    }
  }

  #operator({ text }: Token): Node {
    if (text === '.') {
      const next = this.#peek;
      if (next.type === 'string') {
        this.#at++;
        return { kind: 'index', target: IDENTITY, key: this.#stringNode(next.parts!) };
      }
      return IDENTITY;
    }
    if (text === '..') return { kind: 'recurse' };
    if (text === '(') {
      const body = this.#pipe();
      this.#expect(')');
      return body;
    }
    if (text === '[') {
      if (this.#accept(']')) return { kind: 'array', body: undefined };
      const body = this.#pipe();
      this.#expect(']');
      return { kind: 'array', body };
    }
    if (text === '{') return this.#object();
    this.#at--;
    return this.#unexpected();
  }

  #word({ text }: Token): Node {
    switch (text) {
      case 'if':
        return this.#condition();
      case 'try': {
        const body = this.#postfix();
        return { kind: 'try', body, handler: this.#accept('catch') ? this.#postfix() : undefined };
      }
      case 'reduce':
      case 'foreach':
        return this.#fold(text);
      case 'label': {
        const { type, text: name } = this.#peek;
        if (type !== 'variable') this.#unexpected();
        this.#at++;
        this.#expect('|');
        return { kind: 'label', name, body: this.#pipe() };
      }
      case 'def':
        this.#at--;
        return this.#pipe();
      case 'break': {
        const { type, text: name } = this.#peek;
        if (type !== 'variable') this.#unexpected();
        this.#at++;
        return { kind: 'break', name };
      }
      default:
    }
    if (KEYWORDS.has(text)) {
      this.#at--;
      this.#unexpected();
    }
    const args: Node[] = [];
    if (this.#accept('(')) {
      do args.push(this.#pipe());
      while (this.#accept(';'));
      this.#expect(')');
    }
    if (args.length === 0 && ['null', 'true', 'false'].includes(text)) return literal(JSON.parse(text));
    return call(text, args);
  }

  #condition(): Node {
    const condition = this.#pipe();
    this.#expect('then');
    const then = this.#pipe();
    let otherwise = IDENTITY;
    if (this.#accept('elif')) return { kind: 'if', condition, then, otherwise: this.#condition() };
    if (this.#accept('else')) otherwise = this.#pipe();
    this.#expect('end');
    return { kind: 'if', condition, then, otherwise };
  }

  #fold(kind: 'reduce' | 'foreach'): Node {
    const source = this.#sourceTerm();
    this.#expect('as');
    const pattern = this.#pattern();
    this.#expect('(');
    const initial = this.#pipe();
    this.#expect(';');
    const update = this.#pipe();
    const extract = kind === 'foreach' && this.#accept(';') ? this.#pipe() : IDENTITY;
    this.#expect(')');
    return kind === 'reduce'
      ? { kind, source, pattern, initial, update }
      : { kind, source, pattern, initial, update, extract };
  }

  /** A term whose `as` is the fold's own. */
  #sourceTerm(): Node {
    const before = this.#binds;
    this.#binds = false;
    const source = this.#postfix();
    this.#binds = before;
    return source;
  }

  #pattern(): Pattern {
    const token = this.#peek;
    if (token.type === 'variable') {
      this.#at++;
      return { variable: token.text };
    }
    if (this.#accept('[')) {
      const items: Pattern[] = [];
      do items.push(this.#pattern());
      while (this.#accept(','));
      this.#expect(']');
      return { items };
    }
    this.#expect('{');
    const entries: Extract<Pattern, { entries: unknown }>['entries'] = [];
    do {
      const next = this.#peek;
      this.#at++;
      if (next.type === 'variable') {
        const pattern = this.#accept(':') ? this.#pattern() : undefined;
        entries.push({ key: literal(next.text), variable: next.text, ...(pattern && { pattern }) });
        continue;
      }
      let key: Node;
      if (next.type === 'word') key = literal(next.text);
      else if (next.type === 'string') key = this.#stringNode(next.parts!);
      else if (next.text === '(') {
        key = this.#pipe();
        this.#expect(')');
      } else {
        this.#at--;
        this.#unexpected();
      }
      this.#expect(':');
      entries.push({ key, pattern: this.#pattern() });
    } while (this.#accept(','));
    this.#expect('}');
    return { entries };
  }

  #object(): Node {
    const entries: [Node, Node][] = [];
    while (!this.#accept('}')) {
      entries.push(this.#entry());
      if (!this.#accept(',')) {
        this.#expect('}');
        break;
      }
    }
    return { kind: 'object', entries };
  }

  #entry(): [Node, Node] {
    const token = this.#peek;
    this.#at++;
    if (token.type === 'variable') return [literal(token.text), { kind: 'variable', name: token.text }];
    let key: Node;
    if (token.type === 'word' || token.type === 'number') key = literal(token.text);
    else if (token.type === 'string') key = this.#stringNode(token.parts!);
    else if (token.type === 'format') {
      const next = this.#peek;
      if (next.type === 'string') this.#at++;
      key = next.type === 'string' ? this.#stringNode(next.parts!, token.text) : literal(`@${token.text}`);
    } else if (token.text === '(' && token.type === 'op') {
      key = this.#pipe();
      this.#expect(')');
    } else {
      this.#at--;
      this.#unexpected();
    }
    if (!this.#accept(':')) return [key, { kind: 'index', target: IDENTITY, key }];
    return [key, this.#entryValue()];
  }

  /** Values without a comma: terms, joined by pipes. */
  #entryValue(): Node {
    const left = this.#alternative();
    return this.#accept('|') ? { kind: 'pipe', left, right: this.#entryValue() } : left;
  }
}

/** Reads a program; throws CompileError. */
export const parseJq = (text: string): Node => new Parser(new Lexer(text).tokens).program();

/** Reads definitions alone. */
export const parseDefinitions = (text: string): Definition[] => {
  const found: Definition[] = [];
  let node = parseJq(text);
  while (node.kind === 'define') {
    found.push(node.definition);
    node = node.body;
  }
  return found;
};
