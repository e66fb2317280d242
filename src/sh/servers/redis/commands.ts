export type Reply = string | number | null | Reply[] | { status: string } | { error: string };

type Value = string | string[] | Record<string, string>;

/** A key's value and when it expires, ms. */
interface Entry {
  value: Value;
  /** Sets are lists without doubles. */
  set?: true;
  expires?: number;
}

export interface RedisMemory {
  config: Record<string, string>;
  data: Record<string, Entry>;
}

interface Around {
  now: number;
  started: number;
  version: string;
}

const OK: Reply = { status: 'OK' };
const WRONG_TYPE: Reply = { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' };
const NOT_INTEGER: Reply = { error: 'ERR value is not an integer or out of range' };
const arity = (name: string): Reply => ({ error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` });

/** What each command does, and with how many words at the least. */
type Command = [least: number, run: (memory: RedisMemory, words: string[], around: Around) => Reply];

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

function live({ data }: RedisMemory, key: string, now: number): Entry | undefined {
  const entry = data[key];
  if (entry?.expires !== undefined && entry.expires <= now) delete data[key];
  return data[key];
}

const text = (entry: Entry | undefined): string | undefined | Reply =>
  entry === undefined ? undefined : typeof entry.value === 'string' ? entry.value : WRONG_TYPE;

function add(memory: RedisMemory, key: string, by: number, now: number): Reply {
  const entry = live(memory, key, now);
  const old = Number(entry?.value ?? 0);
  if (typeof (entry?.value ?? '') !== 'string') return WRONG_TYPE;
  if (!Number.isInteger(old) || !Number.isInteger(by)) return NOT_INTEGER;
  memory.data[key] = { ...entry, value: String(old + by) };
  return old + by;
}

function list(memory: RedisMemory, key: string, now: number): string[] {
  const entry = live(memory, key, now);
  return Array.isArray(entry?.value) ? entry.value : [];
}

function hash(memory: RedisMemory, key: string, now: number): Record<string, string> {
  const value = live(memory, key, now)?.value;
  return value !== undefined && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

function store(memory: RedisMemory, key: string, value: string[], set = false): number {
  if (value.length === 0) delete memory.data[key];
  else memory.data[key] = { value, ...(set && { set: true as const }) };
  return value.length;
}

function setKey(memory: RedisMemory, [key = '', value = '', ...options]: string[], { now }: Around): Reply {
  const names = options.map((option) => option.toUpperCase());
  const there = live(memory, key, now) !== undefined;
  if ((names.includes('NX') && there) || (names.includes('XX') && !there)) return null;
  const at = names.findIndex((name) => name === 'EX' || name === 'PX');
  const ms = at < 0 ? undefined : Number(options[at + 1]) * (names[at] === 'EX' ? 1000 : 1);
  memory.data[key] = { value, ...(ms !== undefined && { expires: now + ms }) };
  return OK;
}

function range(items: string[], from: number, to: number): string[] {
  const at = (index: number) => (index < 0 ? items.length + index : index);
  return items.slice(Math.max(0, at(from)), at(to) + 1);
}

function info(memory: RedisMemory, section: string, { now, started, version }: Around): string {
  const keys = Object.keys(memory.data).length;
  const master = memory.config.replicaof;
  const [host, port] = (master ?? '').split(' ');
  const sections: Record<string, string[]> = {
    Server: [
      `redis_version:${version}`,
      'redis_mode:standalone',
      'os:Linux 6.8.0 x86_64',
      'arch_bits:64',
      `tcp_port:${memory.config.port}`,
      `uptime_in_seconds:${Math.floor((now - started) / 1000)}`,
    ],
    Clients: ['connected_clients:1', `maxclients:${memory.config.maxclients}`],
    Memory: [
      'used_memory:1048576',
      'used_memory_human:1.00M',
      `maxmemory:${memory.config.maxmemory}`,
      `maxmemory_policy:${memory.config['maxmemory-policy']}`,
    ],
    Persistence: [
      'loading:0',
      'rdb_changes_since_last_save:0',
      'rdb_bgsave_in_progress:0',
      `aof_enabled:${memory.config.appendonly === 'yes' ? 1 : 0}`,
    ],
    Replication: host
      ? ['role:slave', `master_host:${host}`, `master_port:${port}`, 'master_link_status:up']
      : ['role:master', 'connected_slaves:0'],
    Keyspace: keys > 0 ? [`db0:keys=${keys},expires=0,avg_ttl=0`] : [],
  };
  return Object.entries(sections)
    .filter(([name]) => section === '' || name.toLowerCase() === section.toLowerCase())
    .map(([name, lines]) => [`# ${name}`, ...lines, ''].join('\r\n'))
    .join('\r\n');
}

const COMMANDS: Record<string, Command> = {
  PING: [0, (_, [word]) => word ?? { status: 'PONG' }],
  ECHO: [1, (_, [word = '']) => word],
  SELECT: [1, () => OK],
  QUIT: [0, () => OK],
  SET: [2, setKey],
  GET: [1, (memory, [key = ''], { now }) => text(live(memory, key, now)) ?? null],
  GETSET: [
    2,
    (memory, [key = '', value = ''], { now }) => {
      const old = text(live(memory, key, now)) ?? null;
      memory.data[key] = { value };
      return old;
    },
  ],
  SETEX: [
    3,
    (memory, [key = '', seconds = '', value = ''], { now }) => {
      memory.data[key] = { value, expires: now + Number(seconds) * 1000 };
      return OK;
    },
  ],
  SETNX: [2, (memory, words, around) => (setKey(memory, [...words, 'NX'], around) === null ? 0 : 1)],
  MSET: [
    2,
    (memory, words) => {
      for (let at = 0; at + 1 < words.length; at += 2) memory.data[words[at]!] = { value: words[at + 1]! };
      return OK;
    },
  ],
  MGET: [1, (memory, words, { now }) => words.map((key) => text(live(memory, key, now)) ?? null)],
  DEL: [1, (memory, words, { now }) => words.filter((key) => live(memory, key, now) && delete memory.data[key]).length],
  EXISTS: [1, (memory, words, { now }) => words.filter((key) => live(memory, key, now)).length],
  APPEND: [
    2,
    (memory, [key = '', more = ''], { now }) => {
      const entry = live(memory, key, now);
      const value = `${typeof entry?.value === 'string' ? entry.value : ''}${more}`;
      memory.data[key] = { ...entry, value };
      return value.length;
    },
  ],
  STRLEN: [1, (memory, [key = ''], { now }) => String(text(live(memory, key, now)) ?? '').length],
  INCR: [1, (memory, [key = ''], { now }) => add(memory, key, 1, now)],
  DECR: [1, (memory, [key = ''], { now }) => add(memory, key, -1, now)],
  INCRBY: [2, (memory, [key = '', by], { now }) => add(memory, key, Number(by), now)],
  DECRBY: [2, (memory, [key = '', by], { now }) => add(memory, key, -Number(by), now)],
  EXPIRE: [
    2,
    (memory, [key = '', seconds], { now }) => {
      const entry = live(memory, key, now);
      if (entry) entry.expires = now + Number(seconds) * 1000;
      return entry ? 1 : 0;
    },
  ],
  TTL: [
    1,
    (memory, [key = ''], { now }) => {
      const entry = live(memory, key, now);
      return entry ? (entry.expires === undefined ? -1 : Math.ceil((entry.expires - now) / 1000)) : -2;
    },
  ],
  PERSIST: [
    1,
    (memory, [key = ''], { now }) => {
      const entry = live(memory, key, now);
      if (entry?.expires === undefined) return 0;
      delete entry.expires;
      return 1;
    },
  ],
  TYPE: [
    1,
    (memory, [key = ''], { now }) => {
      const entry = live(memory, key, now);
      if (!entry) return { status: 'none' };
      return {
        status: entry.set
          ? 'set'
          : Array.isArray(entry.value)
            ? 'list'
            : typeof entry.value === 'string'
              ? 'string'
              : 'hash',
      };
    },
  ],
  KEYS: [
    1,
    (memory, [pattern = '*'], { now }) =>
      Object.keys(memory.data).filter((key) => live(memory, key, now) && glob(pattern).test(key)),
  ],
  DBSIZE: [0, (memory) => Object.keys(memory.data).length],
  FLUSHALL: [
    0,
    (memory) => {
      memory.data = {};
      return OK;
    },
  ],
  FLUSHDB: [
    0,
    (memory) => {
      memory.data = {};
      return OK;
    },
  ],
  LPUSH: [
    2,
    (memory, [key = '', ...items], { now }) => store(memory, key, [...items.reverse(), ...list(memory, key, now)]),
  ],
  RPUSH: [2, (memory, [key = '', ...items], { now }) => store(memory, key, [...list(memory, key, now), ...items])],
  LPOP: [
    1,
    (memory, [key = ''], { now }) => {
      const [first, ...rest] = list(memory, key, now);
      store(memory, key, rest);
      return first ?? null;
    },
  ],
  RPOP: [
    1,
    (memory, [key = ''], { now }) => {
      const items = list(memory, key, now);
      store(memory, key, items.slice(0, -1));
      return items.at(-1) ?? null;
    },
  ],
  LLEN: [1, (memory, [key = ''], { now }) => list(memory, key, now).length],
  LRANGE: [3, (memory, [key = '', from, to], { now }) => range(list(memory, key, now), Number(from), Number(to))],
  SADD: [
    2,
    (memory, [key = '', ...items], { now }) => {
      const old = list(memory, key, now);
      const all = [...new Set([...old, ...items])];
      store(memory, key, all, true);
      return all.length - old.length;
    },
  ],
  SMEMBERS: [1, (memory, [key = ''], { now }) => list(memory, key, now)],
  SCARD: [1, (memory, [key = ''], { now }) => list(memory, key, now).length],
  HSET: [
    3,
    (memory, [key = '', ...pairs], { now }) => {
      const old = hash(memory, key, now);
      const added = Object.fromEntries(
        Array.from({ length: pairs.length / 2 }, (_, index) => [pairs[2 * index]!, pairs[2 * index + 1]!]),
      );
      memory.data[key] = { value: { ...old, ...added } };
      return Object.keys(added).filter((name) => old[name] === undefined).length;
    },
  ],
  HGET: [2, (memory, [key = '', name = ''], { now }) => hash(memory, key, now)[name] ?? null],
  HGETALL: [1, (memory, [key = ''], { now }) => Object.entries(hash(memory, key, now)).flat()],
  CONFIG: [
    2,
    (memory, [verb = '', name = '', value], { now: _ }) => {
      if (verb.toUpperCase() === 'GET')
        return Object.entries(memory.config)
          .filter(([key]) => glob(name).test(key))
          .flat();
      if (verb.toUpperCase() !== 'SET' || value === undefined)
        return { error: `ERR unknown subcommand '${verb}'. Try CONFIG HELP.` };
      memory.config[name] = value;
      return OK;
    },
  ],
  INFO: [0, (memory, [section = ''], around) => info(memory, section, around)],
  ROLE: [
    0,
    (memory) =>
      memory.config.replicaof ? ['slave', ...memory.config.replicaof.split(' '), 'connected', 0] : ['master', 0, []],
  ],
  COMMAND: [0, () => []],
};

/** Runs one command on what the server remembers. */
export function execute(memory: RedisMemory, [verb = '', ...words]: string[], around: Around): Reply {
  const command = COMMANDS[verb.toUpperCase()];
  if (!command)
    return {
      error: `ERR unknown command '${verb}', with args beginning with: ${words.map((word) => `'${word}' `).join('')}`,
    };
  return words.length < command[0] ? arity(verb) : command[1](memory, words, around);
}
