import { arithmetic } from './arithmetic.ts';
import type { Definition } from './ast.ts';
import type { Item, World } from './evaluate.ts';
import { MATCHES } from './matches.ts';
import { parseDefinitions } from './parser.ts';
import { deletePath, getKey, getPath, itemsOf, type Path, setPath } from './paths.ts';
import { PRELUDE } from './prelude.ts';
import { readValues } from './reader.ts';
import { TIMES } from './times.ts';
import {
  brief,
  byText,
  compare,
  equal,
  isObject,
  JqError,
  type Json,
  keysOf,
  truthy,
  typeOf,
  write,
} from './values.ts';

/** An argument of a builtin: a program, run on a value. */
export interface Argument {
  values(value: Json): Generator<Json, void>;
  items(item: Item): Generator<Item, void>;
  paths(value: Json): Generator<Path, void>;
}

type Builtin = (item: Item, args: Argument[], world: World) => Iterable<Item>;

/** A function of the input alone. */
const plain =
  (work: (value: Json) => Json): Builtin =>
  ({ value }) => [{ value: work(value) }];

/** A function of the input and of each combination of its arguments' values. */
const valued = (work: (value: Json, ...args: Json[]) => Json): Builtin =>
  function* ({ value }, args) {
    for (const given of combinations(args, value)) yield { value: work(value, ...given) };
  };

function* combinations(args: Argument[], value: Json): Generator<Json[], void> {
  const last = args.at(-1);
  if (!last) {
    yield [];
    return;
  }
  for (const own of last.values(value))
    for (const before of combinations(args.slice(0, -1), value)) yield [...before, own];
}

function length(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === 'boolean') throw new JqError(`boolean (${value}) has no length`);
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') return [...value].length;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function keys(value: Json, sorted = true): Json {
  if (Array.isArray(value)) return value.map((_, i) => i);
  if (isObject(value)) return sorted ? keysOf(value) : Object.keys(value);
  throw new JqError(`${typeOf(value)} (${brief(value)}) has no keys`);
}

function has(value: Json, key: Json): Json {
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key);
  if (Array.isArray(value) && typeof key === 'number') return key >= 0 && key < value.length;
  throw new JqError(
    `Cannot check whether ${typeOf(value)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`,
  );
}

function contains(value: Json, other: Json): boolean {
  if (isObject(value) && isObject(other))
    return Object.entries(other).every(([key, item]) => Object.hasOwn(value, key) && contains(value[key]!, item));
  if (Array.isArray(value) && Array.isArray(other))
    return other.every((wanted) => value.some((item) => typeOf(item) === typeOf(wanted) && contains(item, wanted)));
  if (typeof value === 'string' && typeof other === 'string') return value.includes(other);
  if (typeOf(value) !== typeOf(other))
    throw new JqError(
      `${typeOf(value)} (${brief(value)}) and ${typeOf(other)} (${brief(other)}) cannot have their containment checked`,
    );
  return equal(value, other);
}

const list = (value: Json, what: string): Json[] => {
  if (Array.isArray(value)) return value;
  throw new JqError(`${typeOf(value)} (${brief(value)}) ${what}`);
};
const sortable = (value: Json): Json[] => list(value, 'cannot be sorted, as it is not an array');

interface Keyed {
  item: Json;
  key: Json;
}

/** Items with what a program gives for each, in the order of that. */
function keyed(value: Json, by: Argument, sorted = true): Keyed[] {
  const found = sortable(value).map((item): Keyed => ({ item, key: [...by.values(item)] }));
  return sorted ? found.sort((a, b) => compare(a.key, b.key)) : found;
}

function groups(items: Keyed[]): Json[][] {
  const found: Keyed[][] = [];
  for (const one of items) {
    const group = found.at(-1);
    if (group && equal(group[0]!.key, one.key)) group.push(one);
    else found.push([one]);
  }
  return found.map((group) => group.map(({ item }) => item));
}

const byKey =
  (pick: (items: Keyed[]) => Json): Builtin =>
  ({ value }, [by]) => [{ value: pick(keyed(value, by!)) }];

/** The smallest or largest; of equal ones the first smallest, the last largest. */
const extreme =
  (sign: 1 | -1): Builtin =>
  ({ value }, [by]) => {
    const items = by ? keyed(value, by, false) : sortable(value).map((item): Keyed => ({ item, key: item }));
    const best = items.reduce<Keyed | undefined>((found, one) => {
      const order = found ? compare(one.key, found.key) * sign : -1;
      return order < 0 || (sign < 0 && order === 0) ? one : found;
    }, undefined);
    return [{ value: best?.item ?? null }];
  };

function flatten(value: Json, depth: Json): Json[] {
  if (typeof depth === 'number' && depth < 0) throw new JqError('flatten depth must not be negative');
  return itemsOf(value).flatMap(([, item]) =>
    Array.isArray(item) && (depth as number) > 0 ? flatten(item, (depth as number) - 1) : [item],
  );
}

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') throw new JqError(`${typeOf(value)} (${brief(value)}) cannot be parsed as a number`);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number)) throw new JqError(`Cannot use ${write(value)} as a number`);
  return number;
}

