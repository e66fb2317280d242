import { isDeepStrictEqual } from 'node:util';
import { selects } from '../../api/machinery/selectors.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import type { DaemonSet, Node } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controllerKeys, controllerOf, ownKeys } from '../shared/owners.ts';
import { COMPONENT, Daemons, forgetFailures } from './daemons.ts';
import { shouldRun } from './placement.ts';

/** Whether but for its version and the times of its conditions nothing about a node has changed (shouldIgnoreNodeUpdate). */
function isSameNode(node: Node, before: Node): boolean {
  const stable = ({ metadata: { resourceVersion: _, managedFields: __, ...metadata }, spec, status }: Node) => [
    metadata,
    spec,
    { ...status, conditions: status?.conditions?.map(({ type, status: value }) => [type, value]) },
  ];
  return isDeepStrictEqual(stable(node), stable(before));
}

/** The sets that have a daemon to start or to end on a node, or one that may no longer be misplaced (syncNodeUpdate). */
function setsConcernedBy(node: Node, world: ActorWorld): DaemonSet[] {
  const pods = podsOnNode(world.client, node.metadata.name!);
  return world.client.list('daemonsets.apps').filter((set) => {
    const { run, stay } = shouldRun(set, node);
    const isThere = pods.some((pod) => controllerOf(pod)?.uid === set.metadata.uid);
    return isThere ? !stay || (set.status?.numberMisscheduled ?? 0) > 0 : run;
  });
}

export const daemonSetController: Actor = controller({
  name: COMPONENT,
  watches: [
    ownKeys('daemonsets.apps'),
    controllerKeys('controllerrevisions.apps', 'DaemonSet'),
    controllerKeys('pods', 'DaemonSet', (event, world) =>
      world.client
        .list('daemonsets.apps', event.object.metadata.namespace)
        .filter((set) => selects(set.spec!.selector, event.object.metadata.labels))
        .map(keyOf),
    ),
    {
      resource: 'nodes',
      keys({ type, object, previous }, world) {
        if (type === 'DELETED' || (previous && isSameNode(object as Node, previous as Node))) return [];
        return setsConcernedBy(object as Node, world).map(keyOf);
      },
    },
  ],
  reconcile(key, world) {
    const set = world.client.get('daemonsets.apps', ...splitKey(key));
    if (!set) return forgetFailures(world, key);
    if (!set.metadata.deletionTimestamp) new Daemons(world, set).run();
  },
});
