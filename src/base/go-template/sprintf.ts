import { GoFloat } from '../go-float.ts';
import { goFloat, goQuote, goQuoteRune, goSyntax, goValue } from '../go-quote.ts';

/** `%v` of a template's value. */
const show = (value: unknown): string => (value instanceof GoFloat ? goFloat(value.value) : goValue(value));

/** What fmt calls the type of a template's value: constants of type int are bigints. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64';
  if (value instanceof GoFloat) return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

interface Directive {
  flags: string;
  width?: number;
  precision?: number;
  verb: string;
}

const DIRECTIVE = /%([-+# 0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?(.)?/gsu;

/** fmt.Sprintf with the verbs that make sense of JSON values. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let used = 0;
  const star = (text: string | undefined) => {
    if (text !== '*') return text === undefined ? undefined : Number(text || '0');
    const value = args[used++];
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  };
  const result = format.replace(DIRECTIVE, (_, flags: string, width?: string, precision?: string, verb?: string) => {
    if (verb === undefined) return '%!(NOVERB)';
    const directive: Directive = { flags, width: star(width), precision: star(precision), verb };
    if (verb === '%') return '%';
    if (used >= args.length) return `%!${verb}(MISSING)`;
    return pad(formatValue(args[used++], directive), directive);
  });
  if (used >= args.length) return result;
  const extra = args
    .slice(used)
    .map((value) => (value === null || value === undefined ? '<nil>' : `${typeName(value)}=${show(value)}`));
  return `${result}%!(EXTRA ${extra.join(', ')})`;
}

const badVerb = (value: unknown, verb: string) =>
  value === null || value === undefined ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(value)}=${show(value)})`;

function pad(text: string, { flags, width = 0, verb }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  const numeric = /[bdoxXeEfFgGv]/.test(verb) && /^[-+]?[0-9]/.test(text);
  if (!flags.includes('0') || (!numeric && verb !== 's')) return ' '.repeat(missing) + text;
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function formatValue(value: unknown, directive: Directive): string {
  const { verb, flags } = directive;
  if (verb === 'T') return typeName(value);
  if (verb === 'v') {
    if (flags.includes('#')) return goSyntax(value);
    return typeof value === 'string' ? value : signed(show(value), value, flags);
  }
  if (value instanceof GoFloat) return formatFloat(value.value, directive);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, directive)).join(' ')}]`;
  switch (typeof value) {
    case 'string':
      return formatString(value, directive);
    case 'bigint':
      return formatInteger(value, directive);
    case 'number':
      return Number.isSafeInteger(value)
        ? formatInteger(BigInt(value), directive, 'int64')
        : formatFloat(value, directive);
    case 'boolean':
      return verb === 't' ? String(value) : badVerb(value, verb);
    case 'object':
      return value === null ? badVerb(value, verb) : formatMap(value, directive);
    default:
      return badVerb(value, verb);
  }
}

function formatMap(value: object, directive: Directive): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = entries.map(([key, member]) => `${formatValue(key, directive)}:${formatValue(member, directive)}`);
  return `map[${shown.join(' ')}]`;
}

const signed = (text: string, value: unknown, flags: string) => {
  if (!(typeof value === 'number' || typeof value === 'bigint' || value instanceof GoFloat)) return text;
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
};

function formatString(value: string, { verb, flags, precision }: Directive): string {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : goQuote(cut);
  if (verb === 'x' || verb === 'X') {
    const hex = Buffer.from(cut).toString('hex');
    return verb === 'X' ? hex.toUpperCase() : hex;
  }
  return badVerb(value, verb);
}

const RADIX: Record<string, [radix: number, prefix: string]> = {
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInteger(value: bigint, { verb, flags, precision = 0 }: Directive, type = 'int'): string {
  if (verb === 'c') return String.fromCodePoint(Number(value));
  if (verb === 'q') return goQuoteRune(String.fromCodePoint(Number(value)));
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const known = RADIX[verb];
  if (!known) return `%!${verb}(${type}=${value})`;
  const [radix, prefix] = known;
  const size = value < 0n ? -value : value;
  const digits = size.toString(radix).padStart(precision, '0');
  const text = (flags.includes('#') ? prefix : '') + (verb === 'X' ? digits.toUpperCase() : digits);
  return signed(value < 0n ? `-${text}` : text, value, flags);
}

const twoDigits = (text: string) => text.replace(/e([-+])([0-9])$/, 'e$10$2');

function formatFloat(value: number, { verb, flags, precision }: Directive): string {
  const upper = verb === verb.toUpperCase();
  let text: string;
  switch (verb.toLowerCase()) {
    case 'f':
      text = value.toFixed(precision ?? 6);
      break;
    case 'e':
      text = twoDigits(value.toExponential(precision ?? 6));
      break;
    case 'g': {
      if (precision === undefined) text = goFloat(value);
      else {
        const digits = Math.max(precision, 1);
        const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
        const shortest = Number(value.toPrecision(digits));
        text = exponent < -4 || exponent >= digits ? twoDigits(shortest.toExponential()) : String(shortest);
      }
      break;
    }
    default:
      return `%!${verb}(float64=${goFloat(value)})`;
  }
  return signed(upper && verb !== 'F' ? text.toUpperCase() : text, value, flags);
}

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(args: readonly unknown[]): string {
  let text = '';
  args.forEach((value, index) => {
    if (index > 0 && typeof value !== 'string' && typeof args[index - 1] !== 'string') text += ' ';
    text += typeof value === 'string' ? value : show(value);
  });
  return text;
}
