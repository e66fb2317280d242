import { expect, it } from 'vitest';
import { MemoryFiles } from '../../sh/testing.ts';
import { nodePrograms } from '../programs/index.ts';
import { testHost } from '../testing.ts';

/** What a row of commands on one machine answers, the last of them shown. */
function last(...commands: string[]): { stdout: string; stderr: string; code: number } {
  const { host, run } = testHost();
  const results = commands.map((words) => run(nodePrograms(host).ip!, { argv: words.split(' ') }));
  return results.at(-1)!;
}

const DUMMY = ['ip link add d0 type dummy', 'ip addr add 10.1.1.1/24 dev d0', 'ip link set d0 up'];

it.each<[commands: string[], stdout: string, stderr?: string, code?: number]>([
  [
    [...DUMMY, 'ip -o -4 addr show d0'],
    '3: d0    inet 10.1.1.1/24 scope global d0\\       valid_lft forever preferred_lft forever\n',
  ],
  [[...DUMMY, 'ip route get 10.1.1.9'], '10.1.1.9 dev d0 src 10.1.1.1 uid 0 \n    cache \n'],
  [[...DUMMY, 'ip link del d0', 'ip link show d0'], '', 'Device "d0" does not exist.\n', 1],
  [[...DUMMY, 'ip addr add 10.1.1.1/24 dev d0'], '', 'Error: ipv4: Address already assigned.\n', 2],
  [['ip link set nosuch up'], '', 'Cannot find device "nosuch"\n', 1],
  [['ip addr add 300.1.1.1 dev lo'], '', 'Error: any valid prefix is expected rather than "300.1.1.1".\n', 1],
  [['ip route add 10.9.0.0/24 via 1.1.1.1'], '', 'Error: Nexthop has invalid gateway.\n', 2],
  [['ip route del 10.9.9.0/24'], '', 'RTNETLINK answers: No such process\n', 2],
  [
    ['ip -j route show dev eth0'],
    '[{"dst":"default","gateway":"192.168.50.1","dev":"eth0","protocol":"static","flags":[]},{"dst":"192.168.50.0/24","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"192.168.50.11","flags":[]}]\n',
  ],
  [['ip link set eth0 down', 'ip route'], ''],
])('%j', (commands, stdout, stderr = '', code = 0) => {
  expect(last(...commands)).toEqual({ stdout, stderr, code });
});

it('a machine whose interface is down is off the network', () => {
  const { host, run } = testHost();
  run(nodePrograms(host).ip!, { argv: ['ip', 'link', 'set', 'eth0', 'down'] });
  expect(host.record()).toMatchObject({ cut: {}, kubelet: { active: false } });
  run(nodePrograms(host).ip!, { argv: ['ip', 'link', 'set', 'eth0', 'up'] });
  expect(host.record().kubelet.active).toBe(true);
});

it('sysctl reads and writes the files below /proc/sys', () => {
  const { host, run } = testHost();
  const files = new MemoryFiles({ '/proc/sys/net/ipv4/ip_forward': '1\n', '/x': 'net.ipv4.ip_forward = 0\n' });
  const machine = Object.assign(host, { files });
  const sysctl = (...argv: string[]) => run(nodePrograms(machine).sysctl!, { argv: ['sysctl', ...argv] });
  expect(sysctl('-n', 'net.ipv4.ip_forward').stdout).toBe('1\n');
  expect(sysctl('-p', '/x').stdout).toBe('net.ipv4.ip_forward = 0\n');
  expect(files.read('/proc/sys/net/ipv4/ip_forward')).toBe('0\n');
});
