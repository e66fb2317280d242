import { expect, it } from 'vitest';
import { type Databases, executeSql, splitOutside } from './engine.ts';

const SESSION = { user: 'postgres', database: 'app', version: 'PostgreSQL 17.6' };

/** What each statement of a script gives: its rows, its tag or its error. */
function run(...script: string[]): unknown[] {
  const all: Databases = { users: {}, databases: { app: {} } };
  return script.map((sql) => {
    const result = executeSql(all, SESSION, sql);
    return 'table' in result ? result.table.rows : 'error' in result ? `${result.error} ${result.name}` : result.tag;
  });
}

const TABLE = 'CREATE TABLE t (id SERIAL PRIMARY KEY, name TEXT)';
const FILLED = [TABLE, "INSERT INTO t (name) VALUES ('a'), ('it''s'), ('b')"];

it.each<[script: string[], ...last: unknown[]]>([
  [[TABLE, 'create table if not exists t(id int)', TABLE], 'CREATE TABLE', 'exists t'],
  [
    [...FILLED, 'SELECT * FROM t'],
    'INSERT 0 3',
    [
      ['1', 'a'],
      ['2', "it's"],
      ['3', 'b'],
    ],
  ],
  [[...FILLED, "select name from t where id >= 2 and name <> 'b'"], [["it's"]]],
  [[...FILLED, "select count(*) from t where name like '%s'"], [['1']]],
  [
    [...FILLED, 'select id from t order by name desc limit 2'],
    [['2'], ['3']],
  ],
  [[...FILLED, "update t set name = 'c' where id = 1", 'select name from t where id = 1'], 'UPDATE 1', [['c']]],
  [[...FILLED, 'delete from t where id > 1', 'select count(*) from t'], 'DELETE 2', [['1']]],
  [['select 1', 'select version()'], [['1']], [['PostgreSQL 17.6']]],
  [['create database x', 'show databases', 'drop database x'], 'CREATE DATABASE', [['app'], ['x']], 'DROP DATABASE'],
  [
    [
      'create database x',
      'create table x.t (m text)',
      "insert into x.t values ('a')",
      'show tables',
      'select * from x.t',
    ],
    [],
    [['a']],
  ],
  [
    ['create table public.p (a int)', 'show tables', 'drop table x.p', 'drop table public.p'],
    [['p']],
    'DROP TABLE',
    'no-table p',
  ],
  [['select * from nope'], 'no-table nope'],
  [[...FILLED, 'select nope from t'], 'no-column nope'],
  [['selec 1'], 'syntax selec'],
])('%j', (script, ...last) => {
  expect(run(...script).slice(-last.length)).toEqual(last);
});

it('a script is split where a statement ends', () => {
  expect(splitOutside("insert into t values ('a;b', (1));\nselect 1;", ';')).toEqual([
    "insert into t values ('a;b', (1))",
    'select 1',
  ]);
});
