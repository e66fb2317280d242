import type { KubeObject } from '../../types/objects.ts';

/** `default/web`, or `node-1` for cluster-scoped objects: what a controller's queue holds. */
export function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name!;
}

/** The namespace ('' for cluster-scoped objects) and the name that a key stands for. */
export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [slash < 0 ? '' : key.slice(0, slash), key.slice(slash + 1)];
}
