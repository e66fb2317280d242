import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import type { Pod } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { isPodFinished } from '../shared/pods.ts';

/** A node must be gone for so long before its pods are given up (quarantineTime), ms. */
const QUARANTINE = 40_000;
/** Marks the entries of the queue whose quarantine is over. */
const DUE = 'due:';

function giveUp(pod: Pod, world: ActorWorld): void {
  const { namespace = '', name = '' } = pod.metadata;
  if (!isPodFinished(pod)) {
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

/** Removes the pods of nodes that are no more (pkg/controller/podgc). */
export const podGarbageCollector: Actor = controller({
  name: 'pod-garbage-collector',
  watches: [{ resource: 'nodes', keys: ({ type, object }) => (type === 'DELETED' ? [object.metadata.name!] : []) }],
  reconcile(key, world) {
    if (!key.startsWith(DUE)) return world.wake(DUE + key, world.now() + QUARANTINE);
    const node = key.slice(DUE.length);
    if (world.client.get('nodes', '', node)) return;
    for (const pod of podsOnNode(world.client, node)) giveUp(pod, world);
  },
});
