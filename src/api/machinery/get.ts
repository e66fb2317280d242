import { notFound } from '../errors.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { errorText } from './invalid.ts';
import { revisionProblem } from './list-options.ts';
import { load } from './persist.ts';

/** GET of one object, or of its status. */
export function get(request: ResourceRequest): Answer {
  const { world, resource, namespace, name, query } = request;
  const problem = revisionProblem(query.get('resourceVersion') ?? '');
  if (problem) throw new ApiError(500, '', errorText(problem));
  const object = load(world, resource, namespace, name);
  if (!object) throw notFound(subjectOf(request), name);
  return { status: 200, object };
}
