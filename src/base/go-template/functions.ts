import { GoFloat } from '../go-float.ts';
import { compareStrings } from '../go-json.ts';
import { sprint, sprintf, typeName } from './sprintf.ts';
import { isTrue, MISSING, type Value } from './value.ts';

/** What a parameter takes: anything as it is, anything out of its interface, or a string only. */
export type Parameter = 'value' | 'any' | 'string';

export interface TemplateFunction {
  parameters: Parameter[];
  /** More arguments, of this type. */
  rest?: Parameter;
  /** Errors become "error calling NAME: MESSAGE". */
  call(args: Value[]): Value;
}

type Kind = 'bool' | 'int' | 'float' | 'string' | 'invalid';

const KINDS: Record<string, Kind> = {
  bool: 'bool',
  int: 'int',
  int64: 'int',
  float64: 'float',
  string: 'string',
};
const kindOf = (data: unknown): Kind => KINDS[typeName(data)] ?? 'invalid';
const isInt = (data: unknown): data is bigint | number => kindOf(data) === 'int';
/** Numbers as they compare with each other. */
const plain = (data: unknown): unknown => (data instanceof GoFloat ? data.value : isInt(data) ? BigInt(data) : data);
const isNil = (data: unknown) => data === null || data === undefined;

function equal(a: unknown, b: unknown): boolean {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left !== right) {
    if (isNil(a) || isNil(b)) return false;
    throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (left !== 'invalid') return plain(a) === plain(b);
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (Array.isArray(a) !== Array.isArray(b)) {
    throw new Error(`non-comparable types ${sprint([a])}: ${typeName(a)}, ${typeName(b)}: ${sprint([b])}`);
  }
  throw new Error(`non-comparable type ${sprint([b])}: ${typeName(b)}`);
}

function less(a: unknown, b: unknown): boolean {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left === 'invalid' || right === 'invalid') throw new Error('invalid type for comparison');
  if (left !== right) throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  if (left === 'bool') throw new Error('invalid type for comparison');
  return left === 'string' ? compareStrings(a as string, b as string) < 0 : (plain(a) as number) < (plain(b) as number);
}

const compare = (test: (a: unknown, b: unknown) => boolean): TemplateFunction => ({
  parameters: ['value', 'value'],
  call: ([a, b]) => ({ data: test(a!.data, b!.data) }),
});

function position({ data }: Value, limit: number): number {
  if (isNil(data)) throw new Error('cannot index slice/array with nil');
  if (!isInt(data)) throw new Error(`cannot index slice/array with type ${typeName(data)}`);
  if (data < 0 || data > limit) throw new Error(`index out of range: ${data}`);
  return Number(data);
}

function index(item: Value, key: Value): Value {
  const { data } = item;
  if (isNil(data)) throw new Error('index of nil pointer');
  if (Array.isArray(data) || typeof data === 'string') {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const at = position(key, bytes.length);
    if (at === bytes.length) throw new Error('reflect: slice index out of range');
    const found: unknown = bytes[at];
    return typeof data === 'string' ? { data: BigInt(found as number) } : { data: found, boxed: true };
  }
  if (typeof data !== 'object') throw new Error(`can't index item of type ${typeName(data)}`);
  if (typeof key.data !== 'string') {
    throw new Error(
      isNil(key.data)
        ? 'value is nil; should be of type string'
        : `value has type ${typeName(key.data)}; should be string`,
    );
  }
  const members = data as Record<string, unknown>;
  return { data: Object.hasOwn(members, key.data) ? members[key.data] : null, boxed: true };
}

function slice(item: Value, bounds: Value[]): Value {
  const { data } = item;
  if (isNil(data)) throw new Error('slice of untyped nil');
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`);
  if (typeof data === 'string' && bounds.length === 3) throw new Error('cannot 3-index slice a string');
  if (typeof data !== 'string' && !Array.isArray(data)) throw new Error(`can't slice item of type ${typeName(data)}`);
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const [start = 0, end = bytes.length] = bounds.map((bound) => {
    // Unlike index, slice does not look into interfaces.
    if (bound.boxed) throw new Error('cannot index slice/array with type interface {}');
    return position(bound, bytes.length);
  });
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  return {
    data: typeof data === 'string' ? Buffer.from(data).subarray(start, end).toString() : data.slice(start, end),
  };
}

