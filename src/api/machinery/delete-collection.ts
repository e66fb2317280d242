import type { TableView } from '../kinds/index.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { deleteObject, deleteOptions } from './delete.ts';
import { listObjects, makeList, selection } from './list.ts';
import { listOptions } from './list-options.ts';

/** DELETE of a collection: every object that the selectors select, answered as they were. */
export function deleteCollection(request: ResourceRequest, view: TableView): Answer {
  const options = deleteOptions(request);
  listOptions(request.query, false);
  const resourceVersion = String(request.world.store.revision);
  const items = listObjects(request)!.filter(selection(request, view));
  for (const item of items) deleteObject({ ...request, name: item.metadata.name ?? '' }, item, options);
  return { status: 200, object: makeList(request, { resourceVersion }, items) };
}
