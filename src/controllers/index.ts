import type { Actor } from '../runtime/actor.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { replicaSetController } from './replicaset/index.ts';
import { replicationController } from './replication/index.ts';

/** Every controller of kube-controller-manager. */
export const controllers: Actor[] = [
  deploymentController,
  replicaSetController,
  replicationController,
  daemonSetController,
];
