import type { KubeObject } from '../../types/objects.ts';
import { badRequest, conflict } from '../errors.ts';
import type { Resource } from '../schema/registry.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';

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

/** An update of an object that is no more, or another by now: the storage's precondition. */
export function checkUid(request: ResourceRequest, { metadata: { uid } }: KubeObject, old: KubeObject): void {
  if (!uid || uid === old.metadata.uid) return;
  // A dry run looks at what it has, whose keys have no prefix.
  const key = `${request.dryRun ? '' : '/registry'}${storageKey(request.resource, old)}`;
  throw conflict(
    subjectOf(request),
    request.name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
  );
}

/** Resources that etcd has under another name than their own (SpecialDefaultResourcePrefixes). */
const PREFIXES: Record<string, string> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  services: 'services/specs',
  'ingresses.networking.k8s.io': 'ingress',
};
/** Groups whose servers of old put their name before that of the resource. */
const NAMED_GROUPS = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** Where etcd has an object, below the prefix of all: `/configmaps/default/x`. */
function storageKey({ group, plural, name, custom }: Resource, { metadata }: KubeObject): string {
  const prefix = PREFIXES[name] ?? (custom || NAMED_GROUPS.has(group) ? `${group}/${plural}` : plural);
  return ['', ...[prefix, metadata.namespace, metadata.name].filter(Boolean)].join('/');
}
