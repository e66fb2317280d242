import { formatPrintf } from './printf.ts';
import { toRegExp } from './text.ts';
import { inputs, isBusybox, linesOf, type Tool, ToolError } from './tool.ts';

type Value = string | number;

type Expression =
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

type Statement =
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

interface Rule {
  begin?: boolean;
  end?: boolean;
  pattern?: Expression;
  until?: Expression;
  active?: boolean;
  body?: Statement;
}

interface Program {
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
const unescapeText = (text: string) => text.replace(/\\([\s\S])/g, (whole, char: string) => ESCAPES[char] ?? whole);
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

class AwkParser {
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

class Jump extends Error {
  constructor(
    readonly to: string,
    readonly value: Value = '',
  ) {
    super(to);
  }
}

/** A field that looks like a number compares as one. */
const LOOKS_NUMERIC = /^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$/;
const toNumber = (value: Value): number => (typeof value === 'number' ? value : Number.parseFloat(value) || 0);

class Interpreter {
  readonly variables = new Map<string, Value>([
    ['FS', ' '],
    ['OFS', ' '],
    ['ORS', '\n'],
    ['RS', '\n'],
    ['NR', 0],
    ['NF', 0],
    ['FNR', 0],
    ['SUBSEP', '\x1c'],
    ['OFMT', '%.6g'],
    ['RSTART', 0],
    ['RLENGTH', -1],
  ]);
  readonly arrays = new Map<string, Map<string, Value>>();
  readonly files = new Map<string, string>();
  #scopes: (Map<string, Value | Map<string, Value>> | undefined)[] = [];
  #fields: string[] = [''];
  output = '';
  records: string[] = [];

  constructor(
    private readonly program: Program,
    private readonly now: number,
  ) {}

  text(value: Value): string {
    if (typeof value === 'string') return value;
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  }

  setRecord(text: string): void {
    this.#fields = [text, ...this.#split(text, this.text(this.variables.get('FS')!))];
    this.variables.set('NF', this.#fields.length - 1);
  }

  #split(text: string, separator: string): string[] {
    if (text === '') return [];
    if (separator === ' ') return text.trim().split(/\s+/).filter(Boolean);
    if (separator.length === 1 && separator !== '\t')
      return text.split(
        separator === '|' || !/[\\.^$*+?()[\]{}|]/.test(separator) ? separator : separator === '\\' ? '\\' : separator,
      );
    return text.split(toRegExp(separator, true));
  }

  #array(name: string): Map<string, Value> {
    const local = this.#scopes.at(-1)?.get(name);
    if (local instanceof Map) return local;
    if (this.#scopes.at(-1)?.has(name)) {
      const made = new Map<string, Value>();
      this.#scopes.at(-1)!.set(name, made);
      return made;
    }
    if (!this.arrays.has(name)) this.arrays.set(name, new Map());
    return this.arrays.get(name)!;
  }

  #key(keys: Expression[]): string {
    return keys.map((key) => this.text(this.evaluate(key))).join('\x1c');
  }

