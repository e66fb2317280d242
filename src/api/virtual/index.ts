import { legacyBinding } from '../subresources/binding.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { accessReview, localAccessReview, rulesReview, selfAccessReview } from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './authentication-reviews.ts';

type Handler = (request: ResourceRequest) => Answer;

/** Resources that are created to be answered, and never stored. */
const REVIEWS: Record<string, Handler> = {
  'selfsubjectaccessreviews.authorization.k8s.io': selfAccessReview,
  'subjectaccessreviews.authorization.k8s.io': accessReview,
  'localsubjectaccessreviews.authorization.k8s.io': localAccessReview,
  'selfsubjectrulesreviews.authorization.k8s.io': rulesReview,
  'selfsubjectreviews.authentication.k8s.io': selfSubjectReview,
  'tokenreviews.authentication.k8s.io': tokenReview,
  bindings: legacyBinding,
};

/** The handler of a resource that is answered when it is created; undefined for the others. */
export const virtualReview = (name: string): Handler | undefined => REVIEWS[name];
