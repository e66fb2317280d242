import { toRegExp } from './regexp.ts';
import { fail, isBusybox, type Tool, ToolError } from './tool.ts';

export const expr: Tool = (context) => {
  const args = context.argv.slice(1);
  let at = 0;
  const number = (text: string) => {
    if (!/^-?[0-9]+$/.test(text))
      throw new ToolError(isBusybox(context) ? 'non-numeric argument' : 'non-integer argument', 2);
    return BigInt(text);
  };
  const primary = (): string => {
    const word = args[at++];
    if (word === undefined)
      throw new ToolError(
        isBusybox(context) ? 'syntax error' : `syntax error: missing argument after '${args.at(-1)}'`,
        2,
      );
    if (word === '(') {
      const value = level(0);
      at++;
      return value;
    }
    if (word === 'length') return String(primary().length);
    if (word === 'substr') {
      const [text, from, length] = [primary(), Number(primary()), Number(primary())];
      return text.slice(from - 1, from - 1 + length);
    }
    if (word === 'index') {
      const [text, chars] = [primary(), primary()];
      return String([...text].findIndex((char) => chars.includes(char)) + 1);
    }
    return word;
  };
  const operations: Record<string, (a: string, b: string) => string> = {
    '|': (a, b) => (a !== '' && a !== '0' ? a : b || '0'),
    '&': (a, b) => (a !== '' && a !== '0' && b !== '' && b !== '0' ? a : '0'),
    '=': (a, b) => String(Number(a === b)),
    '==': (a, b) => String(Number(a === b)),
    '!=': (a, b) => String(Number(a !== b)),
    '<': (a, b) => String(Number(/^-?\d+$/.test(a + b) ? number(a) < number(b) : a < b)),
    '<=': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) <= number(b) : a <= b)),
    '>': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) > number(b) : a > b)),
    '>=': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) >= number(b) : a >= b)),
    '+': (a, b) => String(number(a) + number(b)),
    '-': (a, b) => String(number(a) - number(b)),
    '*': (a, b) => String(number(a) * number(b)),
    '/': (a, b) => String(divided(number(a), number(b), false)),
    '%': (a, b) => String(divided(number(a), number(b), true)),
    ':': (a, b) => {
      const match = toRegExp(`^${b.replace(/^\^/, '')}`, false).exec(a);
      return match ? (match.length > 1 ? (match[1] ?? '') : String(match[0].length)) : b.includes('\\(') ? '' : '0';
    },
  };
  const divided = (a: bigint, b: bigint, rest: boolean) => {
    if (b === 0n) throw new ToolError('division by zero', 2);
    return rest ? a % b : a / b;
  };
  const levels = [['|'], ['&'], ['=', '==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], [':']];
  const level = (depth: number): string => {
    if (depth === levels.length) return primary();
    let value = level(depth + 1);
    while (args[at] !== undefined && levels[depth]!.includes(args[at]!)) {
      const operator = args[at++]!;
      value = operations[operator]!(value, level(depth + 1));
    }
    return value;
  };
  if (args.length === 0)
    return fail(
      isBusybox(context)
        ? 'expr: too few arguments\n'
        : "expr: missing operand\nTry 'expr --help' for more information.\n",
      2,
    );
  const value = level(0);
  if (at < args.length)
    return fail(
      isBusybox(context) ? 'expr: syntax error\n' : `expr: syntax error: unexpected argument '${args[at]}'\n`,
      2,
    );
  return { stdout: `${value}\n`, stderr: '', code: value === '' || /^-?0+$/.test(value) ? 1 : 0 };
};
