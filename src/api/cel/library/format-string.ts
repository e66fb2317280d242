import { goNumber, goQuote } from '../../../base/go-quote.ts';
import { CelRuntimeError } from '../issues.ts';
import { celTypeName } from '../values.ts';

const CLAUSE = /%(%|(?:\.([0-9]+))?([a-zA-Z]))/g;

/** A value as %s shows it, and `string()`. */
export function showValue(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (value instanceof Date) return value.toISOString().replace(/\.?0*Z$/, 'Z');
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return `[${value.map(nested).join(', ')}]`;
  if (typeof value !== 'object' || value.constructor !== Object) return String(value);
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${goQuote(key)}:${nested(one)}`).join(', ')}}`;
}

const nested = (value: unknown): string => (typeof value === 'string' ? goQuote(value) : showValue(value));

type Verb = (value: unknown, precision: number) => string | undefined;
const isInteger = (value: unknown): value is bigint => typeof value === 'bigint';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const hex = (value: unknown): string | undefined => {
  if (isInteger(value)) return value.toString(16);
  const bytes = typeof value === 'string' || value instanceof Uint8Array ? Buffer.from(value as string) : undefined;
  return bytes?.toString('hex');
};

/** `1.5e+3` as `1.5×10⁰³` */
const scientific = (value: number, precision: number): string =>
  value.toExponential(precision).replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => {
    const raised = [...digits.padStart(2, '0')].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
    return `×10${sign === '-' ? '⁻' : ''}${raised}`;
  });

/** How a clause shows a value, and what it is told when it cannot. */
const VERBS: Record<string, [Verb, wrong: string]> = {
  s: [showValue, ''],
  d: [(value) => (isInteger(value) ? String(value) : undefined), 'decimal clause can only be used on integers'],
  f: [
    (value, precision) => (isNumber(value) || isInteger(value) ? Number(value).toFixed(precision) : undefined),
    'fixed-point clause can only be used on doubles',
  ],
  e: [
    (value, precision) => (isNumber(value) ? scientific(value, precision) : undefined),
    'scientific clause can only be used on doubles',
  ],
  b: [
    (value) => (isInteger(value) ? value.toString(2) : typeof value === 'boolean' ? String(Number(value)) : undefined),
    'only integers and bools can be formatted as binary',
  ],
  o: [(value) => (isInteger(value) ? value.toString(8) : undefined), 'octal clause can only be used on integers'],
  x: [hex, 'only integers, byte buffers, and strings can be formatted as hex'],
  X: [(value) => hex(value)?.toUpperCase(), 'only integers, byte buffers, and strings can be formatted as hex'],
};

/** What `'…'.format(args)` needs: as many arguments as it has clauses, or the number that it expects. */
export const clausesIn = (format: string): number =>
  [...format.matchAll(CLAUSE)].filter(([, kind]) => kind !== '%').length;

/** `'%s is %d'.format([…])` */
export function formatString(format: string, args: unknown[]): string {
  let index = 0;
  return format.replaceAll(CLAUSE, (_, kind: string, precision: string | undefined, verb: string) => {
    if (kind === '%') return '%';
    if (index >= args.length) throw new CelRuntimeError(`index ${index} out of range`);
    const value = args[index];
    index += 1;
    const [show, wrong] = VERBS[verb] ?? [];
    if (!show) throw new CelRuntimeError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    const shown = show(value, Number(precision ?? 6));
    if (shown === undefined)
      throw new CelRuntimeError(`error during formatting: ${wrong}, was given ${celTypeName(value)}`);
    return shown;
  });
}
