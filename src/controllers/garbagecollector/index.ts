import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { DeleteOptions } from '../../runtime/client.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { KubeObject, OwnerReference } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { isNotFound } from '../shared/pod-control.ts';
import { resourceOfKind } from '../shared/resources.ts';
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
  if (type === 'DELETED') {
    const owners = (metadata.ownerReferences ?? [])
      .filter(({ blockOwnerDeletion }) => blockOwnerDeletion)
      .flatMap((reference) => {
        const owner = resourceOfKind(world, reference.apiVersion, reference.kind);
        const found = owner && ownerOf(world, object, reference);
        return found && waitsForDependents(found) ? [placeOf(owner!, found)] : [];
      });
    return [...dependentsIn(world).of(metadata.uid!), ...owners];
  }
  const begins = metadata.deletionTimestamp !== undefined && metadata.finalizers !== previous?.metadata.finalizers;
  if (begins && (has(object, ORPHAN) || has(object, FOREGROUND))) return [place];
  return type === 'ADDED' && metadata.ownerReferences?.length ? [place] : [];
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
  const hasDependents = dependentsIn(world).of(object.metadata.uid!).length > 0;
  remove(resource, object, waiting && hasDependents ? 'Foreground' : policyOf(object), world);
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
  return namespace !== '' || !elsewhere?.metadata.namespace;
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
