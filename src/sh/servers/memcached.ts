import type { Server, ServerCall } from './server.ts';

/** What a server remembers: values with their flags and when they go (ms; 0: never). */
interface Memory {
  items: Record<string, { value: string; flags: string; until: number; cas: number }>;
  counts: { gets: number; sets: number; hits: number };
  cas: number;
}

/** One conversation. */
interface Talk extends Pick<ServerCall, 'argv' | 'environment' | 'started'> {
  memory: Memory;
  now: number;
  /** Lines that nobody has read yet: values stand below their commands. */
  lines: string[];
}

/** Seconds up to a month are from now, more are since the epoch (memcached's protocol.txt). */
const MONTH = 2_592_000;
const untilOf = (seconds: number, now: number) =>
  seconds === 0 ? 0 : seconds > MONTH ? seconds * 1000 : now + seconds * 1000;

function item({ memory, now }: Talk, key: string) {
  const found = memory.items[key];
  if (found && found.until !== 0 && found.until <= now) delete memory.items[key];
  return memory.items[key];
}

type Verb = (talk: Talk, words: string[]) => string;

/** `set KEY FLAGS SECONDS BYTES`, and the value in the next line; `merged`: undefined where it may not be stored. */
const store =
  (merged: (value: string, old: string | undefined) => string | undefined): Verb =>
  (talk, [, key = '', flags = '0', seconds, bytes]) => {
    if (bytes === undefined) return 'ERROR';
    const given = talk.lines.shift() ?? '';
    if (Buffer.byteLength(given) !== Number(bytes)) return 'CLIENT_ERROR bad data chunk\r\nERROR';
    const { memory, now } = talk;
    const value = merged(given, item(talk, key)?.value);
    if (value === undefined) return 'NOT_STORED';
    memory.counts.sets++;
    memory.items[key] = { value, flags, until: untilOf(Number(seconds), now), cas: ++memory.cas };
    return 'STORED';
  };

const fetch: Verb = (talk, [verb, ...keys]) => {
  if (keys.length === 0) return 'ERROR';
  const { counts } = talk.memory;
  const found = keys.flatMap((key) => {
    const value = item(talk, key);
    counts.gets++;
    if (!value) return [];
    counts.hits++;
    const unique = verb === 'gets' ? ` ${value.cas}` : '';
    return [`VALUE ${key} ${value.flags} ${Buffer.byteLength(value.value)}${unique}\r\n${value.value}`];
  });
  return [...found, 'END'].join('\r\n');
};

const count =
  (sign: 1 | -1): Verb =>
  (talk, [, key = '', by]) => {
    const old = item(talk, key);
    if (!old) return 'NOT_FOUND';
    if (!/^\d+$/.test(old.value)) return 'CLIENT_ERROR cannot increment or decrement non-numeric value';
    old.value = String(Math.max(0, Number(old.value) + sign * Number(by)));
    return old.value;
  };

const versionOf = ({ environment }: Talk) => environment.MEMCACHED_VERSION ?? '1.6.39';

const stats: Verb = (talk) => {
  const { memory, now, started, argv } = talk;
  const { gets, sets, hits } = memory.counts;
  const items = Object.keys(memory.items).flatMap((key) => item(talk, key) ?? []);
  const rows: [string, string | number][] = [
    ['pid', 1],
    ['uptime', Math.floor((now - started) / 1000)],
    ['time', Math.floor(now / 1000)],
    ['version', versionOf(talk)],
    ['pointer_size', 64],
    ['curr_connections', 2],
    ['cmd_get', gets],
    ['cmd_set', sets],
    ['get_hits', hits],
    ['get_misses', gets - hits],
    ['limit_maxbytes', (Number(argv[argv.indexOf('-m') + 1]) || 64) * 1024 * 1024],
    ['threads', 4],
    ['bytes', items.reduce((sum, { value }) => sum + value.length + 56, 0)],
    ['curr_items', items.length],
    ['evictions', 0],
  ];
  return [...rows.map(([name, value]) => `STAT ${name} ${value}`), 'END'].join('\r\n');
};

const VERBS: Record<string, Verb> = {
  set: store((value) => value),
  add: store((value, old) => (old === undefined ? value : undefined)),
  replace: store((value, old) => (old === undefined ? undefined : value)),
  append: store((value, old) => (old === undefined ? undefined : old + value)),
  prepend: store((value, old) => (old === undefined ? undefined : value + old)),
  get: fetch,
  gets: fetch,
  delete(talk, [, key = '']) {
    const isThere = item(talk, key) !== undefined;
    delete talk.memory.items[key];
    return isThere ? 'DELETED' : 'NOT_FOUND';
  },
  incr: count(1),
  decr: count(-1),
  flush_all({ memory }) {
    memory.items = {};
    return 'OK';
  },
  version: (talk) => `VERSION ${versionOf(talk)}`,
  stats,
};

/** memcached's text protocol. */
export const memcached: Server = {
  begin({ argv }) {
    const at = argv.findIndex((word) => word === '-p' || word.startsWith('--port'));
    const port = at < 0 ? '11211' : (argv[at]!.split('=')[1] ?? argv[at + 1]);
    const memory: Memory = { items: {}, counts: { gets: 0, sets: 0, hits: 0 }, cas: 0 };
    return { ports: [Number(port)], memory };
  },

  talk({ memory: before, machine, started, environment, argv }, text) {
    const memory = structuredClone(before) as Memory;
    const talk: Talk = { memory, now: machine.now(), started, environment, argv, lines: text.split(/\r?\n/) };
    let out = '';
    while (talk.lines.length > 0) {
      const words = talk.lines.shift()!.trim().split(/\s+/);
      if (words[0] === 'quit') break;
      if (words[0] === '') continue;
      const answer = VERBS[words[0]!]?.(talk, words) ?? 'ERROR';
      if (words.at(-1) !== 'noreply') out += `${answer}\r\n`;
    }
    return { text: out, memory };
  },
};
