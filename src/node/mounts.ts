import type { NodeHost } from './host.ts';

/** What is mounted on a machine: device, folder, type, options. */
const MOUNTS = [
  ['sysfs', '/sys', 'sysfs', 'rw,nosuid,nodev,noexec,relatime'],
  ['proc', '/proc', 'proc', 'rw,nosuid,nodev,noexec,relatime'],
  ['udev', '/dev', 'devtmpfs', 'rw,nosuid,relatime,size=1980404k,nr_inodes=495101,mode=755,inode64'],
  ['tmpfs', '/run', 'tmpfs', 'rw,nosuid,nodev,noexec,relatime,size=401512k,mode=755,inode64'],
  ['/dev/sda1', '/', 'ext4', 'rw,relatime,discard,errors=remount-ro'],
  ['cgroup2', '/sys/fs/cgroup', 'cgroup2', 'rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot'],
  ['bpf', '/sys/fs/bpf', 'bpf', 'rw,nosuid,nodev,noexec,relatime,mode=700'],
  [
    '/dev/sda15',
    '/boot/efi',
    'vfat',
    'rw,relatime,fmask=0077,dmask=0077,codepage=437,iocharset=iso8859-1,shortname=mixed,errors=remount-ro',
  ],
] as const;

/** The volumes of the pods that are held in memory: tokens and secrets. */
const podMounts = (host: NodeHost): (readonly [string, string, string, string])[] =>
  host
    .list('pods')
    .filter(({ spec, status }) => spec?.nodeName === host.name && status?.phase === 'Running')
    .flatMap(({ metadata, spec }) =>
      (spec?.volumes ?? [])
        .filter(({ projected, secret }) => projected ?? secret)
        .map(
          (volume) =>
            [
              'tmpfs',
              `/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~${volume.projected ? 'projected' : 'secret'}/${volume.name}`,
              'tmpfs',
              'rw,relatime,size=3912704k,inode64,noswap',
            ] as const,
        ),
    );

/** All that is mounted, as `mount` lists it. */
export const mountsOf = (host: NodeHost) => [...MOUNTS, ...podMounts(host)];
