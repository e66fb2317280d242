import type { TableView } from '../kinds/index.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { deleteObject, deleteOptions, warnOfOrphans } from './delete.ts';
import { makeList, selection, sourceOf } from './list.ts';
import { listOptions } from './list-options.ts';

/** DELETE of a collection: every object that the selectors select, answered as they were. */
export function deleteCollection(request: ResourceRequest, view: TableView): Answer {
  const options = deleteOptions(request);
  warnOfOrphans(request, options);
  const selected = selection(request, view);
  const { objects, revision } = sourceOf(request, listOptions(request.query, false));
  const items = objects.filter(selected);
  for (const item of items) deleteObject({ ...request, name: item.metadata.name ?? '' }, item, options);
  return { status: 200, object: makeList(request, { resourceVersion: String(revision) }, items) };
}
