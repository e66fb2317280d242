import type { ActorWorld } from '../runtime/actor.ts';
import type { PodScope } from './pod/scope.ts';
import { workerKey } from './worker.ts';

/** What a pod's sandbox may have to wait for on its node: a free address, or a network at all. */
type Awaited = 'address' | 'network';

/** What pods wait for, by the keys of their workers. */
const AWAITED = 'kubelet/awaited';

const awaited = ({ state }: Pick<ActorWorld, 'state'>) => state.section<Awaited>(AWAITED);

export const waitFor = (scope: PodScope, what: Awaited): void => {
  awaited(scope.world).set(workerKey(scope.worker), what);
};

export const isWaiting = (scope: PodScope, what?: Awaited): boolean => {
  const found = awaited(scope.world).get(workerKey(scope.worker));
  return found !== undefined && (what === undefined || found === what);
};

/** A pod that has what it waited for, or is gone, waits for nothing. */
export const waitNoMore = (scope: PodScope): void => {
  const key = workerKey(scope.worker);
  if (awaited(scope.world).has(key)) awaited(scope.world).delete(key);
};

/** The keys of the workers on a node that wait for something. */
export const waitingOn = (world: Pick<ActorWorld, 'state'>, node: string, what: Awaited): string[] =>
  awaited(world)
    .keys(`${node}/`)
    .filter((key) => awaited(world).get(key) === what);
