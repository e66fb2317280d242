import type { TableView } from '../kinds/index.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { deleteObject, deleteOptions, warnOfOrphans } from './delete.ts';
import { makeList, page } from './list.ts';

/** DELETE of a collection: every object that the selectors select, as far as the limit goes, answered as they were. */
export function deleteCollection(request: ResourceRequest, view: TableView): Answer {
  const options = deleteOptions(request);
  warnOfOrphans(request, options);
  const { items, metadata } = page(request, view);
  for (const item of items) deleteObject({ ...request, name: item.metadata.name ?? '' }, item, options);
  return { status: 200, object: makeList(request, metadata, items) };
}
