/** A value of JSON: an object is a record, nothing is null. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What a program fails with; `try` catches its value. */
export class JqError extends Error {
  constructor(readonly value: Json) {
    super(typeof value === 'string' ? value : `${JSON.stringify(value)} (not a string)`);
  }
}

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

const ORDER = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];
const rank = (value: Json): number => ORDER.indexOf(typeof value === 'boolean' ? String(value) : typeOf(value));

/** Strings in the order of their code points. */
export const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export const keysOf = (value: JsonObject): string[] => Object.keys(value).sort(byText);

/** The order of all values: null < false < true < numbers < strings < arrays < objects. */
export function compare(a: Json, b: Json): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'string') return byText(a, b as string);
  if (Array.isArray(a)) {
    const other = b as Json[];
    for (let i = 0; i < a.length && i < other.length; i++) {
      const order = compare(a[i]!, other[i]!);
      if (order !== 0) return order;
    }
    return a.length - other.length;
  }
  if (!isObject(a)) return 0;
  const other = b as JsonObject;
  const keys = keysOf(a);
  const byKeys = compare(keys, keysOf(other));
  if (byKeys !== 0) return byKeys;
  for (const key of keys) {
    const order = compare(a[key]!, other[key]!);
    if (order !== 0) return order;
  }
  return 0;
}

export const equal = (a: Json, b: Json): boolean => compare(a, b) === 0;

export const truthy = (value: Json): boolean => value !== null && value !== false;

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value))
    return JSON.stringify(value)
      .replace(/e\+?(-?)(\d)$/, 'e$10$2')
      .replace(/e(\d)/, 'e+$1');
  return value > 0 ? '1.7976931348623157e+308' : '-1.7976931348623157e+308';
}

const stringText = (value: string): string =>
  JSON.stringify(value)
    .replaceAll('\x7f', '\\u007f')
    .replace(/[\ud800-\udfff](?![\udc00-\udfff])/g, (char) => (/[\ud800-\udbff]/.test(char) ? '\ufffd' : char));

export interface Style {
  /** What a level is indented by; '' for one line. */
  indent: string;
  sorted?: boolean;
  ascii?: boolean;
}

const escapeAll = (text: string): string =>
  text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A value as jq writes it. */
export function write(value: Json, style: Style = { indent: '' }, level = ''): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return style.ascii ? escapeAll(stringText(value)) : stringText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = level + style.indent;
  const list = Array.isArray(value);
  const colon = style.indent ? ': ' : ':';
  const parts = list
    ? value.map((item) => write(item, style, inner))
    : (style.sorted ? keysOf(value) : Object.keys(value)).map(
        (key) => write(key, style) + colon + write(value[key]!, style, inner),
      );
  const [open, close] = list ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  if (!style.indent) return `${open}${parts.join(',')}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${level}${close}`;
}

/** A value in a message: its JSON, cut short. */
export function brief(value: Json, most = 11): string {
  const text = write(value);
  const bytes = Buffer.from(text);
  return bytes.length < most ? text : `${bytes.subarray(0, most - 4).toString()}...`;
}
