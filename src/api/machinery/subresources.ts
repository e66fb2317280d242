import type { ApiResponse } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';

/** Subresources that are no view of their object: log, exec, binding, eviction …; undefined for the others. */
export async function subresource(_request: ResourceRequest): Promise<Answer | ApiResponse | undefined> {
  return undefined;
}

/** POST to a subresource that acts on its object: `pods/binding`, `pods/eviction`. */
export function createInSubresource(_request: ResourceRequest): Answer {
  return { status: 201, object: {} };
}
