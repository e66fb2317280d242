import { fnv1a32 } from '../../../base/hash.ts';
import type { Server, ServerCall } from '../server.ts';
import { type Document, matches, sorted, updated } from './documents.ts';

interface Memory {
  /** By database and collection. */
  databases: Record<string, Record<string, Document[]>>;
  /** Who may come in; anybody, where there is none. */
  root?: { user: string; password: string };
  counter: number;
}

/** One command, as a shell sends it. */
export interface MongoRequest {
  database: string;
  user?: string;
  password?: string;
  command: string;
  collection?: string;
  args: unknown[];
  /** What a cursor's methods say: `{sort: …, limit: …, skip: …}`. */
  cursor?: Document;
}

export type MongoAnswer = { result: unknown } | { error: string; code?: string };

/** A conversation's way to what is kept. */
interface Scope {
  memory: Memory;
  request: MongoRequest;
  call: ServerCall;
  documents: Document[];
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0').slice(-digits);

/** An ObjectId: seconds, the machine, a counter. */
function objectId({ memory, call }: Scope): Document {
  memory.counter++;
  const machine = hex(fnv1a32(call.machine.hostname), 8) + hex(fnv1a32(`${call.started}`), 2);
  return { $oid: hex(Math.floor(call.machine.now() / 1000), 8) + machine + hex(memory.counter, 6) };
}

function insert(scope: Scope, given: Document[]): unknown[] {
  const added = given.map((document) => ({ _id: objectId(scope), ...document }));
  const { database, collection = '' } = scope.request;
  for (const { _id } of added)
    if (scope.documents.some((each) => JSON.stringify(each._id) === JSON.stringify(_id)))
      throw new Error(
        `E11000 duplicate key error collection: ${database}.${collection} index: _id_ dup key: { _id: ${JSON.stringify(_id)} }`,
      );
  const { databases } = scope.memory;
  databases[database] = { ...databases[database], [collection]: [...scope.documents, ...added] };
  return added.map(({ _id }) => _id);
}

function found({ documents, request }: Scope, filter: Document = {}): Document[] {
  const { sort, skip = 0, limit } = (request.cursor ?? {}) as { sort?: Document; skip?: number; limit?: number };
  const all = documents.filter((document) => matches(document, filter));
  const ordered = sort ? sorted(all, sort) : all;
  return ordered.slice(skip, limit ? skip + limit : undefined);
}

function update(scope: Scope, most: number): Document {
  const [filter = {}, change = {}] = scope.request.args as Document[];
  const chosen = found(scope, filter).slice(0, most);
  let modified = 0;
  const folder = scope.memory.databases[scope.request.database];
  if (folder)
    folder[scope.request.collection!] = scope.documents.map((document) => {
      if (!chosen.includes(document)) return document;
      const next = updated(document, change);
      if (JSON.stringify(next) !== JSON.stringify(document)) modified++;
      return next;
    });
  return {
    acknowledged: true,
    insertedId: null,
    matchedCount: chosen.length,
    modifiedCount: modified,
    upsertedCount: 0,
  };
}

function remove(scope: Scope, most: number): Document {
  const chosen = found(scope, scope.request.args[0] as Document).slice(0, most);
  const folder = scope.memory.databases[scope.request.database];
  if (folder) folder[scope.request.collection!] = scope.documents.filter((document) => !chosen.includes(document));
  return { acknowledged: true, deletedCount: chosen.length };
}

/** Methods of a collection by name. */
const METHODS: Record<string, (scope: Scope) => unknown> = {
  insertOne: (scope) => ({ acknowledged: true, insertedId: insert(scope, [scope.request.args[0] as Document])[0] }),
  insertMany: (scope) => ({
    acknowledged: true,
    insertedIds: { ...insert(scope, scope.request.args[0] as Document[]) },
  }),
  find: (scope) => found(scope, scope.request.args[0] as Document),
  findOne: (scope) => found(scope, scope.request.args[0] as Document)[0] ?? null,
  countDocuments: (scope) => found(scope, scope.request.args[0] as Document).length,
  estimatedDocumentCount: ({ documents }) => documents.length,
  distinct: (scope) => [
    ...new Set(found(scope, scope.request.args[1] as Document).map((each) => each[String(scope.request.args[0])])),
  ],
  updateOne: (scope) => update(scope, 1),
  updateMany: (scope) => update(scope, Number.POSITIVE_INFINITY),
  deleteOne: (scope) => remove(scope, 1),
  deleteMany: (scope) => remove(scope, Number.POSITIVE_INFINITY),
  drop({ memory, request }) {
    delete memory.databases[request.database]?.[request.collection!];
    return true;
  },
};

/** What a database is asked to do, by the name of the command. */
const COMMANDS: Record<string, (scope: Scope) => unknown> = {
  ping: () => ({ ok: 1 }),
  hello: ({ call }) => ({
    isWritablePrimary: true,
    maxWireVersion: 25,
    localTime: { $date: call.machine.now() },
    ok: 1,
  }),
  version: ({ call }) => call.environment.MONGO_VERSION ?? '8.0.13',
  databases: ({ memory }) => [...new Set(['admin', 'config', 'local', ...Object.keys(memory.databases)])].sort(),
  collections: ({ memory, request }) => Object.keys(memory.databases[request.database] ?? {}).sort(),
  dropDatabase({ memory, request }) {
    delete memory.databases[request.database];
    return { ok: 1, dropped: request.database };
  },
};

/** What anybody may ask. */
const OPEN = new Set(['ping', 'hello', 'version']);

function execute(memory: Memory, call: ServerCall, request: MongoRequest): MongoAnswer {
  const { root } = memory;
  if (root && request.user !== undefined && (request.user !== root.user || request.password !== root.password))
    return { error: 'Authentication failed.' };
  if (root && request.user === undefined && !OPEN.has(request.command))
    return { error: `Command ${request.command} requires authentication`, code: 'Unauthorized' };
  const run = request.collection === undefined ? COMMANDS[request.command] : METHODS[request.command];
  if (!run) return { error: `no such command: '${request.command}'`, code: 'CommandNotFound' };
  const documents = memory.databases[request.database]?.[request.collection ?? ''] ?? [];
  try {
    return { result: run({ memory, request, call, documents }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** What follows a file's first line, as the real one's files do not tell. */
const FILE = '/collections.json';

/** mongod: documents by database and collection. What a shell sends it is a MongoRequest as JSON. */
export const mongo: Server = {
  begin(io, daemon) {
    const at = (name: string) => io.argv.findIndex((word) => word === name || word.startsWith(`${name}=`));
    const option = (name: string) =>
      at(name) < 0 ? undefined : (io.argv[at(name)]!.split('=')[1] ?? io.argv[at(name) + 1]);
    const path = `${option('--dbpath') ?? '/data/db'}${FILE}`;
    const { MONGO_INITDB_ROOT_USERNAME: user, MONGO_INITDB_ROOT_PASSWORD: password } = io.environment;
    let memory: Memory = { databases: {}, counter: 0, ...(user && password && { root: { user, password } }) };
    try {
      memory = JSON.parse(io.machine.files.read(path)) as Memory;
    } catch {}
    const port = option('--port');
    return { ports: port ? [Number(port)] : (daemon.ports ?? [27017]), memory: { ...memory, path } };
  },

  signal(io, _daemon, name) {
    const { path, ...memory } = io.memory.server as Memory & { path: string };
    if (name === 'TERM' || name === 'INT') {
      try {
        io.machine.files.write(path, JSON.stringify(memory));
      } catch {}
    }
    return io.memory.server;
  },

  talk(call, text) {
    let request: MongoRequest;
    try {
      request = JSON.parse(text) as MongoRequest;
    } catch {
      return { text: '' };
    }
    const memory = structuredClone(call.memory) as Memory;
    return { text: JSON.stringify(execute(memory, call, request)), memory };
  },
};
