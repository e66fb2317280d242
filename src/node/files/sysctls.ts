import type { NodeHost } from '../host.ts';
import type { FileTable } from './index.ts';

/** What the kernel is told when it boots: kubeadm's prerequisites are met. */
const SYSCTLS: Record<string, string> = {
  'fs.file-max': '9223372036854775807',
  'fs.inotify.max_user_instances': '128',
  'fs.inotify.max_user_watches': '65536',
  'kernel.hostname': '',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'kernel.pid_max': '4194304',
  'net.bridge.bridge-nf-call-arptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.core.somaxconn': '4096',
  'net.ipv4.conf.all.forwarding': '1',
  'net.ipv4.conf.all.rp_filter': '2',
  'net.ipv4.ip_forward': '1',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv6.conf.all.forwarding': '0',
  'net.netfilter.nf_conntrack_max': '131072',
  'vm.max_map_count': '1048576',
  'vm.overcommit_memory': '1',
  'vm.swappiness': '60',
};
const ROOT = '/proc/sys';

/** The file of a parameter: `net.ipv4.ip_forward` is `/proc/sys/net/ipv4/ip_forward`. */
export const sysctlPath = (key: string): string => `${ROOT}/${key.replaceAll('.', '/')}`;

/** The parameters of the kernel below /proc/sys. */
export const sysctlFiles = (host: NodeHost): FileTable => ({
  ...Object.fromEntries(Object.entries(SYSCTLS).map(([key, value]) => [sysctlPath(key), () => `${value}\n`])),
  [sysctlPath('kernel.hostname')]: () => `${host.name}\n`,
  [sysctlPath('kernel.osrelease')]: () => `${host.record().kernelVersion}\n`,
  [sysctlPath('kernel.ostype')]: () => 'Linux\n',
  [sysctlPath('kernel.random.boot_id')]: () => `${host.record().bootID}\n`,
});

/** Every parameter that there is, in order. */
export const sysctlKeys = (): string[] =>
  [...Object.keys(SYSCTLS), 'kernel.osrelease', 'kernel.ostype'].sort((a, b) => (a < b ? -1 : 1));
