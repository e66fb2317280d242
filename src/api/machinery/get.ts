import { notFound } from '../errors.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { errorText } from './invalid.ts';
import { revisionProblem } from './list-options.ts';
import { loadNamed } from './persist.ts';
import { tooLargeRevision } from './revision.ts';

/** GET of one object, or of its status. */
export function get(request: ResourceRequest): Answer {
  const { world, name, query } = request;
  const wanted = query.get('resourceVersion') ?? '';
  const problem = revisionProblem(wanted);
  if (problem) throw new ApiError(500, '', errorText(problem));
  if (Number(wanted) > world.store.revision) throw tooLargeRevision(Number(wanted), world.store.revision);
  const object = loadNamed(request);
  if (!object) throw notFound(subjectOf(request), name);
  return { status: 200, object };
}