function fromJson(value: Json): Json {
  if (typeof value !== 'string') throw new JqError(`${typeOf(value)} (${brief(value)}) only strings can be parsed`);
  const read = readValues(value);
  const first = read.next();
  if (first.done) return null;
  if ('problem' in first.value) throw new JqError(`${first.value.problem} (while parsing '${value}')`);
  return first.value.value;
}

const string = (value: Json, what: string): string => {
  if (typeof value === 'string') return value;
  throw new JqError(what);
};

const startsWith = (value: Json, other: Json): boolean =>
  string(value, 'startswith() requires string inputs').startsWith(string(other, 'startswith() requires string inputs'));
const endsWith = (value: Json, other: Json): boolean =>
  string(value, 'endswith() requires string inputs').endsWith(string(other, 'endswith() requires string inputs'));

function indices(value: Json, wanted: Json): Json {
  if (value === null) return null;
  if (typeof value === 'string' && typeof wanted === 'string') {
    const found: Json[] = [];
    for (let at = value.indexOf(wanted); at >= 0 && wanted !== ''; at = value.indexOf(wanted, at + 1)) found.push(at);
    return found;
  }
  return getKey(value, Array.isArray(value) && !Array.isArray(wanted) ? [wanted] : wanted);
}

function join(value: Json, separator: Json): Json {
  const items = itemsOf(value).map(([, item]) => item);
  if (items.length === 0) return '';
  return items.reduce<Json>((text, item, i) => {
    const own = item === null ? '' : typeof item === 'boolean' || typeof item === 'number' ? write(item) : item;
    return arithmetic('+', i === 0 ? text : arithmetic('+', text, separator), own);
  }, '');
}

const trimmed = (value: Json, pattern: RegExp): Json => {
  if (typeof value !== 'string') throw new JqError(`${typeOf(value)} (${brief(value)}) cannot be trimmed`);
  return value.replace(pattern, '');
};

function split(value: Json, separator: Json): Json {
  if (typeof value !== 'string' || typeof separator !== 'string')
    throw new JqError('split input and separator must be strings');
  return arithmetic('/', value, separator);
}

function* range(from: Json, to: Json, by: Json): Generator<Item, void> {
  if (typeof from !== 'number' || typeof to !== 'number' || typeof by !== 'number')
    throw new JqError('Range bounds must be numeric');
  if (by > 0) for (let at = from; at < to; at += by) yield { value: at };
  else if (by < 0) for (let at = from; at > to; at += by) yield { value: at };
  else if (from < to) for (;;) yield { value: from };
}

const ranged = (bounds: (given: Json[]) => [Json, Json, Json]): Builtin =>
  function* ({ value }, args) {
    for (const given of combinations(args, value)) yield* range(...bounds(given));
  };

const numeric = (work: (value: number) => number): Builtin =>
  plain((value) => {
    if (typeof value !== 'number') throw new JqError(`${typeOf(value)} (${brief(value)}) number required`);
    return work(value);
  });

const MATHS = Object.fromEntries(
  (['floor', 'ceil', 'round', 'sqrt', 'log', 'log2', 'log10', 'exp', 'sin', 'cos', 'tan', 'trunc'] as const).map(
    (name) => [`${name}/0`, numeric(Math[name])],
  ),
);

const raise = (value: Json): never => {
  throw new JqError(value);
};

