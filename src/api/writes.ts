/** What requests that only read never load: what changes objects, acts on them, or judges them. */
import { DEFINITIONS } from './custom/definition.ts';
import { definitionStrategy } from './custom/definition-strategy.ts';
import { customStrategy } from './custom/strategy.ts';
import { methodNotAllowed } from './errors.ts';
import { strategyOf, type TableView } from './kinds/index.ts';
import type { KindStrategy } from './kinds/kind.ts';
import { create } from './machinery/create.ts';
import { remove } from './machinery/delete.ts';
import { deleteCollection } from './machinery/delete-collection.ts';
import { patch } from './machinery/patch.ts';
import { scale } from './machinery/scale.ts';
import { update } from './machinery/update.ts';
import type { Resource } from './schema/registry.ts';
import { actionOf } from './subresources/index.ts';
import { virtualReview } from './virtual/index.ts';
import type { Answer, ResourceRequest } from './world.ts';

export { admitConnection } from './admission/index.ts';
export { settleDefinitions } from './custom/controller.ts';
export { connectionOf } from './subresources/index.ts';
export { connectOptions, podConnection } from './subresources/pod-connection.ts';

/** How objects of a resource are defaulted and judged. */
export function strategyFor(resource: Resource): KindStrategy {
  if (resource.name === DEFINITIONS) return definitionStrategy as unknown as KindStrategy;
  return resource.custom ? customStrategy(resource) : (strategyOf(resource.name) ?? { resource: resource.name });
}

/** Does what a request wants that is no reading of stored objects. */
export function act(request: ResourceRequest, view: TableView): Answer {
  const review = request.subresource ? undefined : virtualReview(request.resource.name);
  if (review) return review(request);
  const action = actionOf(request);
  if (action) return action(request);
  if (request.subresource === 'scale') return scale(request);
  switch (request.verb) {
    case 'create':
      return create(request);
    case 'update':
      return update(request);
    case 'patch':
      return patch(request);
    case 'delete':
      return remove(request);
    case 'deletecollection':
      return deleteCollection(request, view);
    default:
      throw methodNotAllowed();
  }
}
