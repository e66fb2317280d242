import { expect, it } from 'vitest';
import { testMachine } from '../../testing.ts';
import type { ServerCall } from '../server.ts';
import type { RedisMemory } from './commands.ts';
import { decode, redis } from './index.ts';

/** A conversation: each line and its reply, `time` moving the clock on by so many ms. */
function talk(lines: string[], config: Record<string, string> = {}) {
  const machine = testMachine();
  let memory: unknown = {
    config: { maxmemory: '0', dir: '/tmp', dbfilename: 'dump.rdb', ...config },
    data: {},
  } satisfies RedisMemory;
  const replies = lines.map((line) => {
    if (/^\d+ms$/.test(line)) {
      machine.time += Number.parseInt(line, 10);
      return undefined;
    }
    const call: ServerCall = { memory, machine, port: 6379, started: 0, argv: [], environment: {}, daemon: {} };
    const answer = redis.talk!(call, `${line}\r\n`);
    memory = answer.memory;
    return decode(answer.text)!.reply;
  });
  return { replies: replies.filter((reply) => reply !== undefined), machine };
}

const OK = { status: 'OK' };

it.each<[lines: string[], ...replies: unknown[]]>([
  [['PING', 'ping x'], { status: 'PONG' }, 'x'],
  [['SET a "1 2"', 'GET a', 'GET b', 'DEL a b', 'EXISTS a'], OK, '1 2', null, 1, 0],
  [
    ['SET n 1', 'INCR n', 'INCRBY n 5', 'SET n x', 'INCR n'],
    OK,
    2,
    7,
    OK,
    { error: 'ERR value is not an integer or out of range' },
  ],
  [['SET k v EX 1', 'TTL k', '1500ms', 'GET k', 'TTL k'], OK, 1, null, -2],
  [['LPUSH l a b', 'RPUSH l c', 'LRANGE l 0 -1', 'TYPE l'], 2, 3, ['b', 'a', 'c'], { status: 'list' }],
  [['HSET h a 1 b 2', 'HGETALL h', 'SADD s x x', 'SMEMBERS s'], 2, ['a', '1', 'b', '2'], 1, ['x']],
  [['MSET ab 1 ac 2 b 3', 'KEYS a*', 'DBSIZE'], OK, ['ab', 'ac'], 3],
  [['CONFIG GET maxm*', 'CONFIG SET maxmemory 5', 'CONFIG GET maxmemory'], ['maxmemory', '0'], OK, ['maxmemory', '5']],
  [['GET'], { error: "ERR wrong number of arguments for 'get' command" }],
  [['NOPE a'], { error: "ERR unknown command 'NOPE', with args beginning with: 'a' " }],
])('%j', (lines, ...replies) => {
  expect(talk(lines).replies).toEqual(replies);
});

it('wants to know its clients where it has a password', () => {
  expect(talk(['GET a', 'AUTH x', 'AUTH secret'], { requirepass: 'secret' }).replies).toEqual([
    { error: 'NOAUTH Authentication required.' },
    { error: 'WRONGPASS invalid username-password pair or user is disabled.' },
    OK,
  ]);
});

it('keeps on disk what it is told to', () => {
  const { machine } = talk(['SET a 1', 'SAVE']);
  expect(machine.files.read('/tmp/dump.rdb')).toBe('REDIS0011\n{"a":{"value":"1"}}');
});
