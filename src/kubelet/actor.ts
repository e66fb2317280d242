import { equal } from '../api/machinery/patch/json-value.ts';
import type { Actor, ActorWorld, WatchRule } from '../runtime/actor.ts';
import { resizeStatus } from '../runtime/component-helpers/claim-resize.ts';
import { claimNames } from '../runtime/component-helpers/volumes.ts';
import type { StoreEvent } from '../store/object-store.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject, Node, PersistentVolumeClaim, Pod, VolumeAttachment } from '../types/objects.ts';
import { staticUid } from './names.ts';
import { networkComes } from './network-ready.ts';
import { ATTACHMENTS } from './node/attached-volumes.ts';
import { reconcileNode } from './node/reconcile.ts';
import type { Platform } from './platform.ts';
import { reconcilePod } from './pod/reconcile.ts';
import { gateStatuses } from './status/conditions.ts';
import { nextStatus, TIMING } from './timing.ts';
import { usesObject } from './volumes.ts';
import { NETWORK_WATCHES } from './watchful.ts';
import { IDLE, REFRESH, WORKERS } from './worker.ts';

export const machineOf = (world: ActorWorld, node: string): MachineRecord | undefined =>
  world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).get(node);

/** The key of a pod that is bound to a node. */
export const podKey = (pod: Pod): string =>
  `${pod.spec!.nodeName}/${pod.metadata.namespace}/${pod.metadata.name}/${staticUid(pod)}`;

/** Whether a change is more than a status, which kubelets write themselves. */
function concernsKubelet({ type, object, previous }: StoreEvent): boolean {
  if (type !== 'MODIFIED' || !previous) return true;
  const a = object as Pod;
  const b = previous as Pod;
  const own = (pod: Pod) => {
    const { generation, deletionTimestamp, deletionGracePeriodSeconds, labels, annotations } = pod.metadata;
    return [generation, deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, gateStatuses(pod)];
  };
  return !equal(own(a), own(b)) || !equal(a.spec, b.spec);
}

/** Whether somebody else has said that the pod is not ready (the node controller does): its kubelet says again what is true. */
function isContradicted({ spec, status }: Pod): boolean {
  const statusOf = (type: string) => status?.conditions?.find((condition) => condition.type === type)?.status;
  return statusOf('Ready') === 'False' && statusOf('ContainersReady') === 'True' && !spec?.readinessGates?.length;
}

const pods: WatchRule = {
  resource: 'pods',
  keys(event, world) {
    const pod = event.object as Pod;
    if (!pod.spec?.nodeName) return [];
    if (isContradicted(pod)) world.wake(podKey(pod) + REFRESH, world.now() + TIMING.statusReconcile);
    return concernsKubelet(event) ? [podKey(pod)] : [];
  },
};

/** Config maps and secrets reach volumes with the next regular sync. */
const configuration = (resource: 'configmaps' | 'secrets'): WatchRule => ({
  resource,
  keys({ type, object }, world) {
    if (type === 'DELETED') return [];
    const { namespace, name } = object.metadata;
    for (const key of world.state.section(WORKERS).keys()) {
      const [, own, podName] = key.split('/');
      if (own !== namespace) continue;
      const pod = world.client.get('pods', namespace!, podName!);
      if (pod && usesObject(pod, resource, name!)) {
        world.wake(key + REFRESH, world.now() + TIMING.configRefresh * (0.5 + 0.5 * world.random.next()));
      }
    }
    return [];
  },
});

/** A volume that has grown is noticed with the next look at the pods that use it. */
const claims: WatchRule = {
  resource: 'persistentvolumeclaims',
  keys({ object }, world) {
    const claim = object as PersistentVolumeClaim;
    if (resizeStatus(claim) !== 'NodeResizePending') return [];
    const { namespace, name } = claim.metadata;
    for (const pod of world.client.list('pods', namespace))
      if (pod.spec?.nodeName && claimNames(pod).some((one) => one.name === name))
        world.wake(podKey(pod) + REFRESH, world.now() + TIMING.configRefresh * (0.2 + 0.3 * world.random.next()));
    return [];
  },
};

const nodes: WatchRule = {
  resource: 'nodes',
  keys({ type, object, previous }, world) {
    const { name } = object.metadata;
    if (type !== 'MODIFIED') return [name!];
    const told = (node: KubeObject | undefined) => {
      const { spec, status } = (node ?? {}) as Partial<Node>;
      return JSON.stringify([spec?.unschedulable ?? false, status?.capacity]);
    };
    if (told(object) !== told(previous)) world.wake(name!, nextStatus(name!, world.now()));
    return [];
  },
};

/** A CSI driver registers itself with every kubelet. */
const drivers: WatchRule = {
  resource: 'csidrivers.storage.k8s.io',
  keys: (_, { state }) => [...state.section(RUNTIME_SECTIONS.machines).keys()],
};

/** A disk that was attached or taken off is told with the node's next status. */
const attachments: WatchRule = {
  resource: ATTACHMENTS,
  keys({ object }, world) {
    const { nodeName } = (object as VolumeAttachment).spec!;
    world.wake(nodeName, nextStatus(nodeName, world.now()));
    return [];
  },
};

/** All kubelets as one actor: a key is `NODE` or `NODE/NAMESPACE/POD/UID`. */
export const kubeletActor = (platform: Platform): Actor => ({
  name: 'kubelet',
  manager: 'kubelet',
  latency: TIMING.watchLatency,
  watches: [
    pods,
    configuration('configmaps'),
    configuration('secrets'),
    claims,
    drivers,
    attachments,
    nodes,
    networkComes,
    ...NETWORK_WATCHES,
  ],
  reconcile(key, world) {
    const [node] = key.split('/') as [string];
    const machine = machineOf(world, node);
    if (!machine) return;
    if (key === node) return reconcileNode(world, platform, machine);
    return reconcilePod(world, platform, machine, key);
  },
  settles: (key) => key.includes('/') && !key.endsWith(IDLE) && !key.endsWith(REFRESH),
});
