import type { Node, Pod } from '../../types/objects.ts';
import { badRequest, internalError, notFound } from '../errors.ts';
import { load } from '../machinery/persist.ts';
import type { NodeAgent } from '../node-agent.ts';
import { ApiError } from '../request.ts';
import type { ResourceRequest } from '../world.ts';

/** The pod that a request names. */
export function podOf({ world, resource, namespace, name }: ResourceRequest): Pod {
  const pod = load(world, resource, namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  return pod;
}

/** Refuses what needs a kubelet where there is none: no node, or one without an address. */
export function checkNode({ world }: ResourceRequest, pod: Pod): void {
  const nodeName = pod.spec?.nodeName;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  checkAddress(world.store.get('nodes', '', nodeName) as Node | undefined, nodeName);
}

export function checkAddress(node: Node | undefined, name: string): void {
  if (!node) throw notFound({ group: '', plural: 'nodes' }, name);
  if (!node.status?.addresses?.length) throw new ApiError(500, '', 'no preferred addresses found; known addresses: []');
}

export function agentOf({ world }: ResourceRequest): NodeAgent {
  if (!world.nodeAgent) throw internalError('no node agent is connected to this API server');
  return world.nodeAgent;
}
