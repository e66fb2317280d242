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
/** Beyond this Go takes a width or a precision for none. */
const TOO_LARGE = 1_000_000;

/** fmt.Sprintf with the verbs that make sense of JSON values. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let used = 0;
  const result = format.replace(DIRECTIVE, (_, given: string, width?: string, precision?: string, verb?: string) => {
    let complaint = '';
    const number = (text: string | undefined, bad: string) => {
      if (text !== '*') return text === undefined ? undefined : Number(text || '0');
      const value = args[used++];
      const fits = (typeof value === 'bigint' || typeof value === 'number') && Math.abs(Number(value)) <= TOO_LARGE;
      if (fits) return Number(value);
      complaint += bad;
      return undefined;
    };
    const wide = number(width, '%!(BADWIDTH)');
    const precise = number(precision, '%!(BADPREC)');
    if (verb === undefined) return `${complaint}%!(NOVERB)`;
    if (verb === '%') return `${complaint}%`;
    if (used >= args.length) return `${complaint}%!${verb}(MISSING)`;
    // Of a `+` before v, only structs would show something.
    const flags = (verb === 'v' ? given.replaceAll('+', '') : given) + (wide !== undefined && wide < 0 ? '-' : '');
    return (
      complaint +
      formatValue(args[used++], {
        verb,
        flags,
        ...(wide !== undefined && { width: Math.abs(wide) }),
        ...(precise !== undefined && precise >= 0 && { precision: precise }),
      })
    );
  });
  if (used >= args.length) return result;
  const extra = args
    .slice(used)
    .map((value) => (value === null || value === undefined ? '<nil>' : `${typeName(value)}=${show(value)}`));
  return `${result}%!(EXTRA ${extra.join(', ')})`;
}

/** A value that its verb does not fit, shown as %v would with the same flags. */
const badVerb = (value: unknown, directive: Directive) =>
  value === null || value === undefined
    ? `%!${directive.verb}(<nil>)`
    : `%!${directive.verb}(${typeName(value)}=${formatValue(value, { ...directive, verb: 'v', flags: directive.flags.replace('#', '') })})`;

/** Text in its width: spaces or zeros before it, or spaces behind it. */
function pad(text: string, { flags, width = 0 }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}

/** The same of a number, whose zeros come behind its sign. */
function padNumber(text: string, directive: Directive): string {
  const { flags, width = 0 } = directive;
  const [sign = ''] = /^[-+ ]/.exec(text) ?? [];
  if (!flags.includes('0') || flags.includes('-')) return pad(text, { ...directive, flags: flags.replaceAll('0', '') });
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function formatValue(value: unknown, directive: Directive): string {
  const { verb, flags } = directive;
  if (verb === 'T') return pad(typeName(value), directive);
  if (verb === 'v' && flags.includes('#')) return goSyntax(value);
  if (value === null || value === undefined) return verb === 'v' ? pad('<nil>', directive) : badVerb(value, directive);
  if (value instanceof GoFloat) return formatFloat(value.value, directive);
  if (Array.isArray(value)) return `[${value.map((item) => formatMember(item, directive)).join(' ')}]`;
  switch (typeof value) {
    case 'string':
      return formatString(value, directive);
    case 'bigint':
      return formatInteger(value, directive, value);
    case 'number':
      return Number.isSafeInteger(value)
        ? formatInteger(BigInt(value), directive, value)
        : formatFloat(value, directive);
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(value), directive) : badVerb(value, directive);
    default:
      return formatMap(value as object, directive);
  }
}

/** What a list or a map holds: of nothing Go says so whatever the verb. */
const formatMember = (value: unknown, directive: Directive): string =>
  value === null || value === undefined ? '<nil>' : formatValue(value, directive);

function formatMap(value: object, directive: Directive): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = entries.map(([key, member]) => `${formatValue(key, directive)}:${formatMember(member, directive)}`);
  return `map[${shown.join(' ')}]`;
}

/** A sign or a blank where the flags want one. */
const signed = (text: string, flags: string) =>
  text.startsWith('-') ? text : flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;

function formatString(value: string, directive: Directive): string {
  const { verb, flags, precision } = directive;
  const cut = precision === undefined ? value : [...value].slice(0, precision).join('');
  if (verb === 's' || verb === 'v') return pad(cut, directive);
  if (verb === 'q') return pad(flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : goQuote(cut), directive);
  if (verb === 'x' || verb === 'X') {
    const bytes = Buffer.from(value).subarray(0, precision);
    const hex = bytes.toString('hex');
    return pad(verb === 'X' ? hex.toUpperCase() : hex, directive);
  }
  return badVerb(value, directive);
}

const RADIX: Record<string, [radix: number, prefix: string]> = {
  v: [10, ''],
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInteger(value: bigint, directive: Directive, original: unknown): string {
  const { verb, flags, precision } = directive;
  if (verb === 'c') return pad(String.fromCodePoint(Number(value)), directive);
  if (verb === 'q') return pad(goQuoteRune(String.fromCodePoint(Number(value))), directive);
  if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, directive);
  const known = RADIX[verb];
  if (!known) return badVerb(original, directive);
  const [radix, prefix] = known;
  const size = value < 0n ? -value : value;
  const digits = precision === 0 && value === 0n ? '' : size.toString(radix).padStart(precision ?? 0, '0');
  const text = (flags.includes('#') || verb === 'O' ? prefix : '') + (verb === 'X' ? digits.toUpperCase() : digits);
  const whole = signed(value < 0n ? `-${text}` : text, flags);
  return padNumber(whole, precision === undefined ? directive : { ...directive, flags: flags.replaceAll('0', '') });
}

const twoDigits = (text: string) => text.replace(/e([-+])([0-9])$/, 'e$10$2');

function formatFloat(value: number, directive: Directive): string {
  const { verb, flags, precision } = directive;
  const upper = verb === verb.toUpperCase();
  let text: string;
  switch (verb.toLowerCase()) {
    case 'f':
      text = value.toFixed(precision ?? 6);
      break;
    case 'e':
      text = twoDigits(value.toExponential(precision ?? 6));
      break;
    case 'v':
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
      return badVerb(new GoFloat(value), directive);
  }
  return padNumber(signed(upper && verb !== 'F' ? text.toUpperCase() : text, flags), directive);
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
