import { selects } from '../../api/machinery/selectors.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { controller } from '../shared/actor.ts';
import { claim } from '../shared/claim.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controllerKeys, controllerOf, ownKeys } from '../shared/owners.ts';
import { COMPONENT, Rollout } from './rollout.ts';

function reconcile(key: string, world: ActorWorld): void {
  const deployment = world.client.get('deployments.apps', ...splitKey(key));
  if (!deployment) return;
  new Rollout(world, deployment, claim(world, 'replicasets.apps', deployment, deployment.spec!.selector)).run();
}

export const deploymentController: Actor = controller({
  name: COMPONENT,
  watches: [
    ownKeys('deployments.apps'),
    controllerKeys('replicasets.apps', 'Deployment', (event, world) =>
      world.client
        .list('deployments.apps', event.object.metadata.namespace)
        .filter((deployment) => selects(deployment.spec!.selector, event.object.metadata.labels))
        .map(keyOf),
    ),
    {
      // Recreate waits for the last old pod to go.
      resource: 'pods',
      keys(event, world) {
        const owner = controllerOf(event.object);
        if (event.type !== 'DELETED' || owner?.kind !== 'ReplicaSet') return [];
        const namespace = event.object.metadata.namespace!;
        const set = world.client.get('replicasets.apps', namespace, owner.name);
        const deployment = set && controllerOf(set);
        return deployment?.kind === 'Deployment' ? [`${namespace}/${deployment.name}`] : [];
      },
    },
  ],
  reconcile,
});
