import { Quantity } from '../base/quantity.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';

/** What the kernel holds a container to. */
export interface CgroupLimits {
  /** µs of CPU in each period of so many µs; 0: as much as there is. */
  period: number;
  quota: number;
  /** Its part where others want to run too, as cgroup v1 counts it. */
  shares: number;
  /** Bytes; 0: as much as there is. */
  memory: number;
}

const milli = (text: string | undefined): number => (text ? Math.ceil(Quantity.parse(text).toNumber() * 1000) : 0);

/** What a container's requests and limits become (pkg/kubelet/cm ResourceConfigForPod). */
export function cgroupLimits(container: Pick<ContainerRecord, 'resources'>): CgroupLimits {
  const { requests = {}, limits = {} } = (container.resources ?? {}) as {
    requests?: Record<string, string>;
    limits?: Record<string, string>;
  };
  const cpu = milli(requests.cpu ?? limits.cpu);
  return {
    period: 100_000,
    quota: limits.cpu ? Math.max(1000, milli(limits.cpu) * 100) : 0,
    shares: Math.max(2, Math.floor((cpu * 1024) / 1000)),
    memory: Math.ceil(Quantity.parse(limits.memory ?? '0').toNumber()),
  };
}

/** cgroup v2's weight for v1's shares: 2 to 262144 becomes 1 to 10000 (runc). */
const weightOf = (shares: number): number => 1 + Math.floor(((shares - 2) * 9999) / 262_142);

/** The files of its own cgroup that a container finds below /sys/fs/cgroup (v2), made when they are read. */
export function cgroupFiles(limitsOf: () => CgroupLimits): Record<string, () => string> {
  const files: Record<string, () => string> = {
    'cgroup.controllers': () => 'cpuset cpu io memory hugetlb pids rdma misc',
    'cpu.max': () => `${limitsOf().quota || 'max'} ${limitsOf().period}`,
    'cpu.weight': () => String(weightOf(limitsOf().shares)),
    'memory.max': () => String(limitsOf().memory || 'max'),
    'memory.min': () => '0',
    'pids.max': () => 'max',
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`/sys/fs/cgroup/${name}`, () => `${text()}\n`]),
  );
}
