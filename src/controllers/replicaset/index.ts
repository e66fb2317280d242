import type { Actor } from '../../runtime/actor.ts';
import type { ReplicaSet } from '../../types/objects.ts';
import { replicasController } from './replicas.ts';

export const replicaSetController: Actor = replicasController({
  name: 'replicaset-controller',
  resource: 'replicasets.apps',
  kind: 'ReplicaSet',
  selector: (object) => (object as ReplicaSet).spec?.selector,
});
