type Value = string | null;

export interface Table {
  columns: string[];
  /** Columns whose values are numbers: they stand to the right. */
  numeric: string[];
  rows: Value[][];
}

export interface Databases {
  users: Record<string, string>;
  databases: Record<string, Record<string, Table>>;
}

/** What one statement gives: rows, a tag (`INSERT 0 1`) or an error. */
export type SqlResult =
  | { table: Table }
  | { tag: string; count: number; database?: string }
  | { error: 'no-table' | 'no-column' | 'no-database' | 'exists' | 'syntax'; name: string };

/** What a session knows besides the tables. */
export interface Session {
  user: string;
  database: string;
  version: string;
}

const NAME = '["`]?([\\w.]+)["`]?';
const rule = (pattern: string) =>
  new RegExp(`^${pattern.replaceAll('NAME', NAME).replaceAll(' ?', '\\s*').replaceAll(' ', '\\s+')}$`, 'is');

/** Splits at a comma or semicolon outside of quotes and brackets. */
export function splitOutside(text: string, mark: string): string[] {
  const parts = [''];
  let quote = '';
  let depth = 0;
  for (const char of text) {
    if (quote) quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    if (char === mark && !quote && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const bare = (name: string): string => name.replace(/^["`]|["`]$/g, '').replace(/^.*\./, '');

/** A literal's value; undefined if it is none. */
function literal(text: string): Value | undefined {
  if (/^null$/i.test(text)) return null;
  const [, mark, quoted] = /^(['"])(.*)\1$/s.exec(text) ?? [];
  if (quoted !== undefined) return quoted.replaceAll(`${mark}${mark}`, mark!);
  return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
}

type Test = (row: Value[]) => boolean;

function condition(table: Table, text: string | undefined): Test | { missing: string } {
  if (!text) return () => true;
  const tests: Test[] = [];
  for (const part of text.split(/\s+and\s+/i)) {
    const [, name = '', operator = '=', right = ''] =
      /^["`]?([\w.]+)["`]?\s*(=|<>|!=|<=|>=|<|>|like)\s*(.+)$/is.exec(part.trim()) ?? [];
    const column = table.columns.indexOf(bare(name));
    if (column < 0) return { missing: bare(name) };
    const value = literal(right.trim()) ?? '';
    tests.push((row) => compare(row[column] ?? null, operator.toLowerCase(), value));
  }
  return (row) => tests.every((test) => test(row));
}

function compare(left: Value, operator: string, right: string): boolean {
  if (left === null) return false;
  if (operator === 'like')
    return new RegExp(
      `^${right
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%', '.*')
        .replaceAll('_', '.')}$`,
      'i',
    ).test(left);
  const numbers = /^-?\d+(\.\d+)?$/.test(left) && /^-?\d+(\.\d+)?$/.test(right);
  const order = numbers ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  return {
    '=': order === 0,
    '<>': order !== 0,
    '!=': order !== 0,
    '<': order < 0,
    '>': order > 0,
    '<=': order <= 0,
    '>=': order >= 0,
  }[operator]!;
}

/** Runs one statement; `all` is changed by those that write. */
export function executeSql(all: Databases, session: Session, sql: string): SqlResult {
  const text = sql.trim();
  const tables = all.databases[session.database];
  for (const [pattern, run] of STATEMENTS) {
    const words = rule(pattern).exec(text);
    if (words) return run(all, tables ?? {}, words.slice(1), session);
  }
  return { error: 'syntax', name: text.split(/\s+/)[0] ?? '' };
}

type Statement = [
  pattern: string,
  run: (all: Databases, tables: Record<string, Table>, words: (string | undefined)[], session: Session) => SqlResult,
];

const done = (tag: string, count = 0): SqlResult => ({ tag, count });
const listed = (column: string, names: string[]): SqlResult => ({
  table: { columns: [column], numeric: [], rows: names.map((name) => [name]) },
});

const STATEMENTS: Statement[] = [
  [
    'create database (if not exists )?NAME.*',
    (all, _, [lenient, name = '']) => {
      if (all.databases[name]) return lenient ? done('CREATE DATABASE', 1) : { error: 'exists', name };
      all.databases[name] = {};
      return done('CREATE DATABASE', 1);
    },
  ],
  [
    'drop database (if exists )?NAME',
    (all, _, [lenient, name = '']) => {
      if (!all.databases[name] && !lenient) return { error: 'no-database', name };
      delete all.databases[name];
      return done('DROP DATABASE');
    },
  ],
  [
    'use NAME',
    (all, _, [name = '']) =>
      all.databases[name] ? { tag: 'Database changed', count: 0, database: name } : { error: 'no-database', name },
  ],
  ['show databases', (all) => listed('Database', Object.keys(all.databases).sort())],
  ['show tables', (_, tables, __, { database }) => listed(`Tables_in_${database}`, Object.keys(tables).sort())],
  [
    'create table (if not exists )?NAME ?\\((.*)\\).*',
    (all, current, [lenient, whole = '', body = '']) => {
      const tables = homeOf(all, current, whole);
      const name = bare(whole);
      if (tables[name]) return lenient ? done('CREATE TABLE') : { error: 'exists', name };
      const columns = splitOutside(body, ',').filter(
        (column) => !/^(primary|foreign|unique|constraint|key|index)\b/i.test(column),
      );
      const named = columns.map((column) => ({
        name: bare(column.split(/\s+/)[0]!),
        isNumber: /\b(\w*int|\w*serial|numeric|decimal|float|double|real)\b/i.test(column),
      }));
      tables[name] = {
        columns: named.map((column) => column.name),
        numeric: named.filter(({ isNumber }) => isNumber).map((column) => column.name),
        rows: [],
      };
      return done('CREATE TABLE');
    },
  ],
  [
    'drop table (if exists )?NAME.*',
    (all, current, [lenient, whole = '']) => {
      const tables = homeOf(all, current, whole);
      const name = bare(whole);
      if (!tables[name] && !lenient) return { error: 'no-table', name };
      delete tables[name];
      return done('DROP TABLE');
    },
  ],
  [
    'insert into NAME ?(?:\\(([^()]*)\\) ?)?values ?(.*)',
    (all, tables, [whole = '', columns, values = '']) => {
      const table = tableOf(all, tables, whole);
      if (!table) return { error: 'no-table', name: bare(whole) };
      const names = columns ? columns.split(',').map((column) => bare(column.trim())) : table.columns;
      const missing = names.find((name) => !table.columns.includes(name));
      if (missing) return { error: 'no-column', name: missing };
      const rows = splitOutside(values, ',').map((row) => splitOutside(row.replace(/^\(|\)$/g, ''), ','));
      for (const row of rows)
        table.rows.push(table.columns.map((column) => valueFor(table, column, row[names.indexOf(column)])));
      return done(`INSERT 0 ${rows.length}`, rows.length);
    },
  ],
  [
    'update NAME set (.*?)(?: where (.*))?',
    (all, tables, [whole = '', changes = '', where]) => {
      const table = tableOf(all, tables, whole);
      if (!table) return { error: 'no-table', name: bare(whole) };
      const test = condition(table, where);
      if (typeof test !== 'function') return { error: 'no-column', name: test.missing };
      const hit = table.rows.filter(test);
      for (const change of splitOutside(changes, ',')) {
        const [name = '', ...right] = change.split('=');
        const column = table.columns.indexOf(bare(name.trim()));
        if (column < 0) return { error: 'no-column', name: bare(name.trim()) };
        for (const row of hit) row[column] = literal(right.join('=').trim()) ?? null;
      }
      return done(`UPDATE ${hit.length}`, hit.length);
    },
  ],
  [
    'delete from NAME(?: where (.*))?',
    (all, tables, [whole = '', where]) => {
      const table = tableOf(all, tables, whole);
      if (!table) return { error: 'no-table', name: bare(whole) };
      const test = condition(table, where);
      if (typeof test !== 'function') return { error: 'no-column', name: test.missing };
      const before = table.rows.length;
      table.rows = table.rows.filter((row) => !test(row));
      return done(`DELETE ${before - table.rows.length}`, before - table.rows.length);
    },
  ],
  ['select (.*?)(?: from NAME(?: where (.*?))?(?: order by NAME( desc| asc)?)?(?: limit (\\d+))?)?', select],
];

/** Where `t` belongs, or `app.t` of another database; what stands before the point may also be a schema. */
function homeOf(all: Databases, tables: Record<string, Table>, whole: string): Record<string, Table> {
  const [database = '', name] = whole.split('.');
  return (name === undefined ? undefined : all.databases[bare(database)]) ?? tables;
}

const tableOf = (all: Databases, tables: Record<string, Table>, whole: string): Table | undefined =>
  homeOf(all, tables, whole)[bare(whole)];

/** A value for a column; one that is not given counts on, where it is a number that leads its table. */
function valueFor(table: Table, column: string, text: string | undefined): Value {
  if (text !== undefined) return literal(text) ?? null;
  const isCounter = table.columns[0] === column && table.numeric.includes(column);
  return isCounter ? String(Math.max(0, ...table.rows.map((row) => Number(row[0]))) + 1) : null;
}

function select(
  all: Databases,
  tables: Record<string, Table>,
  words: (string | undefined)[],
  session: Session,
): SqlResult {
  const [list = '', whole, where, order, direction, limit] = words;
  const items = splitOutside(list, ',').map(
    (item) => /^(.*?)(?:\s+as\s+["`]?(\w+)["`]?)?$/is.exec(item)!.slice(1) as [string, string?],
  );
  if (whole === undefined) {
    const cells = items.map(([text, alias]) => ({ name: alias ?? labelOf(text), value: constant(text, session) }));
    const unknown = cells.findIndex(({ value }) => value === undefined);
    if (unknown >= 0) return { error: 'no-column', name: items[unknown]![0] };
    return {
      table: {
        columns: cells.map(({ name }) => name),
        numeric: cells.filter(({ value }) => /^-?\d+$/.test(value ?? '')).map(({ name }) => name),
        rows: [cells.map(({ value }) => value!)],
      },
    };
  }
  const table = tableOf(all, tables, whole);
  if (!table) return { error: 'no-table', name: bare(whole) };
  const test = condition(table, where);
  if (typeof test !== 'function') return { error: 'no-column', name: test.missing };
  let rows = table.rows.filter(test);
  if (/^count\(/i.test(items[0]![0])) {
    const name = items[0]![1] ?? 'count';
    return { table: { columns: [name], numeric: [name], rows: [[String(rows.length)]] } };
  }
  if (order) {
    const column = table.columns.indexOf(bare(order));
    rows = [...rows].sort((a, b) => (compare(a[column] ?? '', '<', b[column] ?? '') ? -1 : 1));
    if (/desc/i.test(direction ?? '')) rows.reverse();
  }
  if (limit) rows = rows.slice(0, Number(limit));
  const names = items.flatMap(([item]) => (item.trim() === '*' ? table.columns : [bare(item.trim())]));
  const missing = names.find((name) => !table.columns.includes(name));
  if (missing) return { error: 'no-column', name: missing };
  return {
    table: {
      columns: names,
      numeric: table.numeric.filter((name) => names.includes(name)),
      rows: rows.map((row) => names.map((name) => row[table.columns.indexOf(name)] ?? null)),
    },
  };
}

const labelOf = (text: string): string =>
  /^['\d]/.test(text.trim()) ? '?column?' : text.trim().replace(/\(.*$/, '').toLowerCase();

function constant(text: string, { user, database, version }: Session): Value | undefined {
  const name = text.trim().toLowerCase();
  const known: Record<string, string> = {
    'version()': version,
    '@@version': version,
    current_user: user,
    'current_user()': user,
    'user()': `${user}@localhost`,
    'current_database()': database,
    'database()': database,
  };
  return known[name] ?? literal(text.trim());
}
