import { Quantity } from '../base/quantity.ts';
import type { ContainerRecord, MountRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';

/** The device that holds a node's disk. */
const DISK = '/dev/vda1';
const HARMLESS = 'rw,nosuid,nodev,noexec,relatime';

/** What every container has mounted before its volumes. */
const FIRST = [
  `proc /proc proc ${HARMLESS}`,
  'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755,inode64',
  'devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666',
  `mqueue /dev/mqueue mqueue ${HARMLESS}`,
  `sysfs /sys sysfs ${HARMLESS.replace('rw', 'ro')}`,
  `cgroup /sys/fs/cgroup cgroup2 ${HARMLESS.replace('rw', 'ro')}`,
];
/** What the kubelet and the runtime put in besides. */
const FILES = ['/etc/hosts', '/dev/termination-log', '/etc/hostname', '/etc/resolv.conf'];

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

/** Kilobytes of a volume that is memory: its own limit, or the container's; undefined for one on disk. */
function memorySize(volume: Volume | undefined, limit: string): number | undefined {
  const inMemory = volume?.emptyDir?.medium === 'Memory';
  if (!inMemory && !volume?.secret && !volume?.projected) return undefined;
  const own = volume.emptyDir?.sizeLimit;
  return Math.floor(Quantity.parse(own && own !== '0' ? own : limit).value() / 1024);
}

function volumeLine(mount: MountRecord, volume: Volume | undefined, limit: string): string {
  const size = memorySize(volume, limit);
  const projected = volume?.secret ?? volume?.projected ?? volume?.configMap ?? volume?.downwardAPI;
  const access = mount.readOnly || projected ? 'ro' : 'rw';
  return size === undefined
    ? `${DISK} ${mount.containerPath} ext4 ${access},relatime`
    : `tmpfs ${mount.containerPath} tmpfs ${access},relatime,size=${size}k,inode64`;
}

/** `/proc/mounts` of a container. `memory`: what the node has, for volumes in memory without a limit. */
export function mountTable(record: ContainerRecord, pod: Pod | undefined, memory: string): string {
  const root = record.securityContext?.readOnlyRootFilesystem ? 'ro' : 'rw';
  const layers = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
  const limit = record.resources?.limits?.memory ?? memory;
  const volumes = record.mounts.map((mount) =>
    volumeLine(
      mount,
      pod?.spec?.volumes?.find(({ name }) => name === mount.volume),
      limit,
    ),
  );
  return [
    `overlay / overlay ${root},relatime,lowerdir=${layers}/21/fs,upperdir=${layers}/84/fs,workdir=${layers}/84/work`,
    ...FIRST,
    ...volumes,
    ...FILES.map((path) => `${DISK} ${path} ext4 rw,relatime`),
    'shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k,inode64',
  ]
    .map((line) => `${line} 0 0\n`)
    .join('');
}
