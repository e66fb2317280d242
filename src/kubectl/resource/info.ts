import type { KubeObject } from '../../types/objects.ts';
import { type ResourceType, resourcePath } from '../client/mapper.ts';
import { CommandError } from '../errors.ts';

/** A thing that a verb works on: what the command line or a file named, and the object once it is known (resource.Info). */
export interface Info {
  type: ResourceType;
  /** '' for cluster-wide types. */
  namespace: string;
  /** '' for a whole list, and for a file's object that lets the server choose (generateName). */
  name: string;
  /** From the file, or from the server once it was read. */
  object?: KubeObject;
  /** The file, URL or `STDIN` that the object came from. */
  source?: string;
  subresource?: string;
}

/** Path of the object; one without a name has none. */
export function infoPath(info: Info, subresource = info.subresource): string {
  if (info.name === '') throw new CommandError('resource name may not be empty');
  return resourcePath(info.type, info.namespace, info.name, subresource);
}

/** Path to which a new object is posted. */
export const collectionPath = (info: Info): string => resourcePath(info.type, info.namespace);

/** `deployment.apps/web`, `pod/web`: how kubectl names what it did something to. */
export function objectName({ type, name }: Pick<Info, 'type' | 'name'>): string {
  return `${typeName(type)}/${name}`;
}

/** `deployment.apps`, `pod`: the kind in lower case with its group. */
export function typeName({ kind, group }: ResourceType): string {
  return group ? `${kind.toLowerCase()}.${group}` : kind.toLowerCase();
}

/** An object as it is created: a version that a file still has of its live object is left out (resource.Helper.Create). */
export function unversioned<T extends { metadata: { resourceVersion?: string } }>(object: T): T {
  if (!object.metadata?.resourceVersion) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
