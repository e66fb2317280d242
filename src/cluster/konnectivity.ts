import { selects } from '../api/machinery/selectors.ts';
import { isPodReady } from '../controllers/shared/pods.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { ClusterSpec } from './config.ts';

/**
 * Why the control plane reaches no node, in the proxy server's words; undefined if it does. Where the network has
 * konnectivity, an agent's pod anywhere in the cluster is what it takes (apiserver-network-proxy, default proxy strategy).
 */
export function noTunnel(world: ActorWorld, { network }: ClusterSpec): string | undefined {
  if (!network.konnectivity) return undefined;
  const { namespace, selector } = network.konnectivity;
  const agents = world.client
    .list('pods', namespace)
    .filter(({ metadata }) => selects({ matchLabels: selector }, metadata.labels ?? {}));
  return agents.some(isPodReady) ? undefined : 'No agent available';
}
