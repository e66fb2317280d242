import type { Pod } from '../types/objects.ts';

/** What pods may set without more ado (safeSysctls), on the kernels of today. */
const SAFE = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** `net/ipv4/tcp_rmem` with dots; a name that begins with a dot's separator stays. */
const normalize = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : name;

/** The namespace that a kernel parameter belongs to. */
const namespaceOf = (name: string): 'Net' | 'IPC' => (name.startsWith('net.') ? 'Net' : 'IPC');

/** Why a kubelet refuses the kernel parameters of a pod (pkg/kubelet/sysctl): `unsafe` are names or patterns that it allows. */
export function forbiddenSysctl({ spec }: Pod, unsafe: readonly string[] = []): string | undefined {
  const allowed = [...SAFE, ...unsafe.map(normalize)];
  const shared = { Net: spec?.hostNetwork === true, IPC: spec?.hostIPC === true };
  for (const { name: given } of spec?.securityContext?.sysctls ?? []) {
    const name = normalize(given);
    const found = allowed.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name));
    const namespace = namespaceOf(name);
    if (!found) return `forbidden sysctl: ${JSON.stringify(name)} not allowlisted`;
    if (shared[namespace])
      return `forbidden sysctl: ${JSON.stringify(name)} not allowed with host ${namespace} enabled`;
  }
  return undefined;
}
