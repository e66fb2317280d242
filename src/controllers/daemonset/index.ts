import { isDeepStrictEqual } from 'node:util';
import { selects } from '../../api/machinery/selectors.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { Node } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controllerKeys, ownKeys } from '../shared/owners.ts';
import { COMPONENT, Daemons, forgetFailures } from './daemons.ts';
import { shouldRun } from './placement.ts';

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
      keys(event, world) {
        const node = event.object as Node;
        const before = event.previous as Node | undefined;
        const sets = world.client.list('daemonsets.apps');
        if (event.type !== 'MODIFIED' || !before) return sets.map(keyOf);
        return sets.filter((set) => !isDeepStrictEqual(shouldRun(set, node), shouldRun(set, before))).map(keyOf);
      },
    },
  ],
  reconcile(key, world) {
    const set = world.client.get('daemonsets.apps', ...splitKey(key));
    if (!set) return forgetFailures(world, key);
    if (!set.metadata.deletionTimestamp) new Daemons(world, set).run();
  },
});
