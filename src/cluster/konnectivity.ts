import type { ActorWorld } from '../runtime/actor.ts';
import type { Pod } from '../types/objects.ts';
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
    .filter(({ metadata }) => Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value));
  return agents.some(isReady) ? undefined : 'No agent available';
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
