/** `printf` of shells: the format is used again while arguments are left. */
export function formatPrintf(format: string, args: string[]): { text: string; errors: string[] } {
  const errors: string[] = [];
  const rest = [...args];
  let text = '';
  let ended = false;
  do {
    const before = rest.length;
    text += format.replace(PIECE, (...groups) => {
      const [whole, escaped, flags, width, precision, verb] = groups as unknown as string[];
      if (ended) return '';
      if (escaped !== undefined) {
        if (escaped === 'c') ended = true;
        return escaped === 'c' ? '' : unescapeOne(escaped, whole!);
      }
      if (verb === undefined) return whole!;
      if (verb === '%') return '%';
      const size = width === '*' ? Number(rest.shift() ?? 0) : Number(width || 0);
      const digits =
        precision === undefined
          ? undefined
          : precision === '.*'
            ? Number(rest.shift() ?? 0)
            : Number(precision.slice(1) || 0);
      const value = rest.shift() ?? '';
      const shown = convert(verb, value, flags!, digits, errors);
      const pad = flags!.includes('0') && !flags!.includes('-') && 'diouxXfeg'.includes(verb) ? '0' : ' ';
      if (flags!.includes('-')) return shown.padEnd(size);
      return pad === '0' && /^[-+]/.test(shown)
        ? shown[0] + shown.slice(1).padStart(size - 1, '0')
        : shown.padStart(size, pad);
    });
    if (rest.length === before) break;
  } while (rest.length > 0 && !ended);
  return { text, errors };
}

const PIECE =
  /\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[\s\S])|%([-+ #0]*)(\*|[0-9]*)(\.(?:\*|[0-9]*))?([a-zA-Z%])/g;

const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

function unescapeOne(code: string, whole: string): string {
  if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
  if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
  return ESCAPES[code] ?? whole;
}

function toNumber(value: string, errors: string[]): number {
  if (value === '') return 0;
  if (/^["']/.test(value)) return value.codePointAt(1) ?? 0;
  const number = /^0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value);
  if (!Number.isNaN(number)) return number;
  errors.push(`${value}: invalid number`);
  return Number.parseInt(value, 10) || 0;
}

/** Whether a text has characters that a terminal does not show. */
export const hasControls = (value: string): boolean => /\p{Cc}/u.test(value);

/** `$'a\\tb'` */
export const ansiQuoted = (value: string): string =>
  `$'${value.replace(/[\p{Cc}'\\]/gu, (char) => NAMED[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}'`;

const NAMED: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\x1b': '\\E',
  "'": "\\'",
  '\\': '\\\\',
};

function convert(verb: string, value: string, flags: string, digits: number | undefined, errors: string[]): string {
  const signed = (text: string) =>
    text.startsWith('-') ? text : flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
  switch (verb) {
    case 's':
      return value.slice(0, digits);
    case 'b':
      return value.replace(/\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (whole, code: string) =>
        unescapeOne(code, whole),
      );
    case 'c':
      return value.slice(0, 1);
    case 'q':
      if (value === '') return "''";
      if (hasControls(value)) return ansiQuoted(value);
      return value.replace(/[^\w@%+=:./-]/g, (char) => (char > '\x7f' ? char : `\\${char}`));
    case 'd':
    case 'i':
      return signed(String(Math.trunc(toNumber(value, errors))).padStart(digits ?? 0, '0'));
    case 'u':
      return String(Math.trunc(toNumber(value, errors)));
    case 'o':
      return toNumber(value, errors).toString(8);
    case 'x':
      return (flags.includes('#') ? '0x' : '') + toNumber(value, errors).toString(16);
    case 'X':
      return (flags.includes('#') ? '0X' : '') + toNumber(value, errors).toString(16).toUpperCase();
    case 'f':
      return signed(toNumber(value, errors).toFixed(digits ?? 6));
    case 'e':
      return signed(
        toNumber(value, errors)
          .toExponential(digits ?? 6)
          .replace(/e([+-])([0-9])$/, 'e$10$2'),
      );
    case 'g':
      return signed(String(Number(toNumber(value, errors).toPrecision(digits ?? 6))));
    default:
      errors.push(`%${verb}: invalid directive`);
      return '';
  }
}
