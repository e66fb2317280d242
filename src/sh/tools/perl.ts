import { fail, ok, type Tool, ToolError } from './tool.ts';

/** The first digits of pi, rounded: `pi(3)` is `3.14`. By Machin's formula. */
export function pi(digits: number): string {
  const guard = 10n ** BigInt(digits + 9);
  const arctan = (inverse: bigint): bigint => {
    let sum = 0n;
    let term = guard / inverse;
    for (let n = 1n; term !== 0n; n += 2n, term /= -inverse * inverse) sum += term / n;
    return sum;
  };
  const scaled = 4n * (4n * arctan(5n) - arctan(239n));
  const unit = 10n ** 10n;
  const text = String((scaled + unit / 2n) / unit);
  return digits <= 1 ? text[0]! : `${text[0]}.${text.slice(1, digits)}`;
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\$ENV\{['"]?(\w+)['"]?\}|(\w+)|(\*\*|[-+*/%.x(),;]))/gy;
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

type Token = { value: string | number } | { word: string } | { sign: string };

function tokens(text: string, env: Record<string, string>): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new ToolError('kubemu runs only print, say, sleep and exit of Perl', 255);
    const [, number, double, single, variable, word, sign] = match;
    if (number !== undefined) found.push({ value: Number(number) });
    else if (double !== undefined)
      found.push({
        value: double
          .replace(/\$ENV\{['"]?(\w+)['"]?\}/g, (_, name: string) => env[name] ?? '')
          .replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter),
      });
    else if (single !== undefined) found.push({ value: single.replace(/\\(['\\])/g, '$1') });
    else if (variable !== undefined) found.push({ value: env[variable] ?? '' });
    else found.push(word === undefined || word === 'x' ? { sign: sign ?? 'x' } : { word });
  }
  return found;
}

type Value = string | number;

/** By how tightly they bind, loosest first; what stands right of `**` comes first. */
const OPERATORS: Record<string, (a: Value, b: Value) => Value>[] = [
  { '+': (a, b) => Number(a) + Number(b), '-': (a, b) => Number(a) - Number(b), '.': (a, b) => `${a}${b}` },
  {
    '*': (a, b) => Number(a) * Number(b),
    '/': (a, b) => Number(a) / Number(b),
    '%': (a, b) => Number(a) % Number(b),
    x: (a, b) => String(a).repeat(Math.max(0, Math.min(Number(b), 1_000_000))),
  },
  { '**': (a, b) => Number(a) ** Number(b) },
];

/** A one-liner's statements, run in order. */
class Script {
  #at = 0;

  constructor(
    private readonly tokens: Token[],
    private readonly now: number,
  ) {}

  run(lineEnd: string): { stdout: string; code: number; after: number } {
    const result = { stdout: '', code: 0, after: 0 };
    while (this.#at < this.tokens.length) {
      if (this.#sign(';')) continue;
      const verb = this.#word();
      const values = this.#list();
      if (verb === 'print' || verb === 'say') result.stdout += values.join('') + (verb === 'say' ? '\n' : lineEnd);
      else if (verb === 'sleep') result.after += Number(values[0] ?? 0) * 1000;
      else if (verb === 'exit') return { ...result, code: Number(values[0] ?? 0) & 255 };
      else if (verb !== 'use' && verb !== 'no') throw this.#unknown();
    }
    // A thousand digits of pi take perl about a second.
    const digits = result.stdout.length > 200 ? result.stdout.length : 0;
    return { ...result, after: result.after + digits * 2 };
  }

  #unknown = () => new ToolError('kubemu runs only print, say, sleep and exit of Perl', 255);

  #sign(sign: string): boolean {
    const token = this.tokens[this.#at];
    const isIt = token !== undefined && 'sign' in token && token.sign === sign;
    if (isIt) this.#at++;
    return isIt;
  }

  #word(): string {
    const token = this.tokens[this.#at++];
    if (!token || !('word' in token)) throw this.#unknown();
    return token.word;
  }

  #list(): Value[] {
    const values: Value[] = [];
    while (this.#at < this.tokens.length && !this.#sign(';')) {
      values.push(this.#binary(0));
      this.#sign(',');
    }
    return values;
  }

  #binary(level: number): Value {
    const operators = OPERATORS[level];
    if (!operators) return this.#primary();
    let value = this.#binary(level + 1);
    for (;;) {
      const sign = Object.keys(operators).find((each) => this.#sign(each));
      if (sign === undefined) return value;
      value = operators[sign]!(value, this.#binary(sign === '**' ? level : level + 1));
    }
  }

  #primary(): Value {
    if (this.#sign('-')) return -Number(this.#primary());
    if (this.#sign('(')) {
      const value = this.#binary(0);
      if (!this.#sign(')')) throw this.#unknown();
      return value;
    }
    const token = this.tokens[this.#at++];
    if (token && 'value' in token) return token.value;
    if (!token || !('word' in token)) throw this.#unknown();
    if (token.word === 'time') return Math.floor(this.now / 1000);
    if (token.word !== 'bpi') throw this.#unknown();
    return pi(Math.min(Number(this.#primary()), 20_000));
  }
}

/** `perl -e PROGRAM`: what the one-liners of tutorials do, the digits of pi above all (`-Mbignum=bpi -wle 'print bpi(2000)'`). */
export const perl: Tool = ({ argv, env, machine, stdin }) => {
  const words = argv.slice(1);
  if (words.length === 0 && stdin === '') return ok('');
  if (words[0] === '-v' || words[0] === '--version')
    return ok(
      `\nThis is perl 5, version ${env.PERL_VERSION?.split('.')[1] ?? '36'}, subversion ${env.PERL_VERSION?.split('.')[2] ?? '0'} (v${env.PERL_VERSION ?? '5.36.0'}) built for x86_64-linux-gnu\n`,
    );
  const programs: string[] = [];
  let lineEnd = '';
  for (let at = 0; at < words.length; at++) {
    if (!/^-[A-Za-z]/.test(words[at]!))
      throw new ToolError('kubemu runs only one-liners of Perl: perl -e PROGRAM', 255);
    if (words[at]!.startsWith('-M')) continue;
    if (words[at]!.includes('l')) lineEnd = '\n';
    if (/[eE]$/.test(words[at]!)) programs.push(words[++at] ?? '');
  }
  if (programs.length === 0) return fail('perl: kubemu runs only one-liners of Perl: perl -e PROGRAM\n', 255);
  const { stdout, code, after } = new Script(tokens(programs.join('\n'), env), machine.now()).run(lineEnd);
  return { ...ok(stdout), code, ...(after > 0 && { after }) };
};
