import { legacyBinding } from '../subresources/binding.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { accessReview, localAccessReview, rulesReview, selfAccessReview } from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './authentication-reviews.ts';
import { componentStatuses } from './component-statuses.ts';
import { nodeMetrics, podMetrics } from './metrics.ts';

type Handler = (request: ResourceRequest) => Answer;

/** Resources that are answered and never stored. */
const VIRTUAL: Record<string, Handler> = {
  'selfsubjectaccessreviews.authorization.k8s.io': selfAccessReview,
  'subjectaccessreviews.authorization.k8s.io': accessReview,
  'localsubjectaccessreviews.authorization.k8s.io': localAccessReview,
  'selfsubjectrulesreviews.authorization.k8s.io': rulesReview,
  'selfsubjectreviews.authentication.k8s.io': selfSubjectReview,
  'tokenreviews.authentication.k8s.io': tokenReview,
  componentstatuses: componentStatuses,
  'nodes.metrics.k8s.io': nodeMetrics,
  'pods.metrics.k8s.io': podMetrics,
  bindings: legacyBinding,
};

/** The handler of a resource that is not stored; undefined for the others. */
export const virtualResource = (name: string): Handler | undefined => VIRTUAL[name];
