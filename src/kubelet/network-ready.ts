import type { WatchRule } from '../runtime/actor.ts';
import type { Node } from '../types/objects.ts';
import { waitFor, waitingOn, waitNoMore } from './awaited.ts';
import type { PodScope } from './pod/scope.ts';
import { TIMING } from './timing.ts';
import { REFRESH } from './worker.ts';

/** How the node's Ready condition begins while its runtime has no network (runtimeState.networkErrors). */
const NOT_READY = 'container runtime network not ready';

function troubleOf(node: Node | undefined): string | undefined {
  const message = node?.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
  return message?.startsWith(NOT_READY) ? message : undefined;
}

/** Whether a pod has to wait for its node's network, which it is told of (kubelet's syncPod); the host's network is always there. */
export function lacksNetwork(scope: PodScope): boolean {
  const { client } = scope.world;
  const trouble = scope.pod!.spec!.hostNetwork
    ? undefined
    : troubleOf(client.get('nodes', '', scope.worker.node) as Node | undefined);
  if (!trouble) {
    waitNoMore(scope);
    return false;
  }
  scope.event('Warning', 'NetworkNotReady', `network is not ready: ${trouble}`);
  waitFor(scope, 'network');
  return true;
}

/** A node's network has come: the pods that wait for it begin with their next try. */
export const networkComes: WatchRule = {
  resource: 'nodes',
  keys({ object, previous }, world) {
    if (!troubleOf(previous as Node | undefined) || troubleOf(object as Node)) return [];
    for (const key of waitingOn(world, object.metadata.name!, 'network'))
      world.wake(key + REFRESH, world.now() + TIMING.transientBackOff * (0.5 + world.random.next()));
    return [];
  },
};
