import { inspect } from 'node:util';
import { lookUp } from '../../resolver.ts';
import type { MongoAnswer, MongoRequest } from '../../servers/mongo/index.ts';
import { waitOf } from '../network/failures.ts';
import { fail, linesOf, parseOptions, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { type Expression, parse } from './mongosh-syntax.ts';

/** Where the shell is connected to. */
interface Connection {
  host: string;
  port: number;
  database: string;
  user?: string;
  password?: string;
}

/** Ends a line with what the shell says of it. */
class ShellError extends Error {
  constructor(
    message: string,
    readonly after = 0,
  ) {
    super(message);
  }
}

class ObjectId {
  constructor(readonly id: string) {}
  [inspect.custom] = () => `ObjectId('${this.id}')`;
}

/** Extended JSON as the shell's own values. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if ('$oid' in value) return new ObjectId(String(value.$oid));
  if ('$date' in value) return new Date(Number(value.$date));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]));
}

function ask(context: ToolContext, connection: Connection, request: Omit<MongoRequest, 'database'>): unknown {
  const { machine } = context;
  const { host, port, database, user, password } = connection;
  const found = lookUp(machine, host);
  if ('failure' in found)
    throw new ShellError(
      `MongoNetworkError: getaddrinfo ${found.failure === 'unknown' ? 'ENOTFOUND' : 'EAI_AGAIN'} ${host}`,
      found.after,
    );
  const address = found.addresses[0]!;
  const sent: MongoRequest = { ...request, database, ...(user !== undefined && { user, password: password ?? '' }) };
  const answer = machine.network.talk(address, port, JSON.stringify(sent));
  if ('failure' in answer)
    throw new ShellError(
      answer.failure === 'refused'
        ? `MongoNetworkError: connect ECONNREFUSED ${address}:${port}`
        : `MongoServerSelectionError: Server selection timed out after 30000 ms`,
      Math.min(waitOf(answer.failure), 30_000),
    );
  if (answer.text === '') throw new ShellError(`MongoNetworkError: connection 1 to ${address}:${port} closed`);
  const outcome = JSON.parse(answer.text) as MongoAnswer;
  if ('error' in outcome)
    throw new ShellError(`MongoServerError${outcome.code ? `[${outcome.code}]` : ''}: ${outcome.error}`);
  return revived(outcome.result);
}

const CURSOR = ['sort', 'limit', 'skip', 'toArray', 'pretty', 'count', 'size'];

/** One shell: it remembers which database it uses. */
class Shell {
  constructor(
    private readonly context: ToolContext,
    private readonly connection: Connection,
  ) {}

  /** A line's last value, as text; undefined for nothing. */
  run(line: string): string | undefined {
    const [verb = '', name = ''] = line.trim().replace(/;$/, '').split(/\s+/);
    if (verb === 'use') {
      this.connection.database = name;
      return `switched to db ${name}`;
    }
    if (verb === 'show') return this.#show(name);
    let last: unknown;
    for (const statement of parse(line)) last = this.#value(statement);
    return last === undefined
      ? undefined
      : typeof last === 'string'
        ? last
        : inspect(last, { depth: 20, breakLength: 80 });
  }

  #show(what: string): string {
    if (what === 'dbs' || what === 'databases') {
      const names = this.#ask('databases') as string[];
      const width = Math.max(...names.map((name) => name.length));
      return names.map((name) => `${name.padEnd(width)}  ${name === 'config' ? '12.00' : '40.00'} KiB`).join('\n');
    }
    if (what === 'collections' || what === 'tables') return (this.#ask('collections') as string[]).join('\n');
    throw new ShellError(`MongoshInvalidInputError: [COMMON-10001] '${what}' is not a valid argument for "show".`);
  }

  #ask(command: string, rest: Partial<MongoRequest> = {}): unknown {
    return ask(this.context, this.connection, { command, args: [], ...rest });
  }

  #value(expression: Expression): unknown {
    if ('literal' in expression) return expression.literal;
    if ('list' in expression) return expression.list.map((each) => this.#value(each));
    if ('fields' in expression)
      return Object.fromEntries(expression.fields.map(([name, value]) => [name, this.#value(value)]));
    const [first, ...rest] = expression.chain.map(({ name, args }) => ({
      name,
      args: args?.map((each) => this.#value(each)),
    }));
    const { name, args } = first!;
    if (name === 'db') return this.#database(rest);
    if (name === 'ObjectId') return { $oid: String(args?.[0] ?? '') };
    if (name === 'Date' || name === 'ISODate')
      return { $date: args?.[0] === undefined ? this.context.machine.now() : Date.parse(String(args[0])) };
    if (name === 'print' || name === 'printjson')
      return args?.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' ');
    if (name === 'JSON' || name === 'EJSON') return JSON.stringify(rest[0]?.args?.[0]);
    throw new ShellError(
      name === 'rs' || name === 'sh'
        ? `mongosh: kubemu simulates single servers, no ${name === 'rs' ? 'replica sets' : 'shards'}`
        : `ReferenceError: ${name} is not defined`,
    );
  }

  #database(chain: { name: string; args?: unknown[] }[]): unknown {
    const [first, second, ...rest] = chain;
    if (!first) return this.connection.database;
    if (first.args) return this.#databaseMethod(first.name, first.args, second ? [second, ...rest] : []);
    if (!second) return `${this.connection.database}.${first.name}`;
    return this.#collection(first.name, [second, ...rest]);
  }

  #databaseMethod(name: string, args: unknown[], rest: { name: string; args?: unknown[] }[]): unknown {
    if (name === 'getCollection') return this.#collection(String(args[0]), rest);
    if (name === 'getSiblingDB') {
      const there = new Shell(this.context, { ...this.connection, database: String(args[0]) });
      return there.#database(rest);
    }
    if (name === 'getName') return this.connection.database;
    if (name === 'getCollectionNames') return this.#ask('collections');
    if (name === 'adminCommand' || name === 'runCommand') {
      const command = typeof args[0] === 'string' ? args[0] : (Object.keys((args[0] ?? {}) as object)[0] ?? '');
      const result = this.#ask(command === 'isMaster' ? 'hello' : command);
      const field = rest[0] && !rest[0].args ? rest[0].name : undefined;
      return field ? (result as Record<string, unknown>)[field] : result;
    }
    if (name === 'hello' || name === 'version' || name === 'dropDatabase') return this.#ask(name);
    throw new ShellError(`TypeError: db.${name} is not a function`);
  }

  #collection(collection: string, [method, ...rest]: { name: string; args?: unknown[] }[]): unknown {
    if (!method?.args) throw new ShellError(`TypeError: db.${collection}.${method?.name ?? ''} is not a function`);
    const unknown = rest.find(({ name, args }) => !args || !CURSOR.includes(name));
    if (unknown)
      throw new ShellError(`TypeError: db.${collection}.${method.name}(...).${unknown.name} is not a function`);
    const cursor = Object.fromEntries(rest.map(({ name, args }) => [name, args?.[0]]));
    const result = this.#ask(method.name, { collection, args: method.args, cursor });
    return rest.some(({ name }) => name === 'count' || name === 'size') ? (result as unknown[]).length : result;
  }
}