/** Functions that are no jq programs themselves, by name and number of arguments. */
export const BUILTINS: Record<string, Builtin> = {
  ...MATHS,
  ...MATCHES,
  ...Object.fromEntries(Object.entries(TIMES).map(([name, work]) => [name, valued(work)])),
  'empty/0': () => [],
  'error/0': ({ value }) => raise(value),
  'error/1': function* ({ value }, [message]) {
    for (const own of message!.values(value)) raise(own);
    yield* [];
  },
  'not/0': plain((value) => !truthy(value)),
  'length/0': plain(length),
  'utf8bytelength/0': plain((value) =>
    Buffer.byteLength(string(value, `${typeOf(value)} (${brief(value)}) only strings have UTF-8 byte length`)),
  ),
  'keys/0': plain((value) => keys(value)),
  'keys_unsorted/0': plain((value) => keys(value, false)),
  'has/1': valued(has),
  'contains/1': valued(contains),
  'path/1': function* ({ value }, [arg]) {
    for (const path of arg!.paths(value)) yield { value: path };
  },
  'getpath/1': function* (item, [arg]) {
    for (const path of arg!.values(item.value)) {
      const found = getPath(item.value, path as Path);
      yield item.path ? { value: found, path: [...item.path, ...(path as Path)] } : { value: found };
    }
  },
  'setpath/2': valued((value, path, own) => setPath(value, path as Path, own!)),
  'delpaths/1': valued((value, paths) =>
    [...(paths as Path[])].sort((a, b) => compare(b, a)).reduce<Json>(deletePath, value),
  ),
  'add/0': plain((value) => itemsOf(value).reduce<Json>((sum, [, item]) => arithmetic('+', sum, item), null)),
  'range/1': ranged(([to]) => [0, to!, 1]),
  'range/2': ranged(([from, to]) => [from!, to!, 1]),
  'range/3': ranged(([from, to, by]) => [from!, to!, by!]),
  'pow/2': valued((_, base, exponent) => (base as number) ** (exponent as number)),
  'infinite/0': plain(() => Number.POSITIVE_INFINITY),
  'nan/0': plain(() => Number.NaN),
  'isinfinite/0': plain((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY),
  'isnan/0': plain((value) => Number.isNaN(value)),
  'type/0': plain(typeOf),
  'tostring/0': plain((value) => (typeof value === 'string' ? value : write(value))),
  'tojson/0': plain((value) => write(value)),
  'fromjson/0': plain(fromJson),
  'tonumber/0': plain(toNumber),
  'sort/0': plain((value) => [...sortable(value)].sort(compare)),
  'sort_by/1': byKey((items) => items.map(({ item }) => item)),
  'group_by/1': byKey(groups),
  'unique/0': plain((value) =>
    groups([...sortable(value)].sort(compare).map((item) => ({ item, key: item }))).map(([first]) => first!),
  ),
  'unique_by/1': byKey((items) => groups(items).map(([first]) => first!)),
  'min/0': extreme(1),
  'max/0': extreme(-1),
  'min_by/1': extreme(1),
  'max_by/1': extreme(-1),
  'reverse/0': plain((value) =>
    value === null
      ? []
      : typeof value === 'string'
        ? [...value].reverse().join('')
        : [...list(value, 'cannot be reversed, as it is not an array')].reverse(),
  ),
  'flatten/0': plain((value) => flatten(value, 1e9)),
  'flatten/1': valued((value, depth) => flatten(value, depth!)),
  'startswith/1': valued((value, other) => startsWith(value, other!)),
  'endswith/1': valued((value, other) => endsWith(value, other!)),
  'ltrimstr/1': valued((value, other) =>
    typeof value === 'string' && typeof other === 'string' && value.startsWith(other)
      ? value.slice(other.length)
      : value,
  ),
  'rtrimstr/1': valued((value, other) =>
    typeof value === 'string' && typeof other === 'string' && other !== '' && value.endsWith(other)
      ? value.slice(0, -other.length)
      : value,
  ),
  'trim/0': plain((value) => trimmed(value, /^\s+|\s+$/g)),
  'ltrim/0': plain((value) => trimmed(value, /^\s+/)),
  'rtrim/0': plain((value) => trimmed(value, /\s+$/)),
  'split/1': valued((value, separator) => split(value, separator!)),
  'join/1': valued((value, separator) => join(value, separator!)),
  'indices/1': valued((value, wanted) => indices(value, wanted!)),
  '_indices/1': valued((value, wanted) => indices(value, wanted!)),
  'ascii_downcase/0': plain((value) =>
    string(value, 'ascii_downcase input must be a string').replace(/[A-Z]/g, (char) => char.toLowerCase()),
  ),
  'ascii_upcase/0': plain((value) =>
    string(value, 'ascii_upcase input must be a string').replace(/[a-z]/g, (char) => char.toUpperCase()),
  ),
  'explode/0': plain((value) =>
    [...string(value, `${typeOf(value)} (${brief(value)}) cannot be exploded`)].map((char) => char.codePointAt(0)!),
  ),
  'implode/0': plain((value) =>
    list(value, 'cannot be imploded')
      .map((code) => String.fromCodePoint(code as number))
      .join(''),
  ),
  'now/0': (_, __, { now }) => [{ value: now() / 1000 }],
  'env/0': (_, __, { environment }) => [{ value: environment }],
  'input/0': (_, __, { next }) => {
    const value = next();
    return value === undefined ? raise('No more inputs') : [{ value }];
  },
  'inputs/0': function* (_, __, { next }) {
    for (let value = next(); value !== undefined; value = next()) yield { value };
  },
  'debug/0': (item, _, { say }) => {
    say(`${write(['DEBUG:', item.value])}\n`);
    return [item];
  },
  'stderr/0': (item, _, { say }) => {
    say(write(item.value));
    return [item];
  },
  'input_line_number/0': plain(() => 0),
  'halt/0': () => raise({ __jq: 'halt', code: 0, text: '' }),
  'halt_error/0': ({ value }) =>
    raise({ __jq: 'halt', code: 5, text: typeof value === 'string' ? value : `${write(value)}\n` }),
  'builtins/0': plain(() =>
    Object.keys({ ...BUILTINS, ...DEFINED() })
      .filter((name) => !name.startsWith('_'))
      .sort(byText),
  ),
};

let defined: Record<string, Definition> | undefined;

/** Functions that are jq programs, by name and number of arguments; read when first asked for. */
export function DEFINED(): Record<string, Definition> {
  defined ??= Object.fromEntries(
    parseDefinitions(PRELUDE).map((definition) => [`${definition.name}/${definition.parameters.length}`, definition]),
  );
  return defined;
}
