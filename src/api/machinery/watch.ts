import type { StoreEvent } from '../../store/object-store.ts';
import type { KubeObject } from '../../types/objects.ts';
import { expired } from '../errors.ts';
import type { TableView } from '../kinds/index.ts';
import { ApiError, type WatchEvent } from '../request.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import type { ApiWorld, ResourceRequest } from '../world.ts';
import { canonical } from './body.ts';
import { storageName } from './conversion.ts';
import { errorText } from './invalid.ts';
import { listObjects, selection } from './list.ts';
import { listOptions, revisionProblem } from './list-options.ts';
import { shown } from './persist.ts';

/** A change as a watcher sees it whose selector the object may enter or leave; undefined when it does not concern them. */
function seen(event: StoreEvent, selected: (object: KubeObject) => boolean): WatchEvent | undefined {
  const { type, object, previous } = event;
  if (type === 'DELETED') return selected(previous ?? object) ? { type, object } : undefined;
  const now = selected(object);
  const before = previous !== undefined && selected(previous);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  return before
    ? {
        type: 'DELETED',
        object: { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion } },
      }
    : undefined;
}

/**
 * Delivers what has changed since the query's resourceVersion (without one: everything that is there, as ADDED), then each
 * change as it happens, until the returned function is called. Bookmarks are not sent: nothing is lost without them.
 */
export function watch(request: ResourceRequest, view: TableView, deliver: (event: WatchEvent) => void): () => void {
  const { world, resource, namespace, query } = request;
  const { resourceVersion } = listOptions(query, true);
  const problem = revisionProblem(resourceVersion);
  if (problem) throw new ApiError(500, '', errorText(problem));
  const selected = selection(request, view);
  const stored = storageName(resource);
  const since = Number(resourceVersion);
  const relevant = (event: StoreEvent) =>
    event.resource === stored &&
    event.revision > since &&
    (namespace === '' || !resource.namespaced || event.object.metadata.namespace === namespace);
  const send = (event: StoreEvent) => {
    if (!relevant(event)) return;
    const own: StoreEvent = {
      ...event,
      object: shown(resource, event.object),
      ...(event.previous && { previous: shown(resource, event.previous) }),
    };
    const change = seen(own, selected);
    if (change) deliver(change);
  };
  if (since === 0) {
    for (const object of listObjects(request)!) if (selected(object)) deliver({ type: 'ADDED', object });
  } else {
    const missed = world.store.since(since, stored);
    if (!missed) {
      deliver({ type: 'ERROR', object: expired(since, world.store.revision).toStatus() });
      return () => undefined;
    }
    for (const event of missed) send(event);
  }
  return world.store.subscribe(send);
}

/** A bookmark: an object of the kind with nothing but the revision up to which everything has been told. */
export function bookmark(world: ApiWorld, resource: Resource): WatchEvent {
  const metadata = { resourceVersion: String(world.store.revision), creationTimestamp: null };
  const object = { kind: resource.kind, apiVersion: groupVersion(resource.group, resource.version), metadata };
  return { type: 'BOOKMARK', object: canonical(resource, object as unknown as KubeObject) };
}