  #assign(target: Expression, value: Value): Value {
    if (target.kind === 'variable') {
      const scope = this.#scopes.at(-1);
      if (scope?.has(target.name)) scope.set(target.name, value);
      else this.variables.set(target.name, value);
      if (target.name === 'NF') this.#rebuild(toNumber(value));
    } else if (target.kind === 'element') this.#array(target.name).set(this.#key(target.keys), value);
    else if (target.kind === 'field') {
      const index = toNumber(this.evaluate(target.index));
      if (index === 0) this.setRecord(this.text(value));
      else {
        while (this.#fields.length <= index) this.#fields.push('');
        this.#fields[index] = this.text(value);
        this.variables.set('NF', this.#fields.length - 1);
        this.#rebuild(this.#fields.length - 1);
      }
    }
    return value;
  }

  #rebuild(count: number): void {
    const fields = Array.from({ length: count }, (_, index) => this.#fields[index + 1] ?? '');
    this.#fields = [fields.join(this.text(this.variables.get('OFS')!)), ...fields];
  }

  truthy(expression: Expression): boolean {
    if (expression.kind === 'regex') return expression.value.test(this.#fields[0]!);
    const value = this.evaluate(expression);
    if (typeof value === 'number') return value !== 0;
    return (
      value !== '' &&
      !(
        (expression.kind === 'field' || expression.kind === 'element') &&
        LOOKS_NUMERIC.test(value) &&
        Number(value) === 0
      )
    );
  }

  #pattern(expression: Expression): RegExp {
    return expression.kind === 'regex' ? expression.value : toRegExp(this.text(this.evaluate(expression)), true);
  }

  evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value;
      case 'regex':
        return Number(expression.value.test(this.#fields[0]!));
      case 'variable': {
        const local = this.#scopes.at(-1)?.get(expression.name);
        return local instanceof Map ? '' : (local ?? this.variables.get(expression.name) ?? '');
      }
      case 'field':
        return this.#fields[toNumber(this.evaluate(expression.index))] ?? '';
      case 'element':
        return this.#array(expression.name).get(this.#key(expression.keys)) ?? '';
      case 'in':
        return Number(this.#array(expression.name).has(this.#key(expression.keys)));
      case 'assign': {
        const value = this.evaluate(expression.value);
        return this.#assign(
          expression.target,
          expression.operator === ''
            ? value
            : arithmetic(expression.operator, toNumber(this.evaluate(expression.target)), toNumber(value)),
        );
      }
      case 'step': {
        const before = toNumber(this.evaluate(expression.target));
        this.#assign(expression.target, before + expression.by);
        return expression.prefix ? before + expression.by : before;
      }
      case 'ternary':
        return this.evaluate(this.truthy(expression.condition) ? expression.yes : expression.no);
      case 'unary':
        if (expression.operator === '(') return this.evaluate(expression.operand);
        if (expression.operator === '!') return Number(!this.truthy(expression.operand));
        return (expression.operator === '-' ? -1 : 1) * toNumber(this.evaluate(expression.operand));
      case 'getline': {
        const record = this.records.shift();
        if (record === undefined) return 0;
        this.variables.set('NR', toNumber(this.variables.get('NR')!) + 1);
        if (expression.target) this.#assign(expression.target, record);
        else this.setRecord(record);
        return 1;
      }
      case 'call':
        return this.#call(expression.name, expression.args);
      case 'binary':
        return this.#binary(expression);
    }
  }

  #binary({ operator, left, right }: Expression & { kind: 'binary' }): Value {
    if (operator === '&&') return Number(this.truthy(left) && this.truthy(right));
    if (operator === '||') return Number(this.truthy(left) || this.truthy(right));
    if (operator === '~' || operator === '!~')
      return Number(this.#pattern(right).test(this.text(this.evaluate(left))) === (operator === '~'));
    const [a, b] = [this.evaluate(left), this.evaluate(right)];
    if (operator === ' ') return this.text(a) + this.text(b);
    if (!/^[<>=!]/.test(operator)) return arithmetic(operator, toNumber(a), toNumber(b));
    const numeric = (value: Value, source: Expression) =>
      typeof value === 'number' ||
      (source.kind !== 'string' && (LOOKS_NUMERIC.test(value) || (value === '' && source.kind === 'variable')));
    const [x, y] = numeric(a, left) && numeric(b, right) ? [toNumber(a), toNumber(b)] : [this.text(a), this.text(b)];
    switch (operator) {
      case '<':
        return Number(x < y);
      case '<=':
        return Number(x <= y);
      case '>':
        return Number(x > y);
      case '>=':
        return Number(x >= y);
      case '==':
        return Number(x === y);
      default:
        return Number(x !== y);
    }
  }

  #call(name: string, args: Expression[]): Value {
    const text = (index: number) => this.text(this.evaluate(args[index]!));
    const number = (index: number) => toNumber(this.evaluate(args[index]!));
    switch (name) {
      case 'length': {
        if (args.length === 0) return this.#fields[0]!.length;
        const [arg] = args;
        if (arg!.kind === 'variable' && !this.variables.has(arg!.name) && this.arrays.has(arg!.name))
          return this.#array(arg!.name).size;
        return text(0).length;
      }
      case 'substr': {
        const value = text(0);
        const start = Math.round(number(1));
        const end = args.length > 2 ? start + Math.round(number(2)) : Number.POSITIVE_INFINITY;
        return value.slice(Math.max(0, start - 1), Math.max(0, end - 1));
      }
      case 'index':
        return text(0).indexOf(text(1)) + 1;
      case 'split': {
        const parts =
          args[2]?.kind === 'regex'
            ? text(0) === ''
              ? []
              : text(0).split(args[2].value)
            : this.#split(text(0), args[2] ? text(2) : this.text(this.variables.get('FS')!));
        const array = this.#array((args[1] as { name: string }).name);
        array.clear();
        parts.forEach((part, index) => void array.set(String(index + 1), part));
        return parts.length;
      }
      case 'sub':
      case 'gsub': {
        const target = args[2] ?? ({ kind: 'field', index: { kind: 'number', value: 0 } } as Expression);
        const replacement = text(1);
        let count = 0;
        const result = this.text(this.evaluate(target)).replace(
          new RegExp(this.#pattern(args[0]!).source, name === 'gsub' ? 'g' : ''),
          (match) => {
            count++;
            return replacement.replace(/\\\\|\\&|&/g, (piece) => (piece === '&' ? match : piece.slice(1)));
          },
        );
        if (count > 0) this.#assign(target, result);
        return count;
      }
      case 'match': {
        const found = this.#pattern(args[1]!).exec(text(0));
        this.variables.set('RSTART', found ? found.index + 1 : 0);
        this.variables.set('RLENGTH', found ? found[0].length : -1);
        return found ? found.index + 1 : 0;
      }
      case 'sprintf':
        return this.#format(args);
      case 'toupper':
        return text(0).toUpperCase();
      case 'tolower':
        return text(0).toLowerCase();
      case 'int':
        return Math.trunc(number(0));
      case 'sqrt':
        return Math.sqrt(number(0));
      case 'exp':
        return Math.exp(number(0));
      case 'log':
        return Math.log(number(0));
      case 'sin':
        return Math.sin(number(0));
      case 'cos':
        return Math.cos(number(0));
      case 'srand':
        return 0;
      case 'rand':
        return (Math.floor(this.now) % 10_007) / 10_007;
      case 'systime':
        return Math.floor(this.now / 1000);
      case 'strftime':
        return new Date(this.now).toISOString();
      case 'close':
      case 'fflush':
        return 0;
      case 'system':
        throw new ToolError('system() is not available in kubemu');
    }
    const defined = this.program.functions[name];
    if (!defined) throw new ToolError(`cmd. line:1: Call to undefined function`);
    const scope = new Map<string, Value | Map<string, Value>>();
    defined.parameters.forEach((parameter, index) => {
      const arg = args[index];
      const isArray =
        arg?.kind === 'variable' && (this.arrays.has(arg.name) || this.#scopes.at(-1)?.get(arg.name) instanceof Map);
      scope.set(parameter, isArray ? this.#array((arg as { name: string }).name) : arg ? this.evaluate(arg) : '');
    });
    this.#scopes.push(scope);
    try {
      this.run(defined.body);
      return '';
    } catch (error) {
      if (error instanceof Jump && error.to === 'return') return error.value;
      throw error;
    } finally {
      this.#scopes.pop();
    }
  }

  #format(args: Expression[]): string {
    const [format, ...values] = args.map((arg) => this.evaluate(arg));
    const verbs = this.text(format ?? '').match(/%[-+ #0]*[0-9*]*(?:\.[0-9*]+)?[a-zA-Z]/g)?.length ?? 0;
    return formatPrintf(
      this.text(format ?? ''),
      values
        .slice(0, Math.max(verbs, 0))
        .map((value, index) =>
          /[diouxXeEfgG]$/.test(
            (this.text(format ?? '').match(/%[-+ #0]*[0-9*]*(?:\.[0-9*]+)?[a-zA-Z]/g) ?? [])[index] ?? '',
          )
            ? String(toNumber(value))
            : this.text(value),
        ),
    ).text;
  }

  run(statement: Statement): void {
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.body) this.run(inner);
        return;
      case 'expression':
        this.evaluate(statement.expression);
        return;
      case 'print':
        return this.#print(statement);
      case 'if':
        if (this.truthy(statement.condition)) this.run(statement.yes);
        else if (statement.no) this.run(statement.no);
        return;
      case 'while':
        return this.#loop(() => this.truthy(statement.condition), statement.body, undefined, statement.first);
      case 'for':
        if (statement.init) this.run(statement.init);
        return this.#loop(
          () => !statement.condition || this.truthy(statement.condition),
          statement.body,
          statement.update,
          true,
        );
      case 'each':
        for (const key of [...this.#array(statement.array).keys()]) {
          this.#assign({ kind: 'variable', name: statement.name }, key);
          if (!this.#iterate(statement.body)) return;
        }
        return;
      case 'delete':
        if (statement.keys) this.#array(statement.name).delete(this.#key(statement.keys));
        else this.#array(statement.name).clear();
        return;
      case 'jump':
        throw new Jump(statement.to);
      default:
        throw new Jump(
          statement.kind,
          statement.value ? this.evaluate(statement.value) : statement.kind === 'exit' ? 0 : '',
        );
    }
  }

  #iterate(body: Statement): boolean {
    try {
      this.run(body);
    } catch (error) {
      if (!(error instanceof Jump) || (error.to !== 'break' && error.to !== 'continue')) throw error;
      return error.to === 'continue';
    }
    return true;
  }

  #loop(condition: () => boolean, body: Statement, update: Statement | undefined, first: boolean): void {
    for (let count = 0; (!first && count === 0) || condition(); count++) {
      if (count > 1_000_000 || !this.#iterate(body)) return;
      if (update) this.run(update);
    }
  }

  #print({ args, format, mode, file }: Statement & { kind: 'print' }): void {
    const text = format
      ? this.#format(args)
      : (args.length === 0
          ? this.#fields[0]!
          : args.map((arg) => this.text(this.evaluate(arg))).join(this.text(this.variables.get('OFS')!))) +
        this.text(this.variables.get('ORS')!);
    const name = file ? this.text(this.evaluate(file)) : '/dev/stdout';
    if (!mode || name === '/dev/stdout' || mode === '|') this.output += text;
    else this.files.set(name, (this.files.get(name) ?? '') + text);
  }
}

function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new ToolError('cmd. line:1: Division by zero');
      return a / b;
    case '%':
      return a % b;
    default:
      return a ** b;
  }
}

export const awk: Tool = (context) => {
  const args = context.argv.slice(1);
  const assignments: [string, string][] = [];
  let separator: string | undefined;
  let text: string | undefined;
  while (args[0]?.startsWith('-') && args[0].length > 1) {
    const option = args.shift()!;
    if (option === '--') break;
    const value = option.length > 2 ? option.slice(2) : (args.shift() ?? '');
    if (option.startsWith('-F')) separator = value;
    else if (option.startsWith('-v'))
      assignments.push([value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)]);
    else if (option.startsWith('-f')) text = inputs(context, [value])[0]!.text;
    else
      throw new ToolError(
        isBusybox(context) ? `unrecognized option: ${option.slice(1, 2)}` : `unknown option ${option} ignored`,
      );
  }
  text ??= args.shift();
  if (text === undefined)
    return {
      stdout: '',
      stderr: isBusybox(context)
        ? 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n'
        : 'Usage: mawk [Options] [Program] [file ...]\n',
      code: isBusybox(context) ? 1 : 2,
    };
  const program = new AwkParser(text).program();
  const interpreter = new Interpreter(program, context.machine.now());
  if (separator !== undefined) interpreter.variables.set('FS', separator === 't' ? '\t' : unescapeText(separator));
  for (const [name, value] of assignments) interpreter.variables.set(name, unescapeText(value));
  interpreter.arrays.set('ENVIRON', new Map(Object.entries(context.env)));
  let code = 0;
  let stderr = '';
  const step = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Jump)) throw error;
      if (error.to === 'exit') code = Number(error.value);
      return error.to === 'next';
    }
  };
  const runRule = (rule: Rule) => {
    if (rule.until) {
      if (!rule.active && !interpreter.truthy(rule.pattern!)) return;
      rule.active = !interpreter.truthy(rule.until);
    } else if (rule.pattern && !interpreter.truthy(rule.pattern)) return;
    interpreter.run(rule.body ?? { kind: 'print', args: [], format: false });
  };
  const rules = program.rules.filter((rule) => !rule.begin && !rule.end);
  const begins = program.rules.filter((rule) => rule.begin);
  let going = begins.every((rule) => step(() => interpreter.run(rule.body!)));
  const needsInput = rules.length > 0 || program.rules.some((rule) => rule.end);
  if (going && needsInput) {
    const files = args.filter((arg) => {
      const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg);
      if (match) interpreter.variables.set(match[1]!, match[2]!);
      return !match;
    });
    for (const file of files.length > 0 ? files : ['-']) {
      let content: string;
      try {
        content = inputs(context, [file])[0]!.text;
      } catch (error) {
        if (!(error as { code?: string }).code) throw error;
        stderr += isBusybox(context)
          ? `awk: ${file}: No such file or directory\n`
          : `awk: cannot open "${file}" (No such file or directory)\n`;
        code = 2;
        continue;
      }
      const separatorOfRecords = interpreter.text(interpreter.variables.get('RS')!);
      interpreter.records =
        separatorOfRecords === '\n'
          ? linesOf(content)
          : separatorOfRecords === ''
            ? content.trim().split(/\n\n+/)
            : content.replace(/\n$/, '').split(separatorOfRecords);
      interpreter.variables.set('FILENAME', file === '-' ? '' : file);
      interpreter.variables.set('FNR', 0);
      while (going && interpreter.records.length > 0) {
        const record = interpreter.records.shift()!;
        for (const name of ['NR', 'FNR'])
          interpreter.variables.set(name, toNumber(interpreter.variables.get(name)!) + 1);
        interpreter.setRecord(record);
        going = step(() => {
          for (const rule of rules) runRule(rule);
        });
      }
    }
  }
  for (const rule of program.rules.filter((candidate) => candidate.end))
    if (!step(() => interpreter.run(rule.body!))) break;
  for (const [name, content] of interpreter.files) {
    if (name === '/dev/stderr') stderr += content;
    else context.machine.files.write(context.path(name), content);
  }
  return { stdout: interpreter.output, stderr, code };
};
