import { cgroupFiles, cgroupLimits } from '../node/cgroup.ts';
import { hardwareFiles } from '../node/files/proc.ts';
import type { ContainerRecord, MachineRecord } from '../types/node-runtime.ts';
import type { Credentials } from './files/mount-tree.ts';
import { statusFile } from './process-identity.ts';

/** What a process of a container may ask the kernel about. */
export interface Seen {
  record: ContainerRecord;
  credentials: () => Credentials;
  /** The command of its first process. */
  main: () => string;
  mounts: () => string;
  machine: MachineRecord;
  /** What the pod sets of the kernel's parameters, by name. */
  sysctls: { name: string; value: string }[];
  /** The address of its eth0; empty on the host's network. */
  ip: string;
}

/** A number that the reader of `/proc/self` may have. */
const READER = 12;

/** The hardware address that flannel's bridge gives to a pod's address. */
export const hardwareAddress = (ip: string): string =>
  ['0a', '58', ...ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');

/** What the kernel shows a container of its first process, its mounts, and the limits that it is held to; made when it is read. */
export function kernelFiles({
  record,
  credentials,
  main,
  mounts,
  machine,
  sysctls,
  ip,
}: Seen): Record<string, () => string> {
  const name = () => main().split(' ')[0]!.split('/').at(-1)!.slice(0, 15);
  const cmdline = () => `${main().split(' ').join('\0')}\0`;
  const environ = () =>
    Object.entries(record.env)
      .map(([key, value]) => `${key}=${value}\0`)
      .join('');
  const kernel = machine.kernelVersion;
  const set = sysctls.map((one) => [`/proc/sys/${one.name.replaceAll('.', '/')}`, () => `${one.value}\n`] as const);
  return {
    ...hardwareFiles(machine),
    '/proc/1/cmdline': cmdline,
    '/proc/1/comm': () => `${name()}\n`,
    '/proc/1/environ': environ,
    '/proc/1/status': () => statusFile(record, credentials(), 1, name()),
    '/proc/1/mounts': mounts,
    '/proc/1/cgroup': () => '0::/\n',
    '/proc/self/status': () => statusFile(record, credentials(), READER, 'cat'),
    '/proc/self/environ': environ,
    '/proc/self/mounts': mounts,
    '/proc/self/cgroup': () => '0::/\n',
    '/proc/mounts': mounts,
    '/proc/sys/kernel/osrelease': () => `${kernel}\n`,
    '/proc/sys/kernel/hostname': () => `${record.env.HOSTNAME ?? ''}\n`,
    '/proc/sys/net/ipv4/ip_forward': () => '1\n',
    '/proc/sys/net/core/somaxconn': () => '4096\n',
    '/proc/sys/net/ipv4/ip_local_port_range': () => '32768\t60999\n',
    '/proc/sys/net/ipv4/ip_unprivileged_port_start': () => '0\n',
    '/proc/sys/kernel/shmmax': () => '18446744073692774399\n',
    '/proc/sys/vm/max_map_count': () => '262144\n',
    ...Object.fromEntries(set),
    ...(ip && { '/sys/class/net/eth0/address': () => `${hardwareAddress(ip)}\n` }),
    ...cgroupFiles(() => cgroupLimits(record)),
  };
}
