import { JqError, type Json } from './values.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const two = (value: number, width = 2): string => String(value).padStart(width, '0');

function dateOf(value: Json, name: string): Date {
  if (typeof value === 'number') return new Date(value * 1000);
  if (!Array.isArray(value) || value.some((part) => typeof part !== 'number'))
    throw new JqError(`${name} requires array of 6 numbers`);
  const [year = 0, month = 0, day = 1, hours = 0, minutes = 0, seconds = 0] = value as number[];
  return new Date(Date.UTC(year, month, day, hours, minutes, seconds));
}

const yearDay = (date: Date): number =>
  Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000,
  );

const FIELDS: Record<string, (date: Date) => string> = {
  Y: (date) => String(date.getUTCFullYear()),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  Z: () => 'UTC',
  z: () => '+0000',
  j: (date) => two(yearDay(date) + 1, 3),
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()]!,
  b: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()]!,
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  y: (date) => two(date.getUTCFullYear() % 100),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};
const COMPOSED: Record<string, string> = {
  T: '%H:%M:%S',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  c: '%a %b %e %H:%M:%S %Y',
};

const spelt = (format: string): string => format.replace(/%([TDFRc])/g, (_, letter: string) => COMPOSED[letter]!);

function broken(date: Date): Json {
  const seconds = date.getUTCSeconds() + date.getUTCMilliseconds() / 1000;
  return [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    seconds,
    date.getUTCDay(),
    yearDay(date),
  ];
}

const PARTS: Record<string, string> = {
  Y: '\\d{4}',
  m: '\\d{1,2}',
  d: '\\d{1,2}',
  H: '\\d{1,2}',
  M: '\\d{1,2}',
  S: '\\d{1,2}',
  b: '[A-Za-z]{3}',
  Z: '[A-Z]+',
  z: '[+-]\\d{4}',
};

function parsed(value: Json, format: Json): Json {
  if (typeof value !== 'string' || typeof format !== 'string')
    throw new JqError(`strptime/1 requires string inputs and arguments`);
  const letters: string[] = [];
  const source = spelt(format).replace(/%([A-Za-z])|[.*+?^${}()|[\]\\]/g, (text, letter?: string) => {
    if (letter === undefined) return `\\${text}`;
    letters.push(letter);
    return `(${PARTS[letter] ?? '.*?'})`;
  });
  const match = new RegExp(`^${source}$`).exec(value);
  if (!match) throw new JqError(`date "${value}" does not match format "${format}"`);
  const part = (letter: string, fallback: number) => Number(match[letters.indexOf(letter) + 1] ?? fallback);
  const named = letters.includes('b')
    ? MONTHS.findIndex((month) => month.startsWith(match[letters.indexOf('b') + 1]!))
    : undefined;
  const given = (letter: string, fallback: number) => (letters.includes(letter) ? part(letter, fallback) : fallback);
  return broken(
    new Date(
      Date.UTC(
        given('Y', 1900),
        named ?? given('m', 1) - 1,
        given('d', 1),
        given('H', 0),
        given('M', 0),
        given('S', 0),
      ),
    ),
  );
}

/** Functions of time: all of them in UTC. */
export const TIMES: Record<string, (value: Json, ...args: Json[]) => Json> = {
  'mktime/0': (value) => Math.floor(dateOf(value, 'mktime').getTime() / 1000),
  'gmtime/0': (value) => broken(dateOf(value, 'gmtime()')),
  'localtime/0': (value) => broken(dateOf(value, 'localtime()')),
  'strftime/1': (value, format) =>
    spelt(String(format)).replace(
      /%(.)/g,
      (text, letter: string) => FIELDS[letter]?.(dateOf(value, 'strftime/1')) ?? text,
    ),
  'strflocaltime/1': (value, format) => TIMES['strftime/1']!(value, format!),
  'strptime/1': (value, format) => parsed(value, format!),
};
