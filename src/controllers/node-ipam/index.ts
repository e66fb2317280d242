import { nthAddress, parseCidr } from '../../base/ip.ts';
import type { Actor } from '../../runtime/actor.ts';

/** Each node gets a network of this prefix for its pods (--node-cidr-mask-size). */
const NODE_PREFIX = 24;

/** Allocates a piece of the cluster's pod network to each node, in the order in which they come. */
export const nodeIpamController = (clusterCIDR: string): Actor => ({
  name: 'node-ipam-controller',
  user: 'system:serviceaccount:kube-system:node-controller',
  manager: 'kube-controller-manager',
  latency: 10,
  watches: [{ resource: 'nodes', keys: ({ type, object }) => (type === 'ADDED' ? [object.metadata.name!] : []) }],
  reconcile(name, { client }) {
    const node = client.get('nodes', '', name);
    if (!node || node.spec?.podCIDR) return;
    const taken = new Set(client.list('nodes').map((other) => other.spec?.podCIDR));
    const network = parseCidr(clusterCIDR)!;
    for (let index = 0; index < 2 ** (NODE_PREFIX - network.prefix); index++) {
      const podCIDR = `${nthAddress(network, index * 2 ** (32 - NODE_PREFIX))}/${NODE_PREFIX}`;
      if (taken.has(podCIDR)) continue;
      client.patch('nodes', '', name, { spec: { podCIDR, podCIDRs: [podCIDR] } });
      return;
    }
  },
});
