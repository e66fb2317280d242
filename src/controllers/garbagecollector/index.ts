import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { DeleteOptions } from '../../runtime/client.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { KubeObject, OwnerReference } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { isNotFound } from '../shared/pod-control.ts';
import { isNamespaced, resourceOfKind } from '../shared/resources.ts';
import { dependentsIn, isIgnored, noteChange, placeOf } from './dependents.ts';

const COMPONENT = 'garbage-collector-controller';
const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

const has = ({ metadata }: KubeObject, finalizer: string): boolean => metadata.finalizers?.includes(finalizer) ?? false;

/** Whether the object waits for its dependents to go first. */
const waitsForDependents = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && has(object, FOREGROUND);

function at(place: string, world: ActorWorld): { resource: string; object: KubeObject | undefined } {
  const [resource = '', namespace = '', name = ''] = place.split('|');
  return { resource, object: world.client.get(resource, namespace, name) };
}

function ownerOf(world: ActorWorld, object: KubeObject, reference: OwnerReference): KubeObject | undefined {
  const resource = resourceOfKind(world, reference.apiVersion, reference.kind);
  if (!resource) return undefined;
  const { namespace = '' } = object.metadata;
  const owner = world.client.get(resource, namespace, reference.name) ?? world.client.get(resource, '', reference.name);
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}

/** Which objects to look at after a change: itself, its dependents when it goes, its owners when those wait for it. */
function keys(event: StoreEvent, world: ActorWorld): string[] {
  const { type, resource, object, previous } = event;
  if (isIgnored(resource)) return [];
  noteChange(world, event);
  const { metadata } = object;
  const place = placeOf(resource, object);
  const released = (metadata.ownerReferences ?? []).filter(({ blockOwnerDeletion }) => blockOwnerDeletion);
  if (type === 'DELETED') return [...dependentsIn(world).of(metadata.uid!), ...waitingOwners(object, released, world)];
  const begins = metadata.deletionTimestamp !== undefined && metadata.finalizers !== previous?.metadata.finalizers;
  if (begins && has(object, ORPHAN)) return [place];
  if (begins && has(object, FOREGROUND)) return [...dependentsIn(world).of(metadata.uid!), place];
  if (metadata.ownerReferences === previous?.metadata.ownerReferences && type === 'MODIFIED') return [];
  const before = (previous?.metadata.ownerReferences ?? []).filter(
    ({ uid, blockOwnerDeletion }) => blockOwnerDeletion && !released.some((one) => one.uid === uid),
  );
  return [...(metadata.ownerReferences?.length ? [place] : []), ...waitingOwners(object, before, world)];
}

/** The owners among those referred to that wait for their dependents to go. */
function waitingOwners(object: KubeObject, references: OwnerReference[], world: ActorWorld): string[] {
  return references.flatMap((reference) => {
    const resource = resourceOfKind(world, reference.apiVersion, reference.kind);
    const owner = resource && ownerOf(world, object, reference);
    return owner && waitsForDependents(owner) ? [placeOf(resource!, owner)] : [];
  });
}

function reconcile(place: string, world: ActorWorld): void {
  const { resource, object } = at(place, world);
  if (!object) return;
  if (object.metadata.deletionTimestamp) {
    if (has(object, ORPHAN)) orphanDependents(resource, object, world);
    else if (has(object, FOREGROUND)) deleteDependents(resource, object, world);
    return;
  }
  collect(resource, object, world);
}

/** Time between the release of dependents and of their owner, ms. */
const ORPHANING = 50;

/** Takes the owner out of its dependents, and lets it go. */
function orphanDependents(resource: string, owner: KubeObject, world: ActorWorld): void {
  const dependents = dependentsIn(world).of(owner.metadata.uid!);
  for (const place of dependents) {
    const { resource: kind, object } = at(place, world);
    if (object) dropOwners(kind, object, (reference) => reference.uid === owner.metadata.uid, world);
  }
  // Meanwhile its controller finds it without them.
  if (dependents.length > 0) world.wake(placeOf(resource, owner), world.now() + ORPHANING);
  else dropFinalizer(resource, owner, ORPHAN, world);
}

/** Lets the owner go once those are gone that block its deletion; sees to it that they go. */
function deleteDependents(resource: string, owner: KubeObject, world: ActorWorld): void {
  const blocking = dependentsIn(world)
    .of(owner.metadata.uid!)
    .filter((place) => {
      const { object } = at(place, world);
      const reference = object?.metadata.ownerReferences?.find(({ uid }) => uid === owner.metadata.uid);
      return reference?.blockOwnerDeletion;
    });
  if (blocking.length === 0) return dropFinalizer(resource, owner, FOREGROUND, world);
  for (const place of blocking) {
    const { object } = at(place, world);
    if (object && !object.metadata.deletionTimestamp) world.wake(place, world.now());
  }
}

