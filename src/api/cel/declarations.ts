import { type CelType, parseType } from './types.ts';

/** One way to call a function. */
export interface Overload {
  /** Called on its first argument. */
  member: boolean;
  parameters: CelType[];
  result: CelType;
}

export type Declarations = Map<string, Overload[]>;

const SIGNATURE = /^(?:(.+)\.)?([\w@]+|[_+\-*/%!<>=?:[\]&|@a-z]+)\((.*)\): (.+)$/;

/** The parts of `map<K, V>, K` */
const splitTypes = (text: string): string[] => (text === '' ? [] : text.split(/, (?![^<]*>)/));

/**
 * Adds what signatures say: `size(list<T>): int`, on a receiver `string.contains(string): bool`; a name with a dot is
 * written `sets:contains(list<T>, list<T>): bool`.
 */
export function declare(declarations: Declarations, signatures: Iterable<string>): Declarations {
  for (const signature of signatures) {
    const [, space, text = ''] = /^(?:(\w+):)?(.*)$/.exec(signature)!;
    const [, receiver, name = '', parameters = '', result = ''] = SIGNATURE.exec(text)!;
    const full = space ? `${space}.${name}` : name;
    const list = declarations.get(full) ?? [];
    list.push({
      member: receiver !== undefined,
      parameters: [...(receiver ? [receiver] : []), ...splitTypes(parameters)].map(parseType),
      result: parseType(result),
    });
    declarations.set(full, list);
  }
  return declarations;
}

const each = (types: string[], signature: (type: string) => string): string[] => types.map(signature);
const NUMBERS = ['int', 'uint', 'double'];
const ORDERED = ['bool', ...NUMBERS, 'string', 'bytes', 'timestamp', 'duration'];
const MIXED = NUMBERS.flatMap((a) => NUMBERS.filter((b) => b !== a).map((b) => `${a}, ${b}`));
const TIME_PARTS = [
  'getFullYear',
  'getMonth',
  'getDayOfYear',
  'getDayOfMonth',
  'getDate',
  'getDayOfWeek',
  'getHours',
  'getMinutes',
  'getSeconds',
  'getMilliseconds',
]; // prettier-ignore
const DURATION_PARTS = ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'];

/** cel-go's standard library, with comparisons across numeric types and with optional values. */
export const STANDARD = (): string[] => [
  '_?_:_(bool, A, A): A',
  '_&&_(bool, bool): bool',
  '_||_(bool, bool): bool',
  '!_(bool): bool',
  '_==_(A, A): bool',
  '_!=_(A, A): bool',
  ...each(
    ['bytes', 'double', 'int', 'string', 'uint', 'duration', 'list<A>'],
    (type) => `_+_(${type}, ${type}): ${type}`,
  ),
  '_+_(duration, timestamp): timestamp',
  '_+_(timestamp, duration): timestamp',
  ...each([...NUMBERS, 'duration'], (type) => `_-_(${type}, ${type}): ${type}`),
  '_-_(timestamp, duration): timestamp',
  '_-_(timestamp, timestamp): duration',
  ...['*', '/'].flatMap((op) => each(NUMBERS, (type) => `_${op}_(${type}, ${type}): ${type}`)),
  '_%_(int, int): int',
  '_%_(uint, uint): uint',
  '-_(int): int',
  '-_(double): double',
  ...['<', '<=', '>', '>='].flatMap((op) => [
    ...each(ORDERED, (type) => `_${op}_(${type}, ${type}): bool`),
    ...each(MIXED, (types) => `_${op}_(${types}): bool`),
  ]),
  '_[_](list<A>, int): A',
  '_[_](map<A, B>, A): B',
  '_[_](optional<list<A>>, int): optional<A>',
  '_[_](optional<map<A, B>>, A): optional<B>',
  '_[?_](list<A>, int): optional<A>',
  '_[?_](optional<list<A>>, int): optional<A>',
  '_[?_](map<A, B>, A): optional<B>',
  '_[?_](optional<map<A, B>>, A): optional<B>',
  '@in(A, list<A>): bool',
  '@in(A, map<A, B>): bool',
  ...['bytes', 'list<A>', 'map<A, B>', 'string'].flatMap((type) => [`size(${type}): int`, `${type}.size(): int`]),
  'type(A): type<A>',
  'dyn(A): dyn',
  ...each(['bool', 'string'], (type) => `bool(${type}): bool`),
  ...each(['bytes', 'string'], (type) => `bytes(${type}): bytes`),
  ...each([...NUMBERS, 'string'], (type) => `double(${type}): double`),
  ...each(['duration', 'int', 'string'], (type) => `duration(${type}): duration`),
  ...each([...NUMBERS, 'duration', 'string', 'timestamp'], (type) => `int(${type}): int`),
  ...each(ORDERED, (type) => `string(${type}): string`),
  ...each(['timestamp', 'int', 'string'], (type) => `timestamp(${type}): timestamp`),
  ...each([...NUMBERS, 'string'], (type) => `uint(${type}): uint`),
  ...each(['contains', 'endsWith', 'startsWith', 'matches'], (name) => `string.${name}(string): bool`),
  'matches(string, string): bool',
  ...TIME_PARTS.flatMap((name) => [`timestamp.${name}(): int`, `timestamp.${name}(string): int`]),
  ...each(DURATION_PARTS, (name) => `duration.${name}(): int`),
  'optional:of(A): optional<A>',
  'optional:ofNonZeroValue(A): optional<A>',
  'optional:none(): optional<A>',
  'optional<A>.value(): A',
  'optional<A>.hasValue(): bool',
  'optional<A>.or(optional<A>): optional<A>',
  'optional<A>.orValue(A): A',
]; // prettier-ignore
