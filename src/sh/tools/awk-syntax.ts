import { toRegExp } from './regexp.ts';
import { ToolError } from './tool.ts';

export type Value = string | number;

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; value: RegExp }
  | { kind: 'variable'; name: string }
  | { kind: 'field'; index: Expression }
  | { kind: 'element'; name: string; keys: Expression[] }
  | { kind: 'in'; keys: Expression[]; name: string }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'unary'; operator: string; operand: Expression }
  | { kind: 'assign'; operator: string; target: Expression; value: Expression }
  | { kind: 'step'; by: number; prefix: boolean; target: Expression }
  | { kind: 'ternary'; condition: Expression; yes: Expression; no: Expression }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'getline'; target?: Expression };

export type Statement =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'print'; args: Expression[]; format: boolean; mode?: string; file?: Expression }
  | { kind: 'if'; condition: Expression; yes: Statement; no?: Statement }
  | { kind: 'while'; condition: Expression; body: Statement; first: boolean }
  | { kind: 'for'; init?: Statement; condition?: Expression; update?: Statement; body: Statement }
  | { kind: 'each'; name: string; array: string; body: Statement }
  | { kind: 'block'; body: Statement[] }
  | { kind: 'jump'; to: 'next' | 'break' | 'continue' }
  | { kind: 'exit' | 'return'; value?: Expression }
  | { kind: 'delete'; name: string; keys?: Expression[] };

export interface Rule {
  begin?: boolean;
  end?: boolean;
  pattern?: Expression;
  until?: Expression;
  active?: boolean;
  body?: Statement;
}

export interface Program {
  rules: Rule[];
  functions: Record<string, { parameters: string[]; body: Statement }>;
}

const TOKEN =
  /[ \t\r]+|\\\n|#[^\n]*|(\n)|([0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+)|"((?:[^"\\]|\\[\s\S])*)"|([A-Za-z_][A-Za-z0-9_]*\(?)|(\+\+|--|\*\*=?|[-+*/%^!=<>]=|&&|\|\||>>|!~|[-+*/%^!<>=~?:,;(){}[\]$|])/y;

interface Token {
  kind: 'newline' | 'number' | 'string' | 'name' | 'call' | 'operator' | 'regex' | 'end';
  text: string;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', '/': '/' };

export const unescapeText = (text: string) =>
  text.replace(/\\([\s\S])/g, (whole, char: string) => ESCAPES[char] ?? whole);

const KEYWORDS = new Set([
  'if',
  'while',
  'for',
  'print',
  'printf',
  'function',
  'func',
  'return',
  'BEGIN',
  'END',
  'in',
  'delete',
  'exit',
  'getline',
]);

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const last = tokens.at(-1);
    const operand =
      last &&
      (['number', 'string', 'regex'].includes(last.kind) ||
        (last.kind === 'name' && !KEYWORDS.has(last.text)) ||
        ')]$'.includes(last.text));
    if (text[at] === '/' && !operand) {
      const match = /\/((?:[^/\\\n]|\\.)*)\//y;
      match.lastIndex = at;
      const found = match.exec(text);
      if (found) {
        tokens.push({ kind: 'regex', text: found[1]!.replaceAll('\\/', '/') });
        at = match.lastIndex;
        continue;
      }
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new ToolError(`cmd. line:1: Unexpected token`);
    at = TOKEN.lastIndex;
    const [, newline, number, string, name, operator] = match;
    if (newline) tokens.push({ kind: 'newline', text: '\n' });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unescapeText(string) });
    else if (name !== undefined) {
      const bare = name.replace('(', '');
      if (name.endsWith('(') && !KEYWORDS.has(bare)) tokens.push({ kind: 'call', text: bare });
      else {
        tokens.push({ kind: 'name', text: bare });
        if (name.endsWith('(')) tokens.push({ kind: 'operator', text: '(' });
      }
    } else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

