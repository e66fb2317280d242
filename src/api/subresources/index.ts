import { noResource } from '../errors.ts';
import type { ApiResponse } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { binding } from './binding.ts';
import { eviction } from './eviction.ts';
import { log } from './log.ts';
import { plainConnection } from './pod-connection.ts';
import { nodeProxy, podProxy, serviceProxy } from './proxy.ts';
import { token } from './token.ts';

/** POSTs that act on an object instead of being one. */
const ACTIONS: Record<string, (request: ResourceRequest) => Answer> = {
  'pods/binding': binding,
  'pods/eviction': eviction,
  'serviceaccounts/token': token,
};

/** What asks a kubelet. */
const CONNECTIONS: Record<string, (request: ResourceRequest) => Promise<ApiResponse>> = {
  'pods/attach': plainConnection,
  'pods/exec': plainConnection,
  'pods/log': log,
  'pods/portforward': plainConnection,
  'nodes/proxy': nodeProxy,
  'pods/proxy': podProxy,
  'services/proxy': serviceProxy,
};

const keyOf = ({ resource, subresource }: ResourceRequest): string => `${resource.name}/${subresource}`;

/** The action behind a subresource that is no view of its object; undefined for views (status, scale …). */
export const actionOf = (request: ResourceRequest): ((request: ResourceRequest) => Answer) | undefined =>
  request.subresource === '' ? undefined : ACTIONS[keyOf(request)];

/** The same for those that need a node. */
export const connectionOf = (
  request: ResourceRequest,
): ((request: ResourceRequest) => Promise<ApiResponse>) | undefined =>
  request.subresource === '' ? undefined : CONNECTIONS[keyOf(request)];

/** POST to a subresource that acts on its object: `pods/binding`, `pods/eviction`. */
export function createInSubresource(request: ResourceRequest): Answer {
  const action = actionOf(request);
  if (!action) throw noResource();
  return action(request);
}
