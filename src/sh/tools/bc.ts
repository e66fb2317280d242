import { ok, type Tool, type ToolContext, unlines } from './tool.ts';

/** A decimal number: `digits` hundredths, thousandths … by `scale`. */
interface Decimal {
  digits: bigint;
  scale: number;
}

const TEN = 10n;
const power = (n: number): bigint => TEN ** BigInt(n);
const whole = (digits: bigint): Decimal => ({ digits, scale: 0 });
const rescale = ({ digits, scale }: Decimal, to: number): bigint =>
  to >= scale ? digits * power(to - scale) : digits / power(scale - to);
const truncated = (value: Decimal, to: number): Decimal => ({ digits: rescale(value, to), scale: to });

function parseNumber(text: string, base: number): Decimal {
  const [integer = '', fraction = ''] = text.split('.');
  if (base === 10) return { digits: BigInt(`${integer}${fraction}` || '0'), scale: fraction.length };
  const value = [...integer].reduce((sum, digit) => sum * BigInt(base) + BigInt(Number.parseInt(digit, 36)), 0n);
  return whole(value);
}

/** As bc writes it: no zero before the point. */
function show({ digits, scale }: Decimal, base: number): string {
  const sign = digits < 0n ? '-' : '';
  const size = digits < 0n ? -digits : digits;
  if (base !== 10) return `${sign}${(size / power(scale)).toString(base).toUpperCase()}`;
  const text = size.toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + text;
  const integer = text.slice(0, -scale);
  return size === 0n ? '0' : `${sign}${integer === '0' ? '' : integer}.${text.slice(-scale)}`;
}

class Wrong extends Error {}

const TOKEN =
  /\s*(?:(\d*\.?[\dA-F]+\.?|\.)|([a-z_]\w*)|"([^"]*)"|([-+*/%^]=|\+\+|--|[<>=!]=|&&|\|\||[-+*/%^()=<>!;,\n]))/y;
