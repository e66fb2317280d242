import { lookUp } from '../../resolver.ts';
import type { SqlResult, Table } from '../../servers/sql/engine.ts';
import type { SqlAnswer, SqlRequest } from '../../servers/sql/index.ts';
import { ERRORS, waitOf } from '../network/failures.ts';
import {
  fail,
  linesOf,
  type Options,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  type ToolResult,
} from '../tool.ts';

type Asked = { answer: SqlAnswer; address: string } | { reason: string; address: string; after: number };

function ask(context: ToolContext, host: string | undefined, port: number, request: Omit<SqlRequest, 'local'>): Asked {
  const found = host === undefined ? { addresses: ['127.0.0.1'] } : lookUp(context.machine, host);
  if ('failure' in found) return { reason: 'name', address: '', after: found.after };
  const address = found.addresses[0]!;
  const answer = context.machine.network.talk(address, port, JSON.stringify({ ...request, local: host === undefined }));
  if ('failure' in answer)
    return { reason: ERRORS[answer.failure as keyof typeof ERRORS], address, after: waitOf(answer.failure) };
  return { answer: JSON.parse(answer.text || '{"results":[],"database":""}') as SqlAnswer, address };
}

const widthsOf = ({ columns, rows }: Table) =>
  columns.map((name, index) => Math.max(name.length, ...rows.map((row) => (row[index] ?? '').length)));

/** A table as psql aligns it; -t leaves heads away, -A the alignment. */
function psqlTable(table: Table, options: Options): string {
  const { columns, rows, numeric } = table;
  const isBare = options.has('t', 'tuples-only');
  const foot = isBare ? '' : `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`;
  if (options.has('A', 'no-align')) {
    const separator = options.value('F', 'field-separator') ?? '|';
    return (
      [...(isBare ? [] : [columns]), ...rows]
        .map((row) => `${row.map((cell) => cell ?? '').join(separator)}\n`)
        .join('') + foot
    );
  }
  const widths = widthsOf(table);
  const head = columns
    .map(
      (name, index) =>
        ` ${name.padStart(name.length + Math.floor((widths[index]! - name.length) / 2)).padEnd(widths[index]!)} `,
    )
    .join('|');
  const line = (row: (string | null)[]) =>
    row
      .map(
        (cell, index) =>
          ` ${numeric.includes(columns[index]!) ? (cell ?? '').padStart(widths[index]!) : (cell ?? '').padEnd(index === row.length - 1 ? 0 : widths[index]!)}${index === row.length - 1 ? '' : ' '}`,
      )
      .join('|');
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return `${isBare ? '' : `${head}\n${rule}\n`}${rows.map((row) => `${line(row)}\n`).join('')}${foot}\n`;
}

const PSQL_ERRORS: Record<Extract<SqlResult, { error: string }>['error'], (name: string) => string> = {
  'no-table': (name) => `relation "${name}" does not exist`,
  'no-column': (name) => `column "${name}" does not exist`,
  'no-database': (name) => `database "${name}" does not exist`,
  exists: (name) => `relation "${name}" already exists`,
  syntax: (name) => `syntax error at or near "${name}"`,
};

/** psql's own commands, as the statements that they stand for. */
function metaCommand(line: string): string {
  const [word, name] = line.trim().split(/\s+/);
  if (word === '\\l' || word === '\\list') return 'show databases';
  if (word === '\\dt' || word === '\\d') return 'show tables';
  return word === '\\c' || word === '\\connect' ? `use ${name}` : line;
}

