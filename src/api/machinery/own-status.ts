import type { KubeObject } from '../../types/objects.ts';
import type { ResourceRequest } from '../world.ts';
import { canonical } from './body.ts';
import { trackUpdate } from './managed-fields/track.ts';

/** Writes a status that the API server itself keeps, as it does through a client of its own. */
export function writeOwnStatus(request: ResourceRequest, name: string, live: KubeObject, draft: KubeObject): void {
  const { world } = request;
  const resource = world.registry.byName(name)!;
  const own = { ...request, resource, subresource: 'status', verb: 'update', written: undefined };
  world.store.write(name, trackUpdate(own, live, canonical(resource, draft), 'kube-apiserver'));
}
