import { expect, test } from 'vitest';
import type { Socket } from '../../process.ts';
import { socketFilter } from './socket-filter.ts';

const SOCKETS: Socket[] = [22, 80, 6443, 10_250].map((port) => ({
  protocol: 'tcp',
  address: port === 22 ? '127.0.0.1' : '*',
  port,
  pid: 1,
  program: 'x',
}));

test.each<[filter: string, ports: number[]]>([
  ['', [22, 80, 6443, 10_250]],
  ['sport = :22', [22]],
  ['sport = :ssh', [22]],
  ['( sport = :6443 or sport = :10250 )', [6443, 10_250]],
  ['state listening sport > :1000', [6443, 10_250]],
  ['not sport = :80 and sport lt :100', [22]],
  ['state established', []],
  ['src 127.0.0.1', [22]],
  ['dport = :443', []],
])('ss %s', (filter, ports) => {
  const passes = socketFilter(filter.split(' '));
  expect(SOCKETS.filter(passes).map(({ port }) => port)).toEqual(ports);
});

test('what is no filter is refused', () => {
  expect(() => socketFilter(['frobnicate'])).toThrow('bison bellows');
});
