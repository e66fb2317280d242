import { Quantity } from '../../base/quantity.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import type { FileTable } from './index.ts';

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
    '/proc/sys/net/ipv4/ip_forward': () => '1\n',
    '/proc/sys/net/bridge/bridge-nf-call-iptables': () => '1\n',
    '/proc/cmdline': () =>
      `BOOT_IMAGE=/boot/vmlinuz-${record.kernelVersion} root=LABEL=cloudimg-rootfs ro console=tty1 console=ttyS0\n`,
    '/proc/uptime': () => {
      const seconds = (host.now() - record.bootedAt) / 1000;
      return `${seconds.toFixed(2)} ${(seconds * cpus * 0.95).toFixed(2)}\n`;
    },
  };
}
