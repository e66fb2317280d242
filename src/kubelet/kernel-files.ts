import { cgroupFiles, cgroupLimits } from '../node/cgroup.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';

/** What the kernel shows a container of its first process, whose command is `main`, and of the limits that it is held to; made when it is read. */
export function kernelFiles(record: ContainerRecord, main: () => string): Record<string, () => string> {
  const name = () => main().split(' ')[0]!.split('/').at(-1)!.slice(0, 15);
  const [user = '0', group = user] = record.user.split(':').map((word) => (/^\d+$/.test(word) ? word : '0'));
  return {
    '/proc/1/cmdline': () => `${main().split(' ').join('\0')}\0`,
    '/proc/1/comm': () => `${name()}\n`,
    '/proc/1/environ': () =>
      Object.entries(record.env)
        .map(([key, value]) => `${key}=${value}\0`)
        .join(''),
    '/proc/1/status': () =>
      [
        `Name:\t${name()}`,
        'Umask:\t0022',
        'State:\tS (sleeping)',
        'Tgid:\t1',
        'Pid:\t1',
        'PPid:\t0',
        `Uid:\t${[user, user, user, user].join('\t')}`,
        `Gid:\t${[group, group, group, group].join('\t')}`,
        '',
      ].join('\n'),
    ...cgroupFiles(() => cgroupLimits(record)),
  };
}
