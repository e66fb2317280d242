import { isDeepStrictEqual } from 'node:util';
import { formatTime } from '../base/time.ts';
import type { Actor, ActorWorld } from '../runtime/actor.ts';
import type { KubeObject, Pod } from '../types/objects.ts';
import { bestNode, filterNodes, fitError } from './algorithm.ts';
import type { Cycle } from './framework.ts';
import { preempt } from './preemption.ts';
import { LATER, WaitingPods } from './queue.ts';
import { snapshot } from './snapshot.ts';
import { allBound, bindVolumes } from './volumes.ts';
import { nodeKeys, podKeys, volumeKeys } from './wakes.ts';

const NAME = 'default-scheduler';
/** Time from a pod's creation to its binding, ms. */
const LATENCY = 10;
/** Claims that are not bound by then have the pod tried anew (VolumeBindingArgs.bindTimeoutSeconds), ms. */
const BIND_TIMEOUT = 600_000;

const isOurs = ({ metadata, spec, status }: Pod): boolean =>
  !spec?.nodeName &&
  !metadata.deletionTimestamp &&
  spec?.schedulerName === NAME &&
  !spec.schedulingGates?.length &&
  status?.phase !== 'Succeeded' &&
  status?.phase !== 'Failed';

function reconcile(entry: string, world: ActorWorld): void {
  const key = entry.startsWith(LATER) ? entry.slice(LATER.length) : entry;
  const waiting = new WaitingPods(world);
  const [namespace = '', name = ''] = key.split('/');
  const pod = world.client.get('pods', namespace, name);
  if (!pod || !isOurs(pod)) return waiting.forget(key);
  const { assumed, tried = 0 } = waiting.get(key) ?? {};
  if (assumed && world.now() < tried + BIND_TIMEOUT) {
    if (allBound(pod, world.client)) bind(pod, assumed, waiting, key, world);
    return;
  }
  if (assumed) return bindingTimedOut(pod, key, waiting, world);
  schedule(pod, key, waiting, world);
}

/** What the pod's claims waited for did not come: it is tried anew, after its back-off. */
function bindingTimedOut(pod: Pod, key: string, waiting: WaitingPods, world: ActorWorld): void {
  const message = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';
  const outcome = { message, reason: 'SchedulerError' };
  fail(pod, outcome, world, () => waiting.failed(key, ['VolumeBinding']));
  world.wake(LATER + key, waiting.readyAt(key));
}

function schedule(pod: Pod, key: string, waiting: WaitingPods, world: ActorWorld): void {
  const { client } = world;
  const cycle: Cycle = { pod, client, nodes: snapshot(client, pod) };
  if (cycle.nodes.length === 0) {
    return fail(pod, { message: 'no nodes available to schedule pods' }, world, () =>
      waiting.failed(key, ['NodeName']),
    );
  }
  const { feasible, diagnosis } = filterNodes(cycle);
  if (feasible.length > 0) {
    // Room that was made for a pod is taken without looking further.
    const nominated = feasible.find(({ node }) => node.metadata.name === pod.status?.nominatedNodeName);
    const { node } = nominated ?? bestNode(cycle, feasible, world.random);
    bindVolumes(pod, node, client);
    if (allBound(pod, client)) return bind(pod, node.metadata.name!, waiting, key, world);
    waiting.assume(key, node.metadata.name!);
    return world.wake(LATER + key, world.now() + BIND_TIMEOUT);
  }
  const { nominated, message: why, hopeless } = preempt(cycle, diagnosis, world);
  const message = [fitError(diagnosis, cycle.nodes.length), why].filter(Boolean).join(' ');
  const nominatedNodeName = hopeless ? '' : nominated;
  fail(pod, { message, nominatedNodeName }, world, () => waiting.failed(key, diagnosis.plugins));
}

function bind(pod: Pod, node: string, waiting: WaitingPods, key: string, world: ActorWorld): void {
  const { namespace = '', name = '', uid } = pod.metadata;
  world.client.createSubresource('pods', namespace, name, 'binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { kind: 'Node', name: node },
  } as KubeObject);
  waiting.forget(key);
  tell(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`, 'Binding', world);
}

function tell(
  pod: Pod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  action: string,
  world: ActorWorld,
): void {
  world.events.event(pod, type, reason, message, { component: NAME, host: NAME, action });
}

/** Why a pod found no place. */
interface Failure {
  message: string;
  /** Of the condition; `Unschedulable` without it. */
  reason?: string;
  /** The node whose room it waits for: '' for none any more, undefined for the same as before. */
  nominatedNodeName?: string;
}

/** NoteLengthLimit of events. */
const LONGEST_NOTE = 1024;
const truncated = (text: string): string =>
  text.length <= LONGEST_NOTE ? text : `${text.slice(0, LONGEST_NOTE - 4)} ...`;

/** handleSchedulingFailure: says so in an event and in the pod's condition, and lets the pod wait. */
function fail(pod: Pod, failure: Failure, world: ActorWorld, remember: () => void): void {
  const { message, reason = 'Unschedulable' } = failure;
  remember();
  tell(pod, 'Warning', 'FailedScheduling', truncated(message), 'Scheduling', world);
  const { namespace = '', name = '' } = pod.metadata;
  const current = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: current?.status === 'False' ? current.lastTransitionTime : formatTime(world.now()),
    reason,
    message,
  };
  const before = pod.status?.nominatedNodeName ?? '';
  const nominatedNodeName = failure.nominatedNodeName ?? before;
  const same = isDeepStrictEqual({ lastProbeTime: null, ...current }, condition);
  if (same && nominatedNodeName === before) return;
  const status = {
    conditions: [condition],
    ...(nominatedNodeName !== before && { nominatedNodeName: nominatedNodeName || null }),
  };
  world.client.patch('pods', namespace, name, { status }, 'status');
}

/** kube-scheduler with its default profile: a pod at a time, in the order in which they came. */
export const scheduler: Actor = {
  name: NAME,
  user: 'system:kube-scheduler',
  manager: 'kube-scheduler',
  latency: LATENCY,
  watches: [
    { resource: 'pods', keys: podKeys },
    { resource: 'nodes', keys: nodeKeys },
    { resource: 'persistentvolumeclaims', keys: volumeKeys },
    { resource: 'persistentvolumes', keys: volumeKeys },
    { resource: 'storageclasses.storage.k8s.io', keys: volumeKeys },
  ],
  reconcile,
  settles: (key) => !key.startsWith(LATER),
};
