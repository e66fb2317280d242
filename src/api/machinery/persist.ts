import type { KubeObject } from '../../types/objects.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import type { ApiWorld, ResourceRequest } from '../world.ts';
import { canonical } from './body.ts';
import { beforeWrite } from './compaction.ts';
import { fromStorage, isConverted, storageName, toStorage } from './conversion.ts';
import { checkConvertible } from './conversion-webhook.ts';

/** The object as this resource's version shows it. */
export function shown(resource: Resource, stored: KubeObject): KubeObject {
  if (isConverted(resource)) return canonical(resource, fromStorage(resource, stored));
  const apiVersion = groupVersion(resource.group, resource.version);
  // Versions of a custom resource differ in nothing but the name (conversion None).
  return resource.custom && stored.apiVersion !== apiVersion ? { ...stored, apiVersion } : stored;
}

/** An object by name, as this resource's version shows it. */
export function load(world: ApiWorld, resource: Resource, namespace: string, name: string): KubeObject | undefined {
  const stored = world.store.get(storageName(resource), resource.namespaced ? namespace : '', name);
  return stored && shown(resource, stored);
}

/** The object that a request names; throws when its version is another one, to which nobody converts it. */
export function loadNamed({ world, resource, namespace, name, trusted }: ResourceRequest): KubeObject | undefined {
  const stored = world.store.get(storageName(resource), resource.namespaced ? namespace : '', name);
  if (!stored) return undefined;
  if (!trusted) checkConvertible(world, resource, stored.apiVersion ?? '', resource.version);
  return shown(resource, stored);
}

/** The resource in the version that is stored, whose strategy judges it. */
export function storageResource(world: ApiWorld, resource: Resource): Resource {
  return isConverted(resource) ? (world.registry.byName(storageName(resource)) ?? resource) : resource;
}

/** Writes an object (of this resource's version) and gives it back with its resourceVersion; a dry run only gives it back. */
export function save(request: ResourceRequest, object: KubeObject): KubeObject {
  const { resource, dryRun } = request;
  // What has a status will be written again, and then shares what did not change.
  const sharing = resource.subresources.has('status') ? 'settle' : 'none';
  return saveCanonical(request, canonical(resource, dryRun ? object : stampable(object), sharing));
}

/** With a version that the store will replace, so that it stands where Go has it. */
const stampable = (object: KubeObject): KubeObject =>
  object.metadata.resourceVersion ? object : { ...object, metadata: { ...object.metadata, resourceVersion: '0' } };

/** The same, for an object that is already in its canonical form. */
export function saveCanonical({ world, resource, dryRun, trusted }: ResourceRequest, final: KubeObject): KubeObject {
  const { conversion } = resource.custom ?? {};
  if (conversion && !trusted) checkConvertible(world, resource, final.apiVersion ?? '', conversion.storage);
  if (dryRun) return final;
  beforeWrite(world);
  if (!isConverted(resource)) return world.store.write(storageName(resource), final);
  const stored = canonical(storageResource(world, resource), toStorage(resource, final));
  return shown(resource, world.store.write(storageName(resource), stored));
}
