import { expect, it } from 'vitest';
import { readUnit } from '../systemd/units.ts';
import { testHost } from '../testing.ts';
import { killProcess } from './kill.ts';
import { ps } from './ps.ts';
import { openAt } from './sockets.ts';
import { titled } from './titles.ts';

const typed = (words: string) => {
  const { host, run } = testHost();
  return run((c) => ps(host, c), { argv: words.split(' ') });
};

it.each<[string, string]>([
  ['ps -C kubelet -o pid=', '    812\n'],
  ['ps -p 1 -o comm=', 'systemd\n'],
  ['ps -o pid,ppid,comm -p 1,2', '    PID    PPID COMMAND\n      1       0 systemd\n      2       0 kthreadd\n'],
  ['ps -p 598', '    PID TTY          TIME CMD\n    598 ?        00:00:00 sshd\n'],
  [
    'ps -p 1 -f',
    'UID          PID    PPID  C STIME TTY          TIME CMD\nroot           1       0  0 00:00 ?        00:00:00 /sbin/init\n',
  ],
  ['ps --pid 2 --forest -o args', 'COMMAND\n[kthreadd]\n'],
])('%s', (words, stdout) => {
  expect(typed(words)).toEqual({ stdout, stderr: '', code: 0 });
});

it('ps refuses what it does not know, and finds nothing with status 1', () => {
  expect(typed('ps -o frob').stderr).toContain('error: unknown user-defined format specifier "frob"\n');
  expect(typed('ps --frob').stderr).toContain('error: unknown gnu long option\n');
  expect(typed('ps -C nosuch')).toMatchObject({ stdout: '    PID TTY          TIME CMD\n', code: 1 });
});

it('a killed service waits for systemd', () => {
  const { host } = testHost();
  expect(killProcess(host, 598, 0)).toBe(true);
  expect(killProcess(host, 99_999, 9)).toBe(false);
  killProcess(host, 598, 9);
  expect(readUnit(host, 'ssh')).toMatchObject({ active: 'activating', ailment: { kind: 'killed', status: '9/KILL' } });
});

it('servers call themselves as their images do', () => {
  expect(titled(['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'], 2)).toEqual({
    command: 'nginx: master process nginx -g daemon off;',
    children: [
      { command: 'nginx: worker process', user: 'systemd+' },
      { command: 'nginx: worker process', user: 'systemd+' },
    ],
  });
  expect(titled(['sleep', '3600'], 2)).toEqual({ command: 'sleep 3600', children: [] });
});

it('ports are open where their services and their flags say', () => {
  const { host } = testHost();
  const socket = (program: string, port: number, address = '0.0.0.0') =>
    ({ protocol: 'tcp', program, port, address, pid: 902 }) as const;
  expect(openAt(host, [socket('kubelet', 10_250, '*'), socket('other', 80)])).toEqual([
    { ...socket('kubelet', 10_250, '*'), pid: 812 },
    socket('other', 80),
  ]);
  killProcess(host, 812, 9);
  expect(openAt(host, [socket('kubelet', 10_250, '*')])).toEqual([]);
});
