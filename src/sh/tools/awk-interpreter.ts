import type { Expression, Program, Statement, Value } from './awk-syntax.ts';
import { formatPrintf } from './printf.ts';
import { toRegExp } from './regexp.ts';
import { ToolError } from './tool.ts';

export class Jump extends Error {
  constructor(
    readonly to: string,
    readonly value: Value = '',
  ) {
    super(to);
  }
}

/** A field that looks like a number compares as one. */
const LOOKS_NUMERIC = /^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$/;

export const toNumber = (value: Value): number => (typeof value === 'number' ? value : Number.parseFloat(value) || 0);

export class Interpreter {
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
