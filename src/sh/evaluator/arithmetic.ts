/** Shell arithmetic on 64-bit integers. */

export class ArithmeticError extends Error {}

interface Variables {
  get(name: string): string;
  set(name: string, value: string): void;
}

const TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|[0-9]+#[0-9a-zA-Z]+|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|[-+*/%&|^<>=!~?:(),])/y;

const LEVELS: string[][] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new ArithmeticError('syntax error');
    found.push(match[1]!);
    at = TOKEN.lastIndex;
  }
  return found;
}

function number(text: string): bigint {
  const based = /^([0-9]+)#(.+)$/.exec(text);
  if (based) {
    let value = 0n;
    for (const digit of based[2]!.toLowerCase()) value = value * BigInt(based[1]!) + BigInt(Number.parseInt(digit, 36));
    return value;
  }
  if (/^0[0-9]/.test(text)) {
    if (/[89]/.test(text)) throw new ArithmeticError('syntax error');
    return BigInt(`0o${text.slice(1)}`);
  }
  return BigInt(text);
}

function compute(operator: string, a: bigint, b: bigint): bigint {
  if ((operator === '/' || operator === '%') && b === 0n) throw new ArithmeticError('divide by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '==':
      return BigInt(a === b);
    case '!=':
      return BigInt(a !== b);
    case '<':
      return BigInt(a < b);
    case '<=':
      return BigInt(a <= b);
    case '>':
      return BigInt(a > b);
    case '>=':
      return BigInt(a >= b);
    case '&&':
      return BigInt(a !== 0n && b !== 0n);
    default:
      return BigInt(a !== 0n || b !== 0n);
  }
}

/** Evaluates an expression whose parameters are already expanded; names in it are variables. Throws ArithmeticError. */
export function evaluateArithmetic(text: string, variables: Variables, depth = 0): bigint {
  if (depth > 50) throw new ArithmeticError('expression recursion level exceeded');
  const all = tokens(text);
  if (all.length === 0) return 0n;
  let at = 0;
  /** Raised in a branch that is not taken: its assignments do nothing. */
  let skipping = 0;
  const peek = () => all[at];
  const wrap = (value: bigint) => BigInt.asIntN(64, value);
  const valueIn = (name: string): bigint => {
    const value = variables.get(name);
    return value.trim() === '' ? 0n : evaluateArithmetic(value, variables, depth + 1);
  };
  const assign = (name: string, value: bigint): bigint => {
    if (skipping === 0) variables.set(name, String(wrap(value)));
    return wrap(value);
  };
  const isName = (token: string | undefined) => token !== undefined && /^[A-Za-z_]/.test(token);

  function comma(): bigint {
    let value = assignment();
    while (peek() === ',') {
      at++;
      value = assignment();
    }
    return value;
  }
  function assignment(): bigint {
    const operator = all[at + 1];
    if (!isName(peek()) || operator === undefined || !ASSIGNMENTS.has(operator)) return ternary();
    const name = all[at]!;
    at += 2;
    const value = assignment();
    return assign(name, operator === '=' ? value : compute(operator.slice(0, -1), valueIn(name), value));
  }
  function branch(taken: boolean, run: () => bigint): bigint {
    if (!taken) skipping++;
    const value = run();
    if (!taken) skipping--;
    return value;
  }
  function ternary(): bigint {
    const condition = binary(0);
    if (peek() !== '?') return condition;
    at++;
    const yes = branch(condition !== 0n, assignment);
    if (all[at++] !== ':') throw new ArithmeticError('syntax error');
    const no = branch(condition === 0n, assignment);
    return condition !== 0n ? yes : no;
  }
  function binary(level: number): bigint {
    const operators = LEVELS[level];
    if (!operators) return power();
    let left = binary(level + 1);
    while (peek() !== undefined && operators.includes(peek()!)) {
      const operator = all[at++]!;
      const needed = operator === '&&' ? left !== 0n : operator === '||' ? left === 0n : true;
      const right = branch(needed, () => binary(level + 1));
      left = needed ? wrap(compute(operator, left, right)) : BigInt(operator === '||');
    }
    return left;
  }
  function power(): bigint {
    const base = unary();
    if (peek() !== '**') return base;
    at++;
    return wrap(compute('**', base, power()));
  }
  function unary(): bigint {
    const token = peek();
    if (token === '++' || token === '--') {
      at++;
      const name = all[at++]!;
      return assign(name, valueIn(name) + (token === '++' ? 1n : -1n));
    }
    if (token !== undefined && '-+!~'.includes(token)) {
      at++;
      const value = unary();
      return token === '-' ? wrap(-value) : token === '!' ? BigInt(value === 0n) : token === '~' ? ~value : value;
    }
    return primary();
  }
  function primary(): bigint {
    const token = all[at++];
    if (token === undefined) throw new ArithmeticError('syntax error');
    if (token === '(') {
      const value = comma();
      if (all[at++] !== ')') throw new ArithmeticError('syntax error');
      return value;
    }
    if (/^[0-9]/.test(token)) return wrap(number(token));
    if (!isName(token)) throw new ArithmeticError('syntax error');
    const value = valueIn(token);
    if (peek() !== '++' && peek() !== '--') return value;
    assign(token, value + (all[at++] === '++' ? 1n : -1n));
    return value;
  }
  const value = comma();
  if (at < all.length) throw new ArithmeticError('syntax error');
  return value;
}
