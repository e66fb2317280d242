import type { ProgramIo } from '../../programs/io.ts';
import type { Server } from '../server.ts';
import { execute, type RedisMemory, type Reply } from './commands.ts';

/** What a new server has configured, as CONFIG GET tells it. */
const DEFAULTS: Record<string, string> = {
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  'maxmemory-samples': '5',
  appendonly: 'no',
  appendfsync: 'everysec',
  save: '3600 1 300 100 60 10000',
  port: '6379',
  bind: '* -::*',
  'protected-mode': 'yes',
  databases: '16',
  dir: '/data',
  dbfilename: 'dump.rdb',
  loglevel: 'notice',
  timeout: '0',
  'tcp-keepalive': '300',
  requirepass: '',
  masterauth: '',
  maxclients: '10000',
  replicaof: '',
  'cluster-enabled': 'no',
};

const UNITS: Record<string, number> = { k: 1000, kb: 1024, m: 1e6, mb: 1 << 20, g: 1e9, gb: 2 ** 30 };

/** `2mb` → `2097152`, where the option is a size. */
function value(name: string, text: string): string {
  const [, number, unit] = name === 'maxmemory' ? (/^(\d+)([kmg]b?)$/i.exec(text) ?? []) : [];
  return number && unit ? String(Number(number) * UNITS[unit.toLowerCase()]!) : text.replace(/^"(.*)"$/, '$1');
}

/** `redis-server [FILE] [--option value …]` */
function configuration(io: ProgramIo): Record<string, string> | { problem: string } {
  const given: [string, string][] = [];
  const words = io.argv.slice(1);
  if (words[0] && !words[0].startsWith('-')) {
    const path = io.path(words[0]);
    let text: string;
    try {
      text = io.machine.files.read(path);
    } catch {
      return {
        problem: `*** FATAL CONFIG FILE ERROR (Redis 7.4) ***\nCan't open the config file ${path}: No such file or directory`,
      };
    }
    for (const [index, line] of text.split('\n').entries()) {
      const [name, ...rest] = line.trim().split(/\s+/);
      if (!name || name.startsWith('#')) continue;
      if (!/^[a-z-]+$/i.test(name) || rest.length === 0)
        return {
          problem: `*** FATAL CONFIG FILE ERROR (Redis 7.4) ***\nReading the configuration file, at line ${index + 1}\n>>> '${line.trim()}'\nBad directive or wrong number of arguments`,
        };
      given.push([name.toLowerCase(), rest.join(' ')]);
    }
  }
  for (let at = 0; at < words.length; at++) {
    if (!words[at]!.startsWith('--')) continue;
    const values: string[] = [];
    while (words[at + 1] !== undefined && !words[at + 1]!.startsWith('--')) values.push(words[++at]!);
    given.push([words[at - values.length]!.slice(2).toLowerCase(), values.join(' ')]);
  }
  return { ...DEFAULTS, ...Object.fromEntries(given.map(([name, text]) => [name, value(name, text)])) };
}

const dumpPath = ({ dir, dbfilename }: Record<string, string>) => `${dir}/${dbfilename}`;
/** What a dump begins with, as real ones do; what follows is our own. */
const MAGIC = 'REDIS0011\n';

function load(io: ProgramIo, config: Record<string, string>): RedisMemory['data'] {
  try {
    const text = io.machine.files.read(dumpPath(config));
    return text.startsWith(MAGIC) ? (JSON.parse(text.slice(MAGIC.length)) as RedisMemory['data']) : {};
  } catch {
    return {};
  }
}

export const redis: Server = {
  begin(io) {
    const config = configuration(io);
    if ('problem' in config) {
      io.err(`\n${config.problem}\n`);
      return 1;
    }
    const memory: RedisMemory = { config, data: load(io, config) };
    return { ports: [Number(config.port)], memory };
  },

  signal(io, _daemon, name) {
    const memory = io.memory.server as RedisMemory;
    if (name === 'TERM' || name === 'INT') save(io.machine.files, memory);
    return memory;
  },

  talk(call, text) {
    const memory = structuredClone(call.memory) as RedisMemory;
    const now = call.machine.now();
    let authorised = !memory.config.requirepass;
    const replies = text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line): Reply => {
        const words = splitWords(line);
        const verb = words[0]!.toUpperCase();
        if (verb === 'AUTH') {
          authorised = words.at(-1) === memory.config.requirepass;
          return authorised
            ? { status: 'OK' }
            : { error: 'WRONGPASS invalid username-password pair or user is disabled.' };
        }
        if (!authorised) return { error: 'NOAUTH Authentication required.' };
        if (verb === 'SAVE' || verb === 'BGSAVE') {
          save(call.machine.files, memory);
          return { status: verb === 'SAVE' ? 'OK' : 'Background saving started' };
        }
        return execute(memory, words, {
          now,
          started: call.started,
          version: call.environment.REDIS_VERSION ?? '7.4.5',
        });
      });
    return { text: replies.map(encode).join(''), memory };
  },
};

function save(files: { write(path: string, text: string): void }, { config, data }: RedisMemory): void {
  try {
    files.write(dumpPath(config), MAGIC + JSON.stringify(data));
  } catch {}
}

/** A command line's words, quotes minded. */
const splitWords = (line: string): string[] =>
  [...line.matchAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? match[3]!,
  );

/** RESP */
function encode(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encode).join('')}`;
  return 'error' in reply ? `-${reply.error}\r\n` : `+${reply.status}\r\n`;
}

/** What a client reads; undefined if nothing is left. */
export function decode(text: string): { reply: Reply; rest: string } | undefined {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const [kind, head, rest] = [text[0], text.slice(1, end), text.slice(end + 2)];
  if (kind === '+') return { reply: { status: head }, rest };
  if (kind === '-') return { reply: { error: head }, rest };
  if (kind === ':') return { reply: Number(head), rest };
  if (kind === '$') {
    if (head === '-1') return { reply: null, rest };
    const bytes = Buffer.from(rest);
    return { reply: bytes.subarray(0, Number(head)).toString(), rest: bytes.subarray(Number(head) + 2).toString() };
  }
  const items: Reply[] = [];
  let left = rest;
  for (let index = 0; index < Number(head); index++) {
    const item = decode(left);
    if (!item) return undefined;
    items.push(item.reply);
    left = item.rest;
  }
  return { reply: items, rest: left };
}
