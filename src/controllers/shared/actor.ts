import type { Actor } from '../../runtime/actor.ts';

/** Time that a watch event takes to reach a controller's queue and be worked on, ms. */
const LATENCY = 10;

/** A controller of kube-controller-manager: acts as the service account of its name. */
export function controller(
  definition: Pick<Actor, 'name' | 'watches' | 'reconcile'> & Partial<Pick<Actor, 'latency' | 'retry' | 'settles'>>,
): Actor {
  return {
    user: `system:serviceaccount:kube-system:${definition.name}`,
    manager: 'kube-controller-manager',
    latency: LATENCY,
    ...definition,
  };
}