/** Deletes an object whose owners are gone or going; drops references to those that are, if others stay. */
function collect(resource: string, object: KubeObject, world: ActorWorld): void {
  const references = object.metadata.ownerReferences ?? [];
  if (references.length === 0 || references.some((reference) => !isResolvable(world, object, reference))) return;
  const owners = new Map(references.map((reference) => [reference.uid, ownerOf(world, object, reference)]));
  const stays = (reference: OwnerReference) => {
    const owner = owners.get(reference.uid);
    return owner !== undefined && !waitsForDependents(owner);
  };
  if (references.some(stays)) {
    if (!references.every(stays)) dropOwners(resource, object, (reference) => !stays(reference), world);
    return;
  }
  const waiting = references.some((reference) => owners.get(reference.uid) !== undefined);
  const dependents = dependentsIn(world).of(object.metadata.uid!);
  if (!waiting || dependents.length === 0) return remove(resource, object, policyOf(object), world);
  // Those that wait for each other would wait for ever.
  const isCircle = dependents.some((place) => {
    const { object: dependent } = at(place, world);
    return dependent && waitsForDependents(dependent);
  });
  remove(resource, isCircle ? unblock(resource, object, world) : object, 'Foreground', world);
}

/**
 * Whether it can be told what becomes of an owner: its kind exists, and an object of the whole cluster cannot belong to one
 * namespace's. Tells of references to an object that is in another namespace.
 */
function isResolvable(world: ActorWorld, object: KubeObject, reference: OwnerReference): boolean {
  const { apiVersion, kind, name, uid } = reference;
  const resource = resourceOfKind(world, apiVersion, kind);
  if (!resource) return false;
  const { namespace = '' } = object.metadata;
  if (ownerOf(world, object, reference)) return true;
  const elsewhere = world.client.list(resource).find(({ metadata }) => metadata.uid === uid);
  if (elsewhere && elsewhere.metadata.namespace !== object.metadata.namespace) {
    const message = `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace "${namespace}"`;
    const { resourceVersion: _, ...metadata } = object.metadata;
    world.events.event({ ...object, metadata }, 'Warning', 'OwnerRefInvalidNamespace', message, {
      component: COMPONENT,
    });
  }
  return namespace !== '' || !isNamespaced(world, resource);
}

function policyOf(object: KubeObject): NonNullable<DeleteOptions['propagationPolicy']> {
  if (has(object, ORPHAN)) return 'Orphan';
  return has(object, FOREGROUND) ? 'Foreground' : 'Background';
}

function remove(
  resource: string,
  { metadata }: KubeObject,
  propagationPolicy: DeleteOptions['propagationPolicy'],
  world: ActorWorld,
): void {
  const { namespace = '', name = '', uid } = metadata;
  try {
    world.client.delete(resource, namespace, name, { propagationPolicy, preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Lets the owners of an object go before it. */
function unblock(resource: string, object: KubeObject, world: ActorWorld): KubeObject {
  const ownerReferences = object.metadata.ownerReferences?.map((reference) => ({
    ...reference,
    ...(reference.blockOwnerDeletion && { blockOwnerDeletion: false }),
  }));
  return world.client.update(resource, { ...object, metadata: { ...object.metadata, ownerReferences } });
}

function dropOwners(
  resource: string,
  object: KubeObject,
  drop: (reference: OwnerReference) => boolean,
  world: ActorWorld,
): void {
  const kept = object.metadata.ownerReferences?.filter((reference) => !drop(reference));
  const ownerReferences = kept?.length ? kept : undefined;
  world.client.update(resource, { ...object, metadata: { ...object.metadata, ownerReferences } });
}

function dropFinalizer(resource: string, object: KubeObject, finalizer: string, world: ActorWorld): void {
  const kept = object.metadata.finalizers?.filter((one) => one !== finalizer);
  const finalizers = kept?.length ? kept : undefined;
  world.client.update(resource, { ...object, metadata: { ...object.metadata, finalizers } });
}

/** Deletes what has lost its owners, in the order that the owners' deletion asks for (pkg/controller/garbagecollector). */
export const garbageCollector: Actor = controller({
  name: 'generic-garbage-collector',
  watches: [{ resource: '*', keys }],
  reconcile,
});
