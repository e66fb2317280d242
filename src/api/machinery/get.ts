import { notFound } from '../errors.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { load } from './persist.ts';

/** GET of one object, or of its status. */
export function get(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const object = load(world, resource, namespace, name);
  if (!object) throw notFound(subjectOf(request), name);
  return { status: 200, object };
}
