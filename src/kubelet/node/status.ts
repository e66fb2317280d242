import { formatMicroTime, formatTime } from '../../base/time.ts';
import type { State } from '../../store/section.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { Lease, Node } from '../../types/objects.ts';
import { nodeImages } from '../images.ts';
import { runtimeFeatures } from '../runtime-features.ts';
import { phaseOf } from '../timing.ts';
import { pressuresOf } from './pressure.ts';

/** How often kubelets renew their lease. */
export const LEASE_PERIOD = 10_000;
const LEASE_SECONDS = 40;
/** nodeStatusMaxImages. */
const MAX_IMAGES = 50;

/** The last moment at or before `now` at which a node's kubelet did something that it does every `period` ms. */
function lastTick(machine: MachineRecord, period: number, now: number): number {
  const until = machine.kubelet.active ? now : Math.min(now, machine.kubelet.since);
  const phase = phaseOf(machine.name);
  const tick = Math.floor((until - phase) / period) * period + phase;
  return machine.kubelet.active ? Math.max(tick, Math.min(machine.kubelet.since, now)) : tick;
}

/** When the kubelet last renewed its lease. */
export const leaseRenewed = (machine: MachineRecord, now: number): number => lastTick(machine, LEASE_PERIOD, now);

const PRESSURES = [
  {
    type: 'MemoryPressure',
    False: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    True: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  },
  {
    type: 'DiskPressure',
    False: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    True: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
  },
  {
    type: 'PIDPressure',
    False: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    True: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
  },
] as const;

type Conditions = NonNullable<NonNullable<Node['status']>['conditions']>;

/** The kubelet's own conditions, keeping when each last changed; those of others stay in front. */
function nodeConditions(old: Conditions, now: number, trouble: string | undefined, pressures: string[]): Conditions {
  const at = formatTime(now);
  const own = [
    ...PRESSURES.map((pressure) => {
      const status = pressures.includes(pressure.type) ? 'True' : 'False';
      const [reason, message] = pressure[status];
      return { type: pressure.type, status, reason, message };
    }),
    trouble
      ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: trouble }
      : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
  const others = old.filter((condition) => !own.some(({ type }) => type === condition.type));
  const stamped = own.map(({ type, status, reason, message }) => {
    const before = old.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime! : at;
    return { type, status, lastHeartbeatTime: at, lastTransitionTime, reason, message };
  });
  return [...others, ...stamped];
}

/** What somebody says that a node has beside what its kubelet finds (IsExtendedResourceName). */
const extendedResources = (capacity: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(capacity).filter(([name]) => name.includes('/') && !/^([^/]+\.)?kubernetes\.io\//.test(name)),
  );

/** NodeStatus as this machine's kubelet reports it. */
export function nodeStatus(
  machine: MachineRecord,
  state: State,
  old: Node['status'],
  now: number,
  trouble?: string,
): NonNullable<Node['status']> {
  const images = nodeImages(state, machine.name)
    .sort((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_IMAGES)
    .map((image) => ({ names: [...image.repoDigests, ...image.repoTags].slice(0, 5), sizeBytes: image.size }));
  const advertised = extendedResources(old?.capacity);
  return {
    ...old,
    capacity: { ...advertised, ...machine.capacity },
    allocatable: { ...advertised, ...(machine.allocatable ?? machine.capacity) },
    conditions: nodeConditions(old?.conditions ?? [], now, trouble, pressuresOf(state, machine.name)),
    addresses: [
      { type: 'InternalIP', address: machine.internalIP },
      { type: 'Hostname', address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: machine.kubeletPort ?? 10250 } } as unknown as NonNullable<
      Node['status']
    >['daemonEndpoints'],
    nodeInfo: {
      machineID: machine.machineID,
      systemUUID: machine.systemUUID,
      bootID: machine.bootID,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: machine.containerRuntimeVersion,
      kubeletVersion: machine.kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    ...(images.length > 0 && { images }),
    ...runtimeFeatures(machine),
  } as NonNullable<Node['status']>;
}

/** The Node object with which a kubelet registers itself. */
export function newNode(machine: MachineRecord, state: State, now: number): Node {
  const roles = Object.fromEntries(machine.roles.map((role) => [`node-role.kubernetes.io/${role}`, '']));
  const os = 'linux';
  const arch = 'amd64';
  const taints = machine.taints ?? [];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels: {
        'beta.kubernetes.io/arch': arch,
        'beta.kubernetes.io/os': os,
        'kubernetes.io/arch': arch,
        'kubernetes.io/hostname': machine.name,
        'kubernetes.io/os': os,
        ...roles,
        ...machine.labels,
      },
      annotations: { ...machine.annotations, 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: { ...(machine.providerID && { providerID: machine.providerID }), ...(taints.length > 0 && { taints }) },
    status: nodeStatus(machine, state, undefined, now),
  } as Node;
}

/** The lease of a node, as its kubelet last renewed it. */
export function nodeLease(machine: MachineRecord, node: Node, now: number): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: machine.name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: machine.name, uid: node.metadata.uid! }],
    },
    spec: {
      holderIdentity: machine.name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: formatMicroTime(leaseRenewed(machine, now)),
    },
  } as Lease;
}
