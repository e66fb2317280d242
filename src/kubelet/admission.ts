import { Quantity } from '../base/quantity.ts';
import type { Client } from '../runtime/client.ts';
import { portsTaken } from '../runtime/component-helpers/host-ports.ts';
import { matchesPodAffinity } from '../runtime/component-helpers/node-selector.ts';
import { podRequests } from '../runtime/component-helpers/pod-requests.ts';
import { podsOnNode } from '../runtime/component-helpers/pods-on-node.ts';
import { toleratesTaint } from '../runtime/component-helpers/tolerations.ts';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Container, Node, Pod } from '../types/objects.ts';
import { isCritical } from './node/eviction.ts';
import { pressuresOf } from './node/pressure.ts';
import type { PodScope } from './pod/scope.ts';
import { knowsGroupsPolicy } from './runtime-features.ts';
import { forbiddenSysctl } from './sysctls.ts';

/** `message` is the event's; the pod's status says `Pod was rejected: ` before it. */
export interface Rejection {
  reason: string;
  message: string;
  /** What there is too little of, and how much: room for a critical pod can be made. */
  lacks?: { name: string; amount: number }[];
}

type Resources = Record<string, string> | undefined;

const amount = (name: string, resources: Resources) => {
  const text = resources?.[name];
  if (!text) return 0;
  return name === 'cpu' ? Quantity.parse(text).milliValue() : Quantity.parse(text).value();
};

const requested = (pod: Pod, name: string): number => podRequests(pod)[name] ?? 0;

/** What a kubelet refuses a pod for that is bound to it anyway (by nodeName, or a race): lifecycle's predicate admit handler. */
export function admit(scope: PodScope): Rejection | undefined {
  const pod = scope.pod!;
  const { node: nodeName } = scope.worker;
  const node = scope.world.client.get('nodes', '', nodeName);
  if (!node || pod.metadata.annotations?.['kubernetes.io/config.source'] === 'file') return undefined;
  if (scope.machine.shutdown)
    return { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };
  const pressure = underPressure(scope);
  if (pressure) return pressure;
  const sysctl = forbiddenSysctl(pod, scope.machine.allowedUnsafeSysctls);
  if (sysctl) return { reason: 'SysctlForbidden', message: sysctl };
  const [reason, unfit] = Object.entries(UNFIT).find(([, { means }]) => means(pod, scope.machine)) ?? [];
  if (unfit) return { reason: reason!, message: unfit.message };
  const others = podsOnNode(scope.world.client, nodeName).filter(
    (other) => other.metadata.uid !== pod.metadata.uid && isAdmitted(other),
  );
  const failed = Object.entries(PREDICATES).find(([, { fails }]) => fails(pod, node, others));
  const [name = '', { why = '' } = {}] = failed ?? [];
  return resourceLack(scope) ?? (failed && { reason: name, message: `Predicate ${name} failed: ${why}` });
}

const OS = 'kubernetes.io/os';

/** Pods that no room on the node would help, by the reason that is given. */
const UNFIT: Record<string, { means(pod: Pod, machine: MachineRecord): boolean; message: string }> = {
  // It is the pod's own label that upstream looks at, not its selector.
  PodOSSelectorNodeLabelDoesNotMatch: {
    means: ({ metadata }) => (metadata.labels?.[OS] ?? 'linux') !== 'linux',
    message: `Failed to admit pod as the \`${OS}\` label doesn't match node label`,
  },
  PodOSNotSupported: {
    means: ({ spec }) => (spec?.os?.name ?? 'linux') !== 'linux',
    message: "Failed to admit pod as the OS field doesn't match node OS",
  },
  SupplementalGroupsPolicyNotSupported: {
    means: ({ spec }, machine) =>
      spec?.securityContext?.supplementalGroupsPolicy === 'Strict' && !knowsGroupsPolicy(machine),
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  },
};

interface Predicate {
  fails(pod: Pod, node: Node, others: readonly Pod[]): boolean;
  why: string;
}

