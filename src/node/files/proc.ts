import { Quantity } from '../../base/quantity.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { modulesOf } from '../modules.ts';
import { mountsOf } from '../mounts.ts';
import { linksOf } from '../network/links.ts';
import type { FileTable } from './index.ts';
import { processTable } from './processes.ts';
import { sysctlFiles } from './sysctls.ts';

const KIB = 1024;

/** What /proc tells of a machine's processors, memory and kernel, on it and in its containers. */
export function hardwareFiles({ capacity, kernelVersion }: MachineRecord): Record<string, () => string> {
  const total = Math.floor(Quantity.parse(capacity.memory ?? '0').toNumber() / KIB);
  const cpus = Math.max(1, Math.floor(Quantity.parse(capacity.cpu ?? '1').toNumber()));
  const line = (key: string, kib: number) => `${`${key}:`.padEnd(15)} ${String(Math.floor(kib)).padStart(8)} kB\n`;
  return {
    '/proc/meminfo': () =>
      [
        line('MemTotal', total),
        line('MemFree', total * 0.31),
        line('MemAvailable', total * 0.62),
        line('Buffers', total * 0.01),
        line('Cached', total * 0.36),
        line('SwapTotal', 0),
        line('SwapFree', 0),
      ].join(''),
    '/proc/version': () => `Linux version ${kernelVersion} (buildd@lcy02) (gcc) #1 SMP\n`,
    '/proc/cpuinfo': () =>
      Array.from(
        { length: cpus },
        (_, i) =>
          `processor\t: ${i}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) CPU\ncpu MHz\t\t: 2500.000\ncpu cores\t: ${cpus}\n`,
      ).join('\n'),
  };
}

/** The parts of /proc that people read: sizes and versions come from the machine's record. */
export function procFiles(host: NodeHost): FileTable {
  const record = host.record();
  const cpus = Quantity.parse(record.capacity.cpu ?? '1').toNumber();
  return {
    ...hardwareFiles(record),
    '/proc/loadavg': () => '0.21 0.18 0.12 1/412 20017\n',
    '/proc/swaps': () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    ...sysctlFiles(host),
    ...processTable(host),
    '/proc/mounts': () =>
      mountsOf(host)
        .map((row) => `${row.join(' ')} 0 0\n`)
        .join(''),
    '/proc/modules': () =>
      modulesOf(host)
        .map(
          ([name, size, used]) =>
            `${name} ${size} ${used.replace(' ', ' ').replace(/^(\d+)$/, '$1 -')}, Live 0x0000000000000000\n`,
        )
        .join(''),
    '/proc/filesystems': () =>
      'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\n\text4\n\tvfat\nnodev\toverlay\n',
    '/proc/partitions': () => {
      const disk = Math.floor(Quantity.parse(record.capacity['ephemeral-storage'] ?? '40Gi').toNumber() / KIB);
      const row = (minor: number, blocks: number, name: string) =>
        `${'8'.padStart(4)} ${String(minor).padStart(8)} ${String(blocks).padStart(10)} ${name}\n`;
      return `major minor  #blocks  name\n\n${row(0, disk + 1_048_576, 'sda')}${row(1, disk, 'sda1')}${row(14, 4096, 'sda14')}${row(15, 108_544, 'sda15')}`;
    },
    '/proc/net/dev': () =>
      [
        'Inter-|   Receive                                                |  Transmit',
        ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
        ...linksOf(host).map(({ name, index }) => {
          const half = `${String(98_304 * index).padStart(8)} ${String(1204 * index).padStart(7)}    0    0    0     0          0         0`;
          return `${name.padStart(6)}: ${half} ${half.slice(0, -1)}0`;
        }),
        '',
      ].join('\n'),
    '/proc/net/route': () => 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n',
    '/proc/stat': () => {
      const ticks = Math.floor((host.now() - record.bootedAt) / 10);
      const row = (name: string, n: number) =>
        `${name} ${Math.floor(n * 0.023)} 0 ${Math.floor(n * 0.016)} ${Math.floor(n * 0.95)} ${Math.floor(n * 0.002)} 0 ${Math.floor(n * 0.001)} 0 0 0\n`;
      const each = Array.from({ length: Math.max(1, Math.floor(cpus)) }, (_, i) => row(`cpu${i}`, ticks));
      return `${row('cpu ', ticks * cpus)}${each.join('')}ctxt ${ticks * 21}\nbtime ${Math.floor(record.bootedAt / 1000)}\nprocesses 20017\nprocs_running 1\nprocs_blocked 0\n`;
    },
    '/proc/cmdline': () =>
      `BOOT_IMAGE=/boot/vmlinuz-${record.kernelVersion} root=LABEL=cloudimg-rootfs ro console=tty1 console=ttyS0\n`,
    '/proc/uptime': () => {
      const seconds = (host.now() - record.bootedAt) / 1000;
      return `${seconds.toFixed(2)} ${(seconds * cpus * 0.95).toFixed(2)}\n`;
    },
  };
}
