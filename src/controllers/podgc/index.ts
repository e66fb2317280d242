import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Client } from '../../runtime/client.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import type { ObjectIndex } from '../../store/object-index.ts';
import type { Node, Pod } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { isPodFinished } from '../shared/pods.ts';

/** A node must be gone for so long before its pods are given up (quarantineTime), ms. */
const QUARANTINE = 40_000;
/** Marks the entries of the queue whose quarantine is over. */
const DUE = 'due:';
/** Marks the entries of the queue for nodes out of service. */
const OUT = 'out:';
/** How many pods that have ended may stay (--terminated-pod-gc-threshold), and how often they are counted, ms. */
const THRESHOLD = 12_500;
const CHECK_PERIOD = 20_000;
/** The entry of the queue for these; no node has such a name. */
const ENDED = '/ended';

const BY_END: ObjectIndex = { name: 'ended', valueOf: (object) => (isPodFinished(object as Pod) ? 'yes' : '') };
const endedPods = (client: Client): readonly Pod[] => client.under('pods', BY_END, 'yes');

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';

/** Those of the pods that have ended which go so that `threshold` stay: evicted ones first, then the oldest (gcTerminated). */
export function surplusOf(ended: readonly Pod[], threshold = THRESHOLD): Pod[] {
  if (ended.length <= threshold) return [];
  const rank = (pod: Pod) => `${isEvicted(pod) ? 0 : 1} ${pod.metadata.creationTimestamp} ${pod.metadata.name}`;
  const ordered = ended.map((pod) => ({ pod, rank: rank(pod) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ordered.slice(0, ended.length - threshold).map(({ pod }) => pod);
}

/** Whether somebody has said that a node which is not ready will not come back. */
const isOutOfService = (node: Node): boolean =>
  !node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') &&
  (node.spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service');

/** Pods that should end on a node out of service never would by themselves (gcTerminating). */
function freeOutOfService(name: string, world: ActorWorld): void {
  const node = world.client.get('nodes', '', name);
  if (!node || !isOutOfService(node)) return;
  for (const pod of podsOnNode(world.client, name)) if (pod.metadata.deletionTimestamp) giveUp(pod, world, false);
}

function giveUp(pod: Pod, world: ActorWorld, orphaned = true): void {
  const { namespace = '', name = '' } = pod.metadata;
  if (!isPodFinished(pod) && !orphaned) {
    world.client.patch('pods', namespace, name, { status: { phase: 'Failed' } }, 'status');
  } else if (!isPodFinished(pod)) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: formatTime(world.now()),
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    };
    world.client.patch('pods', namespace, name, { status: { phase: 'Failed', conditions: [condition] } }, 'status');
  }
  world.client.delete('pods', namespace, name, { gracePeriodSeconds: 0 });
}

/** Removes the pods of nodes that are no more, and pods that have ended when they become too many (pkg/controller/podgc). */
export const podGarbageCollector: Actor = controller({
  name: 'pod-garbage-collector',
  watches: [
    {
      resource: 'nodes',
      keys: ({ type, object }, { wake, now }) => {
        const { name = '' } = object.metadata;
        if (type !== 'DELETED' && isOutOfService(object as Node)) wake(OUT + name, now() + CHECK_PERIOD);
        return type === 'DELETED' ? [name] : [];
      },
    },
    {
      resource: 'pods',
      keys({ type, object, previous }, { client, wake, now }) {
        const ends =
          type !== 'DELETED' && isPodFinished(object as Pod) && !(previous && isPodFinished(previous as Pod));
        if (type === 'MODIFIED' && object.metadata.deletionTimestamp && !previous?.metadata.deletionTimestamp) {
          const node = client.get('nodes', '', (object as Pod).spec?.nodeName ?? '');
          if (node && isOutOfService(node)) wake(OUT + node.metadata.name, now() + CHECK_PERIOD);
        }
        if (ends && endedPods(client).length > THRESHOLD) wake(ENDED, now() + CHECK_PERIOD);
        const { nodeName } = (object as Pod).spec ?? {};
        const arrives = nodeName !== undefined && (previous as Pod | undefined)?.spec?.nodeName !== nodeName;
        return type !== 'DELETED' && arrives && !client.get('nodes', '', nodeName) ? [nodeName] : [];
      },
    },
  ],
  reconcile(key, world) {
    if (key === ENDED) {
      for (const pod of surplusOf(endedPods(world.client))) giveUp(pod, world);
      return;
    }
    if (key.startsWith(OUT)) return freeOutOfService(key.slice(OUT.length), world);
    if (!key.startsWith(DUE)) return world.wake(DUE + key, world.now() + QUARANTINE);
    const node = key.slice(DUE.length);
    if (world.client.get('nodes', '', node)) return;
    for (const pod of podsOnNode(world.client, node)) giveUp(pod, world);
  },
});
