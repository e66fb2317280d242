import type { ActorWorld } from '../../runtime/actor.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { State } from '../../store/section.ts';
import type { KubeObject } from '../../types/objects.ts';
import { resourcesInUse } from '../shared/resources.ts';

/** Where an object is: `RESOURCE|NAMESPACE|NAME`, also the garbage collector's key for it. */
export const placeOf = (resource: string, { metadata }: KubeObject): string =>
  `${resource}|${metadata.namespace ?? ''}|${metadata.name}`;

/** What owns nothing and is owned by nobody (garbagecollector.DefaultIgnoredResources). */
export const isIgnored = (resource: string): boolean => resource === 'events';

/** Who depends on whom, as far as changes have told: by the owner's uid, the places of its dependents. */
class Dependents {
  private readonly byOwner = new Map<string, Set<string>>();

  constructor(world: ActorWorld) {
    for (const resource of resourcesInUse(world)) {
      if (isIgnored(resource)) continue;
      for (const object of world.client.list(resource)) this.add(resource, object);
    }
  }

  of(uid: string): string[] {
    return [...(this.byOwner.get(uid) ?? [])];
  }

  note({ type, resource, object, previous }: StoreEvent): void {
    if (object.metadata.ownerReferences === previous?.metadata.ownerReferences && type === 'MODIFIED') return;
    if (previous) this.remove(resource, previous);
    if (type === 'DELETED') this.remove(resource, object);
    else this.add(resource, object);
  }

  private add(resource: string, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const places = this.byOwner.get(uid) ?? new Set();
      this.byOwner.set(uid, places.add(placeOf(resource, object)));
    }
  }

  private remove(resource: string, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const places = this.byOwner.get(uid);
      places?.delete(placeOf(resource, object));
      if (places?.size === 0) this.byOwner.delete(uid);
    }
  }
}

const graphs = new WeakMap<State, Dependents>();

/** Brings the graph up to date, if anybody has asked for it. */
export const noteChange = (world: ActorWorld, event: StoreEvent): void => graphs.get(world.state)?.note(event);

/** The graph of a world: read from the objects when it is first asked for in a process, kept by changes from then on. */
export function dependentsIn(world: ActorWorld): Dependents {
  let graph = graphs.get(world.state);
  if (!graph) {
    graph = new Dependents(world);
    graphs.set(world.state, graph);
  }
  return graph;
}
