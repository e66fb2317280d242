import type { KubeObject } from '../../types/objects.ts';

/** Resources that are not kept under their own name, as they were called once or as the API server's parts want them. */
const PREFIXES: Record<string, string> = {
  nodes: 'minions',
  services: 'services/specs',
  endpoints: 'services/endpoints',
  replicationcontrollers: 'controllers',
  'ingresses.networking.k8s.io': 'ingress',
  'apiservices.apiregistration.k8s.io': 'apiregistration.k8s.io/apiservices',
  'customresourcedefinitions.apiextensions.k8s.io': 'apiextensions.k8s.io/customresourcedefinitions',
};

/** The key under which an object is kept: `/registry/secrets/default/web`. `custom`: its resource is a user's own. */
export function storageKey(resource: string, { metadata }: KubeObject, custom = false): string {
  const [plural = '', group = ''] = resource.split(/\.(.*)/s);
  const prefix = PREFIXES[resource] ?? (custom ? `${group}/${plural}` : plural);
  return `/registry/${prefix}/${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}
