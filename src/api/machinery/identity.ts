import type { KubeObject } from '../../types/objects.ts';
import { badRequest } from '../errors.ts';
import type { ResourceRequest } from '../world.ts';

/** rest.EnsureObjectNamespaceMatchesRequestNamespace */
export function matchNamespace(request: ResourceRequest, draft: KubeObject): void {
  const { metadata } = draft;
  const expected = request.resource.namespaced ? request.namespace : '';
  const given = metadata.namespace ?? '';
  if (given === expected) return;
  if (given !== '' && expected !== '')
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const { namespace: _, ...others } = metadata;
  draft.metadata = expected === '' ? others : { ...metadata, namespace: expected };
}

/** What a patch or an update makes must be the object that the URL names. */
export function checkIdentity(request: ResourceRequest, draft: KubeObject): void {
  matchNamespace(request, draft);
  const { name = '' } = draft.metadata;
  if (name === '')
    throw badRequest(`the name of the object (${request.name} based on URL) was undeterminable: name must be provided`);
  if (name !== request.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
}