/** `mongodb://USER:PASSWORD@HOST:PORT/DATABASE`, or a database's name. */
function address(text: string): Partial<Connection> {
  const [, user, password, host, port, database] =
    /^mongodb:\/\/(?:([^:@]+):([^@]*)@)?([^:/?]+)(?::(\d+))?(?:\/([^?]*))?/.exec(text) ?? [];
  if (host === undefined) return { database: text };
  return {
    host,
    ...(port && { port: Number(port) }),
    ...(database && { database }),
    ...(user !== undefined && { user: decodeURIComponent(user), password: decodeURIComponent(password ?? '') }),
  };
}

/** `mongosh [ADDRESS] [--eval TEXT]`; without --eval the lines of its input are run. */
export const mongosh: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'u:p:h', [
    'host:',
    'port:',
    'username:',
    'password:',
    'authenticationDatabase:',
    'eval:',
    'quiet',
    'norc',
    'version',
    'json:',
  ]);
  if (options.has('version')) return { stdout: '2.5.6\n', stderr: '', code: 0 };
  const connection: Connection = {
    host: options.value('host') ?? '127.0.0.1',
    port: Number(options.value('port') ?? 27017),
    database: 'test',
    ...(options.has('u', 'username') && {
      user: options.value('u', 'username')!,
      password: options.value('p', 'password') ?? '',
    }),
    ...(options.rest[0] && address(options.rest[0])),
  };
  const shell = new Shell(context, connection);
  const given = options.values('eval');
  let stdout = '';
  try {
    for (const line of given.length > 0 ? given : linesOf(context.stdin)) {
      const text = shell.run(line);
      if (text !== undefined) stdout += `${text}\n`;
    }
    return { stdout, stderr: '', code: 0 };
  } catch (error) {
    if (error instanceof SyntaxError) return { ...fail(`SyntaxError: ${error.message}\n`), stdout };
    if (!(error instanceof ShellError)) throw error;
    return { ...fail(`${error.message}\n`), stdout, ...(error.after > 0 && { after: error.after }) };
  }
};
