import type { Node } from '../../types/objects.ts';
import type { ApiResponse } from '../request.ts';
import type { ResourceRequest } from '../world.ts';
import { agentOf, checkAddress } from './node-connection.ts';

const METHODS: Record<string, string> = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' };

/** nodes/NODE/proxy/PATH: the kubelet's own HTTP. A port may follow the node's name. */
export async function nodeProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, name, rest, verb, query } = request;
  const node = name.split(':')[0]!;
  checkAddress(world.store.get('nodes', '', node) as Node | undefined, node);
  const search = query.toString();
  return agentOf(request).proxy(node, METHODS[verb] ?? 'GET', `/${rest}${search && `?${search}`}`);
}