export const psql: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'h:p:U:d:c:f:F:v:ltAqwWXx1', [
    'host:',
    'port:',
    'username:',
    'dbname:',
    'command:',
    'file:',
    'tuples-only',
    'no-align',
    'field-separator:',
    'list',
    'version',
    'quiet',
    'no-password',
    'no-psqlrc',
  ]);
  if (options.has('version')) return ok(`psql (PostgreSQL) ${context.env.PG_VERSION ?? '17.6'}\n`);
  const [, user, password, urlHost, urlPort, urlDatabase] =
    /^postgres(?:ql)?:\/\/(?:([^:@/]+)(?::([^@/]*))?@)?([^:/]*)(?::(\d+))?(?:\/(\w+))?/.exec(
      options.rest[0] ?? options.value('d', 'dbname') ?? '',
    ) ?? [];
  const isUrl = urlHost !== undefined;
  const name =
    options.value('U', 'username') ??
    user ??
    context.env.PGUSER ??
    (isUrl ? undefined : options.rest[1]) ??
    (context.user || 'root');
  const host = options.value('h', 'host') ?? (urlHost || context.env.PGHOST);
  const port = Number(options.value('p', 'port') ?? urlPort ?? context.env.PGPORT ?? 5432);
  const database =
    (isUrl ? urlDatabase : (options.value('d', 'dbname') ?? options.rest[0])) ?? context.env.PGDATABASE ?? name;
  const commands = options.values('c', 'command');
  const file = options.value('f', 'file');
  const texts = options.has('l', 'list')
    ? ['\\l']
    : commands.length > 0
      ? commands
      : file
        ? [context.machine.files.read(context.path(file))]
        : linesOf(context.stdin);
  const secret = password ?? context.env.PGPASSWORD;
  const sql = texts
    .map((text) => (text.trim().startsWith('\\') ? `${metaCommand(text)};` : text))
    .join(commands.length > 0 ? ';' : '\n');
  const asked = ask(context, host, port, {
    user: name,
    database,
    sql,
    ...(secret !== undefined && { password: secret }),
  });
  const where =
    host === undefined
      ? 'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432"'
      : `connection to server at "${host}" (${asked.address}), port ${port}`;
  if ('reason' in asked) {
    if (asked.reason === 'name')
      return {
        ...fail(`psql: error: could not translate host name "${host}" to address: Name or service not known\n`, 2),
        ...(asked.after && { after: asked.after }),
      };
    const hint =
      host === undefined
        ? 'Is the server running locally and accepting connections on that socket?'
        : 'Is the server running on that host and accepting TCP/IP connections?';
    return {
      ...fail(
        `psql: error: ${where} failed: ${host === undefined ? 'No such file or directory' : asked.reason}\n\t${hint}\n`,
        2,
      ),
      ...(asked.after && { after: asked.after }),
    };
  }
  const { answer } = asked;
  if ('refused' in answer) {
    const words = {
      password: `FATAL:  password authentication failed for user "${name}"`,
      'no-password': 'fe_sendauth: no password supplied',
      'no-user': `FATAL:  role "${name}" does not exist`,
      'no-database': `FATAL:  database "${database}" does not exist`,
    };
    return fail(`psql: error: ${where} failed: ${words[answer.refused]}\n`, 2);
  }
  let stdout = '';
  for (const result of answer.results) {
    if ('error' in result)
      return {
        stdout,
        stderr: `ERROR:  ${PSQL_ERRORS[result.error](result.name)}\n`,
        code: commands.length > 0 ? 1 : 0,
      };
    if ('table' in result) stdout += psqlTable(result.table, options);
    else if (result.database) stdout += `You are now connected to database "${result.database}" as user "${name}".\n`;
    else if (!options.has('q', 'quiet')) stdout += `${result.tag}\n`;
  }
  return ok(stdout);
};

export const pgIsReady: Tool = (context) => {
  const options = parseOptions(context, 'h:p:U:d:t:q', ['host:', 'port:', 'username:', 'dbname:', 'timeout:', 'quiet']);
  const host = options.value('h', 'host');
  const port = Number(options.value('p', 'port') ?? 5432);
  const found = host === undefined ? { addresses: ['127.0.0.1'] } : lookUp(context.machine, host);
  const state = 'failure' in found ? 'bad-address' : context.machine.network.connect(found.addresses[0]!, port);
  const where = `${host ?? '/var/run/postgresql'}:${port}`;
  return {
    ...ok(
      options.has('q', 'quiet') ? '' : `${where} - ${state === 'open' ? 'accepting connections' : 'no response'}\n`,
    ),
    code: state === 'open' ? 0 : 2,
  };
};

const MYSQL_ERRORS: Record<Extract<SqlResult, { error: string }>['error'], (name: string, database: string) => string> =
  {
    'no-table': (name, database) =>
      database
        ? `1146 (42S02) at line 1: Table '${database}.${name}' doesn't exist`
        : '1046 (3D000) at line 1: No database selected',
    'no-column': (name) => `1054 (42S22) at line 1: Unknown column '${name}' in 'field list'`,
    'no-database': (name) => `1049 (42000) at line 1: Unknown database '${name}'`,
    exists: (name) => `1050 (42S01) at line 1: Table '${name}' already exists`,
    syntax: (name) =>
      `1064 (42000) at line 1: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${name}' at line 1`,
  };

/** A table as mysql draws it on a terminal; a pipe gets tabs. */
function mysqlTable(table: Table, drawn: boolean, options: Options): string {
  const { columns, rows } = table;
  const heads = options.has('N', 'skip-column-names') ? [] : [columns];
  if (!drawn) return [...heads, ...rows].map((row) => `${row.map((cell) => cell ?? 'NULL').join('\t')}\n`).join('');
  const widths = widthsOf(table);
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (row: (string | null)[]) =>
    `|${row.map((cell, index) => ` ${(cell ?? 'NULL').padEnd(widths[index]!)} `).join('|')}|\n`;
  return `${rule}${heads.map(line).join('')}${rule}${rows.map(line).join('')}${rule}`;
}

