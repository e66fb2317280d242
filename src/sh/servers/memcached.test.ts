import { expect, test } from 'vitest';
import { testMachine } from '../testing.ts';
import { memcached } from './memcached.ts';

const EMPTY = { items: {}, counts: { gets: 0, sets: 0, hits: 0 }, cas: 0 };

test.each([
  ['set a 0 0 2\nhi\nget a b\n', 'STORED\r\nVALUE a 0 2\r\nhi\r\nEND\r\n'],
  ['set a 0 0 3\nhi\n', 'CLIENT_ERROR bad data chunk\r\nERROR\r\n'],
  [
    'add a 0 0 1\n1\nadd a 0 0 1\n2\nincr a 41\nappend a 5 0 1\n0\nget a\n',
    'STORED\r\nNOT_STORED\r\n42\r\nSTORED\r\nVALUE a 5 3\r\n420\r\nEND\r\n',
  ],
  ['set a 0 0 1 noreply\nx\ndelete a\ndelete a\nquit\nversion\n', 'DELETED\r\nNOT_FOUND\r\n'],
  ['version\nnonsense\n', 'VERSION 1.6.39\r\nERROR\r\n'],
])('%j', (text, answer) => {
  const call = {
    memory: EMPTY,
    machine: testMachine(),
    port: 11211,
    started: 0,
    argv: [],
    environment: {},
    daemon: {},
  };
  expect(memcached.talk!(call, text).text).toBe(answer);
});

test('values go when their time is over, and are counted', () => {
  const machine = testMachine();
  const call = { memory: EMPTY as unknown, machine, port: 11211, started: 0, argv: [], environment: {}, daemon: {} };
  call.memory = memcached.talk!(call, 'set a 0 10 1\nx\nget a\n').memory;
  machine.time += 10_000;
  const { text } = memcached.talk!(call, 'get a\nstats\n');
  expect(text).toMatch(/^END\r\n[\s\S]*STAT cmd_get 2\r\n[\s\S]*STAT get_hits 1\r\n[\s\S]*STAT curr_items 0\r\n/);
});
