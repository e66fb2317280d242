import { selects } from '../../api/machinery/selectors.ts';
import type { Actor } from '../../runtime/actor.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controllerKeys, ownKeys } from '../shared/owners.ts';
import { COMPONENT, StatefulControl } from './control.ts';

export const statefulSetController: Actor = controller({
  name: COMPONENT,
  watches: [
    ownKeys('statefulsets.apps'),
    controllerKeys('pods', 'StatefulSet', (event, world) =>
      world.client
        .list('statefulsets.apps', event.object.metadata.namespace)
        .filter((set) => selects(set.spec!.selector, event.object.metadata.labels))
        .map(keyOf),
    ),
  ],
  reconcile(key, world) {
    const set = world.client.get('statefulsets.apps', ...splitKey(key));
    if (set) new StatefulControl(world, set).run();
  },
});