/** `-pSECRET` stands together, and `-p` alone asks. */
const withPassword = (argv: string[]): { argv: string[]; password?: string } => {
  const at = argv.findIndex((word) => /^-p.|^--password=/.test(word));
  const password = at < 0 ? undefined : argv[at]!.replace(/^-p|^--password=/, '');
  return {
    argv: argv.filter((word, index) => index !== at && word !== '-p' && word !== '--password'),
    ...(password !== undefined && { password }),
  };
};

export const mysql: Tool = (context): ToolResult => {
  const given = withPassword(context.argv.slice(1));
  const options = parseOptions(
    context,
    'h:P:u:e:D:tNBsr',
    [
      'host:',
      'port:',
      'user:',
      'execute:',
      'database:',
      'table',
      'skip-column-names',
      'batch',
      'silent',
      'version',
      'protocol:',
      'ssl-mode:',
    ],
    false,
    given.argv,
  );
  if (options.has('version'))
    return ok(
      `mysql  Ver ${context.env.MYSQL_VERSION ?? '8.4.6'} for Linux on x86_64 (MySQL Community Server - GPL)\n`,
    );
  const user = options.value('u', 'user') ?? context.user ?? 'root';
  const host = options.value('h', 'host');
  const port = Number(options.value('P', 'port') ?? 3306);
  const secret = given.password ?? context.env.MYSQL_PWD;
  const warning =
    given.password === undefined
      ? ''
      : 'mysql: [Warning] Using a password on the command line interface can be insecure.\n';
  const database = options.value('D', 'database') ?? options.rest[0] ?? '';
  const asked = ask(context, host === 'localhost' ? undefined : host, port, {
    user,
    database,
    sql: options.value('e', 'execute') ?? context.stdin,
    ...(secret !== undefined && { password: secret }),
  });
  const error = (text: string, after = 0): ToolResult => ({
    ...fail(`${warning}ERROR ${text}\n`),
    ...(after > 0 && { after }),
  });
  if ('reason' in asked) {
    if (asked.reason === 'name') return error(`2005 (HY000): Unknown MySQL server host '${host}' (-2)`, asked.after);
    if (host === undefined)
      return error(
        `2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)`,
      );
    return error(
      `2003 (HY000): Can't connect to MySQL server on '${host}:${port}' (${{ [ERRORS.refused]: 111, [ERRORS.timeout]: 110 }[asked.reason] ?? 113})`,
      asked.after,
    );
  }
  const { answer } = asked;
  if ('refused' in answer) {
    if (answer.refused === 'no-database') return error(`1049 (42000): Unknown database '${database}'`);
    return error(
      `1045 (28000): Access denied for user '${user}'@'${host === undefined ? 'localhost' : '%'}' (using password: ${secret === undefined ? 'NO' : 'YES'})`,
    );
  }
  const drawn = (options.has('t', 'table') || context.columns !== undefined) && !options.has('B', 'batch');
  let stdout = '';
  for (const result of answer.results) {
    if ('error' in result)
      return {
        stdout,
        stderr: `${warning}ERROR ${MYSQL_ERRORS[result.error](result.name, answer.database)}\n`,
        code: 1,
      };
    if ('table' in result && result.table.rows.length > 0) stdout += mysqlTable(result.table, drawn, options);
  }
  return { stdout, stderr: warning, code: 0 };
};

export const mysqlAdmin: Tool = (context) => {
  const given = withPassword(context.argv.slice(1));
  const options = parseOptions(context, 'h:P:u:', ['host:', 'port:', 'user:'], false, given.argv);
  const host = options.value('h', 'host') ?? 'localhost';
  const found = host === 'localhost' ? { addresses: ['127.0.0.1'] } : lookUp(context.machine, host);
  const warning =
    given.password === undefined
      ? ''
      : 'mysqladmin: [Warning] Using a password on the command line interface can be insecure.\n';
  const state =
    'failure' in found
      ? 'bad-address'
      : context.machine.network.connect(found.addresses[0]!, Number(options.value('P', 'port') ?? 3306));
  if (state === 'open') return { ...ok('mysqld is alive\n'), stderr: warning };
  return fail(
    `${warning}mysqladmin: connect to server at '${host}' failed\nerror: 'Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)'\nCheck that mysqld is running and that the socket: '/var/run/mysqld/mysqld.sock' exists!\n`,
  );
};
