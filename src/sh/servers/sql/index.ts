import type { FileSystem } from '../../process.ts';
import type { Server, ServerCall } from '../server.ts';
import { type Databases, executeSql, type Session, type SqlResult, splitOutside } from './engine.ts';

/** What a client sends, as JSON: it stands for the wire's own protocol. */
export interface SqlRequest {
  user: string;
  password?: string;
  database: string;
  sql: string;
  /** It comes over the socket of its own machine. */
  local: boolean;
}

export type SqlAnswer =
  | { refused: 'password' | 'no-password' | 'no-user' | 'no-database' }
  | { results: SqlResult[]; database: string };

interface Dialect {
  port: number;
  /** Where the data lies. */
  file(environment: Record<string, string>): string;
  first(environment: Record<string, string>): Databases;
  version(environment: Record<string, string>): string;
  /** Whether a client on the same machine is asked for a password. */
  trustsLocal: boolean;
}

const POSTGRES: Dialect = {
  port: 5432,
  file: ({ PGDATA = '/var/lib/postgresql/data' }) => `${PGDATA}/base.json`,
  first({ POSTGRES_USER: user = 'postgres', POSTGRES_PASSWORD: password = '', POSTGRES_DB: database = user }) {
    return { users: { [user]: password }, databases: { postgres: {}, template0: {}, template1: {}, [database]: {} } };
  },
  version: ({ PG_VERSION = '17.6' }) =>
    `PostgreSQL ${PG_VERSION} (Debian ${PG_VERSION}-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit`,
  trustsLocal: true,
};

const MYSQL: Dialect = {
  port: 3306,
  file: () => '/var/lib/mysql/ibdata.json',
  first(environment) {
    const { MYSQL_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD, MYSQL_DATABASE, MARIADB_DATABASE, MYSQL_USER, MYSQL_PASSWORD } =
      environment;
    const database = MYSQL_DATABASE ?? MARIADB_DATABASE;
    return {
      users: {
        root: MYSQL_ROOT_PASSWORD ?? MARIADB_ROOT_PASSWORD ?? '',
        ...(MYSQL_USER && { [MYSQL_USER]: MYSQL_PASSWORD ?? '' }),
      },
      databases: {
        information_schema: {},
        mysql: {},
        performance_schema: {},
        sys: {},
        ...(database && { [database]: {} }),
      },
    };
  },
  version: ({ MYSQL_VERSION = '8.4.6' }) => MYSQL_VERSION,
  trustsLocal: false,
};

function load({ files }: { files: FileSystem }, path: string): Databases | undefined {
  try {
    return JSON.parse(files.read(path)) as Databases;
  } catch {
    return undefined;
  }
}

function store({ files }: { files: FileSystem }, path: string, all: Databases): void {
  try {
    files.write(path, JSON.stringify(all));
  } catch {}
}

/** Whoever may not come in, and why; undefined for the others. */
function refusal(
  { trustsLocal }: Dialect,
  all: Databases,
  { user, password, local, database }: SqlRequest,
): Extract<SqlAnswer, { refused: string }> | undefined {
  const wanted = all.users[user];
  const isTrusted = trustsLocal && local;
  if (wanted === undefined) return { refused: isTrusted ? 'no-user' : 'password' };
  if (!isTrusted && wanted !== (password ?? ''))
    return { refused: password === undefined ? 'no-password' : 'password' };
  return database !== '' && !all.databases[database] ? { refused: 'no-database' } : undefined;
}

function answer(dialect: Dialect, { machine, environment }: ServerCall, request: SqlRequest): SqlAnswer {
  const path = dialect.file(environment);
  const all = load(machine, path) ?? dialect.first(environment);
  const refused = refusal(dialect, all, request);
  if (refused) return refused;
  const session: Session = { user: request.user, database: request.database, version: dialect.version(environment) };
  const results: SqlResult[] = [];
  for (const statement of splitOutside(request.sql, ';')) {
    const result = executeSql(all, session, statement);
    results.push(result);
    if ('database' in result && result.database) session.database = result.database;
    if ('error' in result) break;
  }
  if (results.some((result) => 'tag' in result)) store(machine, path, all);
  return { results, database: session.database };
}

/** A database of small tables: what is in them stays with its files, as long as these do. */
const databaseServer = (dialect: Dialect): Server => ({
  begin(io) {
    const path = dialect.file(io.environment);
    if (!load(io.machine, path)) store(io.machine, path, dialect.first(io.environment));
    return { ports: dialect.port === 3306 ? [3306, 33060] : [dialect.port], memory: {} };
  },
  talk(call, text) {
    try {
      return { text: JSON.stringify(answer(dialect, call, JSON.parse(text) as SqlRequest)) };
    } catch {
      return { text: '' };
    }
  },
});

export const postgres = databaseServer(POSTGRES);
export const mysql = databaseServer(MYSQL);