function length({ data }: Value): Value {
  if (data === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  if (data === null) throw new Error('len of nil pointer');
  if (typeof data === 'string') return { data: BigInt(Buffer.byteLength(data)) };
  if (typeof data !== 'object' || data instanceof GoFloat) throw new Error(`len of type ${typeName(data)}`);
  return { data: BigInt(Array.isArray(data) ? data.length : Object.keys(data as object).length) };
}

/** kubectl's own: whether `index` with these keys would find something. */
function exists(item: Value, keys: Value[]): boolean {
  if (keys.length === 0) return true;
  let found = item;
  for (const key of keys) {
    const { data } = found;
    const inside = Array.isArray(data) && isInt(key.data) && key.data >= 0 && key.data < data.length;
    const isMap = data !== null && typeof data === 'object' && !Array.isArray(data) && typeof key.data === 'string';
    if (!inside && !isMap) return false;
    found = index(found, key);
  }
  return !isNil(found.data);
}

function base64decode(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  const good = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(clean)![0];
  if (good.length !== clean.length) {
    const bad = clean.search(/[^A-Za-z0-9+/]/);
    const at = bad >= 0 && clean.slice(bad).replace(/=/g, '') !== '' ? bad : good.length;
    throw new Error(`base64 decode failed: illegal base64 data at input byte ${at}`);
  }
  return Buffer.from(clean, 'base64').toString();
}

const HTML: Record<string, string> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};
const JS: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

const hex = (character: string) => character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
const escaper = (write: (text: string) => string): TemplateFunction => ({
  parameters: [],
  rest: 'any',
  call: (args) => ({ data: write(sprint(args.map(({ data }) => data ?? '<no value>'))) }),
});

const datas = (args: Value[]) => args.map(({ data }) => data ?? null);

/** What templates can call; `and` and `or` are the evaluator's, since they do not evaluate all they are given. */
export const FUNCTIONS: Record<string, TemplateFunction> = {
  not: { parameters: ['value'], call: ([value]) => ({ data: !isTrue(value!.data) }) },
  len: { parameters: ['value'], call: ([value]) => length(value!) },
  index: {
    parameters: ['value'],
    rest: 'value',
    call: ([item, ...keys]) => {
      if (isNil(item!.data)) throw new Error('index of untyped nil');
      return keys.reduce(index, item!);
    },
  },
  slice: { parameters: ['value'], rest: 'value', call: ([item, ...bounds]) => slice(item!, bounds) },
  print: { parameters: [], rest: 'any', call: (args) => ({ data: sprint(datas(args)) }) },
  println: {
    parameters: [],
    rest: 'any',
    call: (args) => ({
      data: `${datas(args)
        .map((data) => sprint([data]))
        .join(' ')}\n`,
    }),
  },
  printf: {
    parameters: ['string'],
    rest: 'any',
    call: ([format, ...args]) => ({ data: sprintf(format!.data as string, datas(args)) }),
  },
  html: escaper((text) => text.replace(/["'&<>\0]/g, (character) => HTML[character]!)),
  js: escaper((text) =>
    text.replace(
      /[\\'"<>&=]|[^\x20-\x7e]/g,
      (character) => JS[character] ?? (/\p{L}/u.test(character) ? character : `\\u${hex(character)}`),
    ),
  ),
  urlquery: escaper((text) =>
    encodeURIComponent(text)
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, (character) => `%${hex(character).slice(2)}`),
  ),
  eq: {
    parameters: ['value'],
    rest: 'value',
    call: ([first, ...others]) => {
      if (others.length === 0) throw new Error('missing argument for comparison');
      return { data: others.some(({ data }) => equal(first!.data, data)) };
    },
  },
  ne: compare((a, b) => !equal(a, b)),
  lt: compare(less),
  le: compare((a, b) => less(a, b) || equal(a, b)),
  gt: compare((a, b) => !(less(a, b) || equal(a, b))),
  ge: compare((a, b) => !less(a, b)),
  exists: { parameters: ['any'], rest: 'any', call: ([item, ...keys]) => ({ data: exists(item ?? MISSING, keys) }) },
  base64decode: { parameters: ['string'], call: ([text]) => ({ data: base64decode(text!.data as string) }) },
};

/** The names that templates may call. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or', 'call']);
