import type { Actor } from '../../runtime/actor.ts';
import type { ReplicationController } from '../../types/objects.ts';
import { replicasController } from '../replicaset/replicas.ts';

export const replicationController: Actor = replicasController({
  name: 'replication-controller',
  resource: 'replicationcontrollers',
  kind: 'ReplicationController',
  selector: (object) => ({ matchLabels: (object as ReplicationController).spec?.selector }),
});