export class AwkParser {
  #at = 0;
  readonly #tokens: Token[];
  #noIn = false;
  #noGreater = false;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #is(text: string): boolean {
    const { kind } = this.#token;
    return this.#token.text === text && (kind === 'operator' || kind === 'name' || kind === 'newline');
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw new ToolError('cmd. line:1: Unexpected token');
  }

  #newlines(): void {
    while (this.#accept('\n') || this.#accept(';'));
  }

  program(): Program {
    const program: Program = { rules: [], functions: {} };
    for (this.#newlines(); this.#token.kind !== 'end'; this.#newlines()) {
      if (this.#accept('function') || this.#accept('func')) {
        const name = this.#tokens[this.#at++]!;
        if (name.kind !== 'call') this.#expect('(');
        const parameters: string[] = [];
        while (!this.#accept(')')) {
          parameters.push(this.#tokens[this.#at++]!.text);
          this.#accept(',');
        }
        this.#lineBreaks();
        program.functions[name.text] = { parameters, body: this.#block() };
      } else if (this.#accept('BEGIN')) program.rules.push({ begin: true, body: this.#block() });
      else if (this.#accept('END')) program.rules.push({ end: true, body: this.#block() });
      else if (this.#is('{')) program.rules.push({ body: this.#block() });
      else {
        const rule: Rule = { pattern: this.#expression() };
        if (this.#accept(',')) rule.until = this.#expression();
        if (this.#is('{')) rule.body = this.#block();
        program.rules.push(rule);
      }
    }
    return program;
  }

  #lineBreaks(): void {
    while (this.#accept('\n'));
  }

  #block(): Statement {
    this.#expect('{');
    const body: Statement[] = [];
    for (this.#newlines(); !this.#accept('}'); this.#newlines()) body.push(this.#statement());
    return { kind: 'block', body };
  }

  #body(): Statement {
    this.#lineBreaks();
    if (this.#accept(';')) return { kind: 'block', body: [] };
    const statement = this.#statement();
    if (!this.#is('}')) this.#accept(';');
    return statement;
  }

  #statement(): Statement {
    if (this.#is('{')) return this.#block();
    if (this.#accept('if')) {
      this.#expect('(');
      const condition = this.#expression();
      this.#expect(')');
      const yes = this.#body();
      const before = this.#at;
      this.#newlines();
      if (this.#accept('else')) return { kind: 'if', condition, yes, no: this.#body() };
      this.#at = before;
      return { kind: 'if', condition, yes };
    }
    if (this.#accept('while')) {
      this.#expect('(');
      const condition = this.#expression();
      this.#expect(')');
      return { kind: 'while', condition, body: this.#body(), first: true };
    }
    if (this.#accept('do')) {
      const body = this.#body();
      this.#newlines();
      this.#expect('while');
      this.#expect('(');
      const condition = this.#expression();
      this.#expect(')');
      return { kind: 'while', condition, body, first: false };
    }
    if (this.#accept('for')) return this.#for();
    if (this.#is('print') || this.#is('printf')) return this.#print();
    for (const to of ['next', 'break', 'continue'] as const) if (this.#accept(to)) return { kind: 'jump', to };
    for (const kind of ['exit', 'return'] as const) {
      if (!this.#accept(kind)) continue;
      const ends = this.#is(';') || this.#is('\n') || this.#is('}') || this.#token.kind === 'end';
      return ends ? { kind } : { kind, value: this.#expression() };
    }
    if (this.#accept('delete')) {
      const name = this.#tokens[this.#at++]!.text;
      return this.#accept('[') ? { kind: 'delete', name, keys: this.#keys() } : { kind: 'delete', name };
    }
    return { kind: 'expression', expression: this.#expression() };
  }

  #for(): Statement {
    this.#expect('(');
    const [name, word, array, close] = this.#tokens.slice(this.#at, this.#at + 4);
    if (name?.kind === 'name' && word?.text === 'in' && close?.text === ')') {
      this.#at += 4;
      return { kind: 'each', name: name.text, array: array!.text, body: this.#body() };
    }
    const init = this.#is(';') ? undefined : this.#statement();
    this.#expect(';');
    const condition = this.#is(';') ? undefined : this.#expression();
    this.#expect(';');
    const update = this.#is(')') ? undefined : this.#statement();
    this.#expect(')');
    return {
      kind: 'for',
      ...(init && { init }),
      ...(condition && { condition }),
      ...(update && { update }),
      body: this.#body(),
    };
  }

  #print(): Statement {
    const format = this.#tokens[this.#at++]!.text === 'printf';
    const ends = () => ['\n', ';', '}', '>', '>>', '|'].some((text) => this.#is(text)) || this.#token.kind === 'end';
    const before = this.#noGreater;
    this.#noGreater = true;
    let args: Expression[] = [];
    const start = this.#at;
    if (!ends() && this.#accept('(')) {
      this.#noGreater = false;
      args = this.#list(')');
      this.#noGreater = true;
      if (!ends()) {
        this.#at = start;
        args = [];
      }
    }
    if (args.length === 0)
      while (!ends()) {
        args.push(this.#expression());
        if (!this.#accept(',')) break;
        this.#lineBreaks();
      }
    this.#noGreater = before;
    const mode = ['>>', '>', '|'].find((text) => this.#accept(text));
    return { kind: 'print', args, format, ...(mode && { mode, file: this.#concatenation() }) };
  }

  #list(close: string): Expression[] {
    const found: Expression[] = [];
    while (!this.#accept(close)) {
      found.push(this.#expression());
      if (!this.#accept(',') && !this.#is(close)) throw new ToolError('cmd. line:1: Unexpected token');
      this.#lineBreaks();
    }
    return found;
  }

  #keys(): Expression[] {
    const before = [this.#noIn, this.#noGreater] as const;
    [this.#noIn, this.#noGreater] = [false, false];
    const keys = this.#list(']');
    [this.#noIn, this.#noGreater] = before;
    return keys;
  }

  #expression(): Expression {
    const left = this.#ternary();
    const operator = ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**='].find((text) => this.#is(text));
    if (!operator || !['variable', 'field', 'element'].includes(left.kind)) return left;
    this.#at++;
    return { kind: 'assign', operator: operator.slice(0, -1), target: left, value: this.#expression() };
  }

  #ternary(): Expression {
    const condition = this.#or();
    if (!this.#accept('?')) return condition;
    this.#lineBreaks();
    const yes = this.#expression();
    this.#lineBreaks();
    this.#expect(':');
    this.#lineBreaks();
    return { kind: 'ternary', condition, yes, no: this.#expression() };
  }

  #chain(operators: string[], next: () => Expression): Expression {
    let left = next();
    for (;;) {
      const operator = operators.find((text) => this.#is(text));
      if (!operator) return left;
      this.#at++;
      if (operator === '&&' || operator === '||') this.#lineBreaks();
      left = { kind: 'binary', operator, left, right: next() };
    }
  }

  #or(): Expression {
    return this.#chain(['||'], () => this.#chain(['&&'], () => this.#in()));
  }

  #in(): Expression {
    let left = this.#chain(['~', '!~'], () => this.#comparison());
    while (!this.#noIn && this.#is('in')) {
      this.#at++;
      left = { kind: 'in', keys: [left], name: this.#tokens[this.#at++]!.text };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#concatenation();
    const operator = ['<', '<=', '==', '!=', '>=', ...(this.#noGreater ? [] : ['>'])].find((text) => this.#is(text));
    if (!operator) return left;
    this.#at++;
    return { kind: 'binary', operator, left, right: this.#concatenation() };
  }

  #concatenation(): Expression {
    let left = this.#additive();
    for (;;) {
      const { kind, text } = this.#token;
      const begins =
        kind === 'number' ||
        kind === 'string' ||
        kind === 'call' ||
        (kind === 'name' && !KEYWORDS.has(text) && text !== 'else') ||
        (kind === 'operator' && ['$', '(', '!', '-', '++', '--'].includes(text));
      if (!begins) return left;
      left = { kind: 'binary', operator: ' ', left, right: this.#additive() };
    }
  }

  #additive(): Expression {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/', '%'], () => this.#unary()));
  }

  #unary(): Expression {
    const operator = ['!', '-', '+'].find((text) => this.#is(text));
    if (!operator) return this.#power();
    this.#at++;
    return { kind: 'unary', operator, operand: this.#unary() };
  }

  #power(): Expression {
    const base = this.#postfix();
    return this.#accept('^') || this.#accept('**')
      ? { kind: 'binary', operator: '^', left: base, right: this.#unary() }
      : base;
  }

  #postfix(): Expression {
    const target = this.#primary();
    if (!['variable', 'field', 'element'].includes(target.kind)) return target;
    if (this.#accept('++')) return { kind: 'step', by: 1, prefix: false, target };
    if (this.#accept('--')) return { kind: 'step', by: -1, prefix: false, target };
    return target;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++]!;
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'string':
        return { kind: 'string', value: token.text };
      case 'regex':
        return { kind: 'regex', value: toRegExp(token.text, true) };
      case 'call':
        return { kind: 'call', name: token.text, args: this.#listWithin() };
      case 'name':
        if (token.text === 'getline')
          return {
            kind: 'getline',
            ...(this.#token.kind === 'name' || this.#is('$') ? { target: this.#primary() } : {}),
          };
        if (token.text === 'length') return { kind: 'call', name: 'length', args: [] };
        if (this.#accept('[')) return { kind: 'element', name: token.text, keys: this.#keys() };
        return { kind: 'variable', name: token.text };
    }
    if (token.text === '$') {
      const step = this.#is('++') || this.#is('--');
      return { kind: 'field', index: step ? this.#unaryStep() : this.#primary() };
    }
    if (token.text === '++' || token.text === '--')
      return { kind: 'step', by: token.text === '++' ? 1 : -1, prefix: true, target: this.#primary() };
    if (token.text === '-' || token.text === '!')
      return { kind: 'unary', operator: token.text, operand: this.#primary() };
    if (token.text === '(') {
      const keys = this.#listWithin();
      if (this.#is('in') && keys.length > 1) {
        this.#at++;
        return { kind: 'in', keys, name: this.#tokens[this.#at++]!.text };
      }
      if (keys.length !== 1) throw new ToolError('cmd. line:1: Unexpected token');
      return { kind: 'unary', operator: '(', operand: keys[0]! };
    }
    throw new ToolError('cmd. line:1: Unexpected token');
  }

  #unaryStep(): Expression {
    const by = this.#tokens[this.#at++]!.text === '++' ? 1 : -1;
    return { kind: 'step', by, prefix: true, target: this.#primary() };
  }

  #listWithin(): Expression[] {
    const before = [this.#noIn, this.#noGreater] as const;
    [this.#noIn, this.#noGreater] = [false, false];
    const list = this.#list(')');
    [this.#noIn, this.#noGreater] = before;
    return list;
  }
}
