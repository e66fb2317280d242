import { parseDuration } from '../../base/duration.ts';
import type { Flag, FlagType } from '../command.ts';

/** What a flag's text becomes: durations are milliseconds, integers bigint only inside. */
export type FlagValue = string | boolean | number | string[] | Record<string, string>;

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

const strconv = (call: string, text: string, problem: string) =>
  new Error(`strconv.${call}: parsing ${JSON.stringify(text)}: ${problem}`);

/** What strconv.ParseBool takes a text for; undefined for what is no boolean. */
export function boolOf(text: string): boolean | undefined {
  if (TRUE.includes(text)) return true;
  return FALSE.includes(text) ? false : undefined;
}

function parseBool(text: string): boolean {
  const value = boolOf(text);
  if (value !== undefined) return value;
  throw strconv('ParseBool', text, 'invalid syntax');
}

/** strconv.ParseInt(text, 0, bits): decimal, 0x, 0o, 0b and a leading 0. */
function parseInteger(text: string, bits: number): number {
  const [, sign, digits] = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.exec(text) ?? [];
  if (digits === undefined) throw strconv('ParseInt', text, 'invalid syntax');
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const limit = 2n ** BigInt(bits - 1);
  if (magnitude > (sign === '-' ? limit : limit - 1n)) throw strconv('ParseInt', text, 'value out of range');
  return Number(sign === '-' ? -magnitude : magnitude);
}

function parseFloat32(text: string): number {
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) {
    throw strconv('ParseFloat', text, 'invalid syntax');
  }
  return Number(text);
}

/** One record of Go's encoding/csv: fields in double quotes may hold commas, quotes are doubled. */
function parseCsv(given: string): string[] {
  if (given === '') return [];
  // A record ends with its line, but for what is quoted.
  const text = given.includes('"') ? given : (given.replace(/^\n+/, '').split('\n')[0] ?? '');
  const fields: string[] = [];
  for (let at = 0; ; ) {
    const quoted = text[at] === '"';
    const field = (quoted ? /"((?:[^"]|"")*)"/y : /([^,]*)/y) as RegExp;
    field.lastIndex = at;
    const match = field.exec(text);
    if (!match)
      throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
    if (!quoted && match[1]!.includes('"')) {
      throw new Error(`parse error on line 1, column ${at + match[1]!.indexOf('"') + 1}: bare " in non-quoted-field`);
    }
    fields.push(quoted ? match[1]!.replaceAll('""', '"') : match[1]!);
    at = field.lastIndex;
    if (at >= text.length) return fields;
    if (text[at] !== ',') {
      throw new Error(`parse error on line 1, column ${at}: extraneous or missing " in quoted-field`);
    }
    at++;
  }
}

function parseMap(text: string): Record<string, string> {
  const equals = text.split('=').length - 1;
  if (equals === 0) throw new Error(`${text} must be formatted as key=value`);
  const pairs = equals === 1 ? [text.replace(/^"+|"+$/g, '')] : parseCsv(text);
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) throw new Error(`${pair} must be formatted as key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Reads the text of one occurrence; `previous` is what earlier occurrences set, to which lists and maps add. Throws Go's message. */
export function parseFlagValue(type: FlagType, text: string, previous: FlagValue | undefined): FlagValue {
  switch (type) {
    case 'bool':
      return parseBool(text);
    case 'string':
      return text;
    case 'int':
    case 'int64':
      return parseInteger(text, 64);
    case 'int32':
      return parseInteger(text, 32);
    case 'float32':
      return parseFloat32(text);
    case 'duration':
      return parseDuration(text);
    case 'stringSlice':
      return [...((previous as string[] | undefined) ?? []), ...parseCsv(text)];
    case 'stringArray':
      return [...((previous as string[] | undefined) ?? []), text];
    case 'stringToString':
      return { ...(previous as Record<string, string> | undefined), ...parseMap(text) };
  }
}

/** What help prints for a flag without a default of its own. */
const ZERO: Record<FlagType, string> = {
  bool: 'false',
  string: '',
  int: '0',
  int32: '0',
  int64: '0',
  float32: '0',
  duration: '0s',
  stringSlice: '[]',
  stringArray: '[]',
  stringToString: '[]',
};

/** The default as help prints it. */
export const defaultText = (flag: Flag): string => flag.default ?? ZERO[flag.type];

/** The value of a flag that the command line does not set. */
export function defaultValue(flag: Flag): FlagValue {
  const text = defaultText(flag);
  if (flag.type === 'stringToString') return {};
  if (flag.type === 'stringSlice' || flag.type === 'stringArray') return parseCsv(text.replace(/^\[|\]$/g, ''));
  return parseFlagValue(flag.type, text, undefined);
}
