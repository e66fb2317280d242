import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { nodePrograms } from './index.ts';

const typed = (words: string, user = 'root') => {
  const { host, run } = testHost();
  const argv = words.split(' ');
  return run(nodePrograms(host)[argv[0]!]!, { argv, user });
};

it.each<[string, string, string, number]>([
  ['sysctl foo.bar', '', 'sysctl: cannot stat /proc/sys/foo/bar: No such file or directory\n', 1],
  ['modprobe br_netfilter', '', '', 0],
  ['modprobe frob', '', 'modprobe: FATAL: Module frob not found in directory /lib/modules/6.1.0-18-amd64\n', 1],
  ['swapoff -a', '', '', 0],
  ['service nosuch status', '', 'nosuch: unrecognized service\n', 1],
  ['who', 'root     pts/0        2026-11-21 00:59 (192.168.50.1)\n', '', 0],
  ['ip -br link show lo', 'lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n', '', 0],
  [
    'ip route',
    'default via 192.168.50.1 dev eth0 proto static \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n',
    '',
    0,
  ],
  ['ip addr show frob', '', 'Device "frob" does not exist.\n', 1],
  ['ip frob', '', 'Object "frob" is unknown, try "ip help".\n', 1],
  ['systemctl --frob', '', "systemctl: unrecognized option '--frob'\n", 1],
])('%s', async (words, stdout, stderr, code) => {
  expect(await typed(words)).toEqual({ stdout, stderr, code });
});

it('what only root may', async () => {
  expect((await typed('ip link set lo down', 'rajith')).stderr).toBe('RTNETLINK answers: Operation not permitted\n');
  expect((await typed('dmesg', 'rajith')).stderr).toBe('dmesg: read kernel buffer failed: Operation not permitted\n');
});