type Token = { kind: 'number' | 'name' | 'text' | 'sign'; text: string };

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const text = source
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/#.*/g, '')
    .replace(/\\\n/g, '')
    .replace(/[ \t]+/g, ' ');
  let at = 0;
  while (at < text.length) {
    if (text[at] === '\n') {
      tokens.push({ kind: 'sign', text: '\n' });
      at++;
      continue;
    }
    if (text[at] === ' ') {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new Wrong('(standard_in) 1: syntax error');
    const [, number, name, quoted, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted });
    else tokens.push({ kind: 'sign', text: sign! });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

const FLOATS: Record<string, (x: number) => number> = {
  s: Math.sin,
  c: Math.cos,
  a: Math.atan,
  l: Math.log,
  e: Math.exp,
};
const COMPARE: Record<string, (a: bigint, b: bigint) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** Evaluates lines of expressions and assignments; `print`, numbers and texts are written. */
class Calculator {
  readonly #variables = new Map<string, Decimal>();
  #tokens: Token[] = [];
  #at = 0;
  output = '';

  constructor(private readonly library: boolean) {
    this.#variables.set('scale', whole(library ? 20n : 0n));
    this.#variables.set('ibase', whole(TEN));
    this.#variables.set('obase', whole(TEN));
  }

  get #scale(): number {
    return Number(this.#variables.get('scale')!.digits);
  }

  /** Answers whether it goes on. */
  run(line: string): boolean {
    this.#tokens = tokensOf(line);
    this.#at = 0;
    while (this.#at < this.#tokens.length) {
      if (this.#take(';') || this.#take('\n')) continue;
      if (this.#peek()?.text === 'quit') return false;
      this.#statement();
      if (this.#at < this.#tokens.length && !/^[;\n]$/.test(this.#peek()!.text))
        throw new Wrong('(standard_in) 1: syntax error');
    }
    return true;
  }

  #peek = (ahead = 0): Token | undefined => this.#tokens[this.#at + ahead];

  #take(sign: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #statement(): void {
    const token = this.#peek()!;
    const print = token.kind === 'name' && token.text === 'print';
    if (print || token.kind === 'text') {
      if (print) this.#at++;
      do {
        const next = this.#peek();
        if (next?.kind === 'text') {
          this.#at++;
          this.output += print ? next.text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : next.text;
        } else this.output += this.#shown(this.#assignment());
      } while (print && this.#take(','));
      return;
    }
    const assigns = token.kind === 'name' && /^([-+*/%^]?=|\+\+|--)$/.test(this.#peek(1)?.text ?? '');
    const value = this.#assignment();
    if (!assigns) this.output += `${this.#shown(value)}\n`;
  }

  #shown = (value: Decimal): string => show(value, Number(this.#variables.get('obase')!.digits));

  #assignment(): Decimal {
    const name = this.#peek();
    const sign = this.#peek(1)?.text ?? '';
    if (name?.kind !== 'name' || !/^([-+*/%^]?=|\+\+|--)$/.test(sign)) return this.#comparison();
    this.#at += 2;
    const old = this.#variables.get(name.text) ?? whole(0n);
    const value =
      sign === '++' || sign === '--'
        ? this.#apply(sign[0]!, old, whole(1n))
        : sign === '='
          ? this.#assignment()
          : this.#apply(sign[0]!, old, this.#assignment());
    this.#variables.set(name.text, value);
    return value;
  }

  #comparison(): Decimal {
    const left = this.#sum();
    const sign = this.#peek()?.text ?? '';
    const compare = this.#peek()?.kind === 'sign' ? COMPARE[sign] : undefined;
    if (!compare) return left;
    this.#at++;
    const right = this.#sum();
    const scale = Math.max(left.scale, right.scale);
    return whole(compare(rescale(left, scale), rescale(right, scale)) ? 1n : 0n);
  }

  #sum(): Decimal {
    let left = this.#product();
    for (let sign = this.#peek()?.text; sign === '+' || sign === '-'; sign = this.#peek()?.text) {
      this.#at++;
      left = this.#apply(sign, left, this.#product());
    }
    return left;
  }

  #product(): Decimal {
    let left = this.#factor();
    for (let sign = this.#peek()?.text; sign === '*' || sign === '/' || sign === '%'; sign = this.#peek()?.text) {
      this.#at++;
      left = this.#apply(sign, left, this.#factor());
    }
    return left;
  }

  #factor(): Decimal {
    if (this.#take('-')) {
      const { digits, scale } = this.#factor();
      return { digits: -digits, scale };
    }
    const base = this.#atom();
    return this.#take('^') ? this.#apply('^', base, this.#factor()) : base;
  }

  #atom(): Decimal {
    const token = this.#peek();
    if (!token) throw new Wrong('(standard_in) 1: syntax error');
    this.#at++;
    if (token.kind === 'number') return parseNumber(token.text, Number(this.#variables.get('ibase')!.digits));
    if (token.kind === 'sign' && token.text === '(') {
      const value = this.#assignment();
      if (!this.#take(')')) throw new Wrong('(standard_in) 1: syntax error');
      return value;
    }
    if (token.kind !== 'name') throw new Wrong('(standard_in) 1: syntax error');
    if (!this.#take('(')) return this.#variables.get(token.text) ?? whole(0n);
    const value = this.#assignment();
    if (!this.#take(')')) throw new Wrong('(standard_in) 1: syntax error');
    return this.#call(token.text, value);
  }

  #call(name: string, value: Decimal): Decimal {
    if (name === 'sqrt') {
      const scale = Math.max(this.#scale, value.scale);
      return { digits: root(rescale(value, 2 * scale)), scale };
    }
    if (name === 'length') return whole(BigInt(value.digits.toString().replace('-', '').length));
    if (name === 'scale') return whole(BigInt(value.scale));
    const float = this.library ? FLOATS[name] : undefined;
    if (!float) throw new Wrong(`Runtime error (func=(main), adr=3): Function ${name} not defined.`);
    const scale = this.#scale;
    const result = float(Number(show(value, 10)));
    return {
      digits: (BigInt(Math.round(result * 1e15)) * power(Math.max(0, scale - 15))) / power(Math.max(0, 15 - scale)),
      scale,
    };
  }

  #apply(sign: string, a: Decimal, b: Decimal): Decimal {
    const scale = Math.max(a.scale, b.scale);
    if (sign === '+' || sign === '-') {
      const right = rescale(b, scale);
      return { digits: rescale(a, scale) + (sign === '+' ? right : -right), scale };
    }
    if (sign === '*') {
      const kept = Math.min(a.scale + b.scale, Math.max(this.#scale, a.scale, b.scale));
      return truncated({ digits: a.digits * b.digits, scale: a.scale + b.scale }, kept);
    }
    if (sign === '^') {
      const exponent = Number(b.digits / power(b.scale));
      const size = Math.abs(exponent);
      const kept = Math.min(a.scale * size, Math.max(this.#scale, a.scale));
      const raised = truncated({ digits: a.digits ** BigInt(size), scale: a.scale * size }, kept);
      return exponent >= 0 ? raised : this.#apply('/', whole(1n), raised);
    }
    if (b.digits === 0n) throw new Wrong('Runtime error (func=(main), adr=3): Divide by zero');
    const to = this.#scale;
    const quotient = { digits: (a.digits * power(to + b.scale)) / (b.digits * power(a.scale)), scale: to };
    if (sign === '/') return quotient;
    const product = { digits: quotient.digits * b.digits, scale: to + b.scale };
    const rest = Math.max(to + b.scale, a.scale);
    return { digits: rescale(a, rest) - rescale(product, rest), scale: rest };
  }
}

/** The whole part of a square root. */
function root(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = BigInt(Math.floor(Math.sqrt(Number(value))));
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next === guess || next === guess + 1n || next === guess - 1n) {
      guess = next;
      break;
    }
    guess = next;
  }
  while (guess * guess > value) guess--;
  while ((guess + 1n) * (guess + 1n) <= value) guess++;
  return guess;
}

/** bc [-l] [FILE …]: expressions with any number of digits. */
export const bc: Tool = (context: ToolContext) => {
  const words = context.argv.slice(1);
  const calculator = new Calculator(words.some((word) => /^-[a-z]*l|^--mathlib$/.test(word)));
  const files = words.filter((word) => !word.startsWith('-'));
  const texts = [...files.map((file) => context.machine.files.read(context.path(file))), context.stdin];
  let stderr = '';
  for (const line of texts.join('\n').replaceAll('\\\n', '').split('\n')) {
    try {
      if (!calculator.run(line)) break;
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      stderr += unlines([error.message]);
    }
  }
  return { ...ok(calculator.output), stderr };
};