/** What else of a pod a kubelet looks at (generalFilter), by the names of the scheduler's plugins. */
const PREDICATES: Record<string, Predicate> = {
  NodeAffinity: {
    fails: (pod, node) => !matchesPodAffinity(pod, node),
    why: "node(s) didn't match Pod's node affinity/selector",
  },
  NodePorts: {
    fails: (pod, _, others) => portsTaken(pod)?.(others) ?? false,
    why: "node(s) didn't have free ports for the requested pod ports",
  },
  TaintToleration: {
    fails: (pod, { spec }) =>
      (spec?.taints ?? []).some(
        (taint) => taint.effect === 'NoExecute' && !toleratesTaint(pod.spec!.tolerations, taint),
      ),
    why: "node(s) had taints that the pod didn't tolerate",
  },
};

/** A pod as it was taken on, while a resize of it waits. */
function asAllocated(pod: Pod): Pod {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  if (!conditions.some(({ type }) => type === 'PodResizePending')) return pod;
  const statuses = [...containerStatuses, ...initContainerStatuses];
  const given = (container: Container): Container => {
    const requests = statuses.find(({ name }) => name === container.name)?.allocatedResources;
    return { ...container, resources: { ...container.resources, ...(requests && { requests }) } };
  };
  const { containers, initContainers } = pod.spec!;
  const spec = {
    ...pod.spec!,
    containers: containers.map(given),
    ...(initContainers && { initContainers: initContainers.map(given) }),
  };
  return { ...pod, spec };
}

/** What of the node's resources the pod asks for and others have. */
export function resourceLack(scope: PodScope): Rejection | undefined {
  const pod = scope.pod!;
  const { node: nodeName } = scope.worker;
  const node = scope.world.client.get('nodes', '', nodeName);
  const others = podsOnNode(scope.world.client, nodeName).filter(
    (other) => other.metadata.uid !== pod.metadata.uid && isAdmitted(other),
  );
  const allocatable = node?.status?.allocatable ?? {};
  const podLimit = amount('pods', allocatable);
  if (allocatable.pods && others.length + 1 > podLimit) {
    return {
      reason: 'OutOfpods',
      message: `Node didn't have enough resource: pods, requested: 1, used: ${others.length}, capacity: ${podLimit}`,
      lacks: [{ name: 'pods', amount: others.length + 1 - podLimit }],
    };
  }
  // Extended resources that the node does not have are none of its business.
  for (const name of new Set(['cpu', 'memory', 'ephemeral-storage', ...Object.keys(podRequests(pod))])) {
    const wanted = requested(pod, name);
    if (wanted === 0 || allocatable[name] === undefined) continue;
    const used = others.reduce((total, other) => total + requested(asAllocated(other), name), 0);
    const capacity = amount(name, allocatable);
    if (wanted > capacity - used) {
      return {
        reason: `OutOf${name}`,
        message: `Node didn't have enough resource: ${name}, requested: ${wanted}, used: ${used}, capacity: ${capacity}`,
        lacks: [{ name, amount: wanted - (capacity - used) }],
      };
    }
  }
  return undefined;
}

/** Why the pod could not be on this node even alone, in the words of a resize. */
export function tooBig({ pod, world, worker }: PodScope): string | undefined {
  const allocatable = world.client.get('nodes', '', worker.node)?.status?.allocatable ?? {};
  for (const name of ['memory', 'cpu']) {
    const [wanted, capacity] = [requested(pod!, name), amount(name, allocatable)];
    if (wanted > capacity)
      return `Node didn't have enough capacity: ${name}, requested: ${wanted}, capacity: ${capacity}`;
  }
  return undefined;
}

const MEMORY_TAINT = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };

/** The eviction manager's admit handler: a node that is short of something takes no more of what would suffer first. */
function underPressure({ pod, world, worker }: PodScope): Rejection | undefined {
  const pressures = pressuresOf(world.state, worker.node);
  if (pressures.length === 0 || isCritical(pod!)) return undefined;
  const onlyMemory = pressures.join() === 'MemoryPressure';
  const isTolerated = toleratesTaint(pod!.spec!.tolerations, MEMORY_TAINT);
  if (onlyMemory && (pod!.status?.qosClass !== 'BestEffort' || isTolerated)) return undefined;
  return { reason: 'Evicted', message: `The node had condition: [${pressures.join(' ')}]. ` };
}

/** The pods of a node that its kubelet has taken on and that have not ended. */
export const activePods = (client: Client, node: string): Pod[] => podsOnNode(client, node).filter(isAdmitted);

/** Pods that the kubelet has taken on and that have not ended. */
const isAdmitted = ({ status }: Pod) =>
  status?.startTime !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
