import type { FileSystem } from '../sh/process.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Credentials } from './files/mount-tree.ts';

/** The kernel's capabilities in the order of their bits, without CAP_. */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
];

/** What containerd leaves to a container that asks for nothing. */
const DEFAULTS = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'NET_BIND_SERVICE'],
  ...['NET_RAW', 'SYS_CHROOT', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'],
];

const plain = (name: string) => name.toUpperCase().replace(/^CAP_/, '');

/** The capabilities that a container's root has: containerd drops before it adds, unless all are added. */
export function capabilitiesOf({ securityContext }: Pick<ContainerRecord, 'securityContext'>): string[] {
  if (securityContext?.privileged) return CAPABILITIES;
  const add = (securityContext?.capabilities?.add ?? []).map(plain);
  const drop = (securityContext?.capabilities?.drop ?? []).map(plain);
  const base = add.includes('ALL') ? CAPABILITIES : drop.includes('ALL') ? [] : DEFAULTS;
  const kept = base.filter((name) => !drop.includes(name));
  return CAPABILITIES.filter((name) => kept.includes(name) || add.includes(name));
}

/** `00000000a80425fb` */
const mask = (names: string[]): string =>
  names
    .reduce((sum, name) => sum | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n)
    .toString(16)
    .padStart(16, '0');

/** The numbers behind a container's `user[:group[:more,…]]`; names are looked up in its image. */
export function credentialsOf(user: string, files: Pick<FileSystem, 'read' | 'stat'>): Credentials {
  const [name = '', group, more = ''] = user.split(':');
  const rows = (file: string) => (files.stat(file) ? files.read(file).split('\n') : []).map((line) => line.split(':'));
  const account = rows('/etc/passwd').find(([known, , uid]) => known === name || uid === name);
  const uid = /^\d+$/.test(name) ? Number(name) : Number(account?.[2] ?? (name === 'root' || name === '' ? 0 : 1000));
  const gid = group && !/^\d+$/.test(group) ? rows('/etc/group').find(([known]) => known === group)?.[2] : group;
  return { uid, gids: [Number(gid ?? account?.[3] ?? 0), ...more.split(',').filter(Boolean).map(Number)] };
}

/** What a container's first process begins as, as containerd tells it. `strict`: the groups of the image's user do not count. */
export function identityOf(
  user: string,
  files: Pick<FileSystem, 'read' | 'stat'>,
  strict: boolean,
): NonNullable<ContainerRecord['identity']> {
  const { uid, gids } = credentialsOf(user, files);
  const rows = (file: string) => (files.stat(file) ? files.read(file).split('\n') : []).map((line) => line.split(':'));
  const name = rows('/etc/passwd').find(([, , id]) => id === String(uid))?.[0];
  const ofImage = rows('/etc/group').filter(([, , , members = '']) => name && members.split(',').includes(name));
  const groups = [...gids, ...(strict ? [] : ofImage.map(([, , gid]) => Number(gid)))];
  return { uid, gid: gids[0]!, supplementalGroups: [...new Set(groups)].sort((a, b) => a - b) };
}

/** `/proc/PID/status` of a process of a container. */
export function statusFile(record: ContainerRecord, { uid, gids }: Credentials, pid: number, name: string): string {
  const bounding = mask(capabilitiesOf(record));
  const own = uid === 0 ? bounding : mask([]);
  const four = (id: number) => [id, id, id, id].join('\t');
  const { allowPrivilegeEscalation, seccompProfile } = record.securityContext ?? {};
  return [
    `Name:\t${name}`,
    'Umask:\t0022',
    `State:\t${pid === 1 ? 'S (sleeping)' : 'R (running)'}`,
    ...[`Tgid:\t${pid}`, 'Ngid:\t0', `Pid:\t${pid}`, 'PPid:\t0', 'TracerPid:\t0'],
    `Uid:\t${four(uid)}`,
    `Gid:\t${four(gids[0] ?? 0)}`,
    'FDSize:\t64',
    `Groups:\t${[...new Set(gids)].sort((a, b) => a - b).join(' ')} `,
    ...['VmPeak:\t    4368 kB', 'VmSize:\t    4368 kB', 'VmRSS:\t    1024 kB', 'Threads:\t1'],
    `CapInh:\t${mask([])}`,
    `CapPrm:\t${own}`,
    `CapEff:\t${own}`,
    `CapBnd:\t${bounding}`,
    `CapAmb:\t${mask([])}`,
    `NoNewPrivs:\t${allowPrivilegeEscalation === false ? 1 : 0}`,
    `Seccomp:\t${seccompProfile && seccompProfile.type !== 'Unconfined' ? 2 : 0}`,
    `Seccomp_filters:\t${seccompProfile && seccompProfile.type !== 'Unconfined' ? 1 : 0}`,
    '',
  ].join('\n');
}
