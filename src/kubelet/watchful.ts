import type { ActorWorld, WatchRule } from '../runtime/actor.ts';
import type { PodWorker } from './worker.ts';

/** The pods whose processes repeat themselves for as long as the network and the files stay as they are, by `NODE/NAMESPACE/NAME/UID`. */
const WATCHFUL = 'kubelet/watchful';

type Watch = 'waits' | 'roused';

const watches = (world: Pick<ActorWorld, 'state'>) => world.state.section<Watch>(WATCHFUL);
export const keyOf = ({ node, namespace, name, uid }: PodWorker): string => `${node}/${namespace}/${name}/${uid}`;

/** Notes that a process of a pod need not be woken before something changes. */
export function watchOut(world: ActorWorld, worker: PodWorker): void {
  const key = keyOf(worker);
  if (watches(world).get(key) !== 'waits') watches(world).set(key, 'waits');
}

/** Something changed around a pod; answers whether that concerns it. */
export function rouse(world: ActorWorld, key: string): boolean {
  if (!watches(world).get(key)) return false;
  watches(world).set(key, 'roused');
  return true;
}

export const isRoused = (world: ActorWorld, worker: PodWorker): boolean =>
  watches(world).get(keyOf(worker)) === 'roused';

/** Whether something changed since the pod was looked at; it is looked at now. */
export function takeRousing(world: ActorWorld, worker: PodWorker): boolean {
  const roused = isRoused(world, worker);
  if (roused) watches(world).delete(keyOf(worker));
  return roused;
}

/** What answers on the network may change with these. */
export const NETWORK_WATCHES: WatchRule[] = (
  ['services', 'endpointslices.discovery.k8s.io', 'networkpolicies.networking.k8s.io'] as const
).map((resource) => ({
  resource,
  keys: (_event, world) => [...watches(world).keys()].filter((key) => rouse(world, key)),
}));
