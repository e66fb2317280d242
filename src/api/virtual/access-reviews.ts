import type { KubeObject } from '../../types/objects.ts';
import type { Attributes } from '../authorization/attributes.ts';
import { decide } from '../authorization/index.ts';
import { nodeOf } from '../authorization/node.ts';
import { rulesFor } from '../authorization/rbac.ts';
import { badRequest } from '../errors.ts';
import { canonical, decodeBody } from '../machinery/body.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { matchNamespace } from '../machinery/identity.ts';
import { aggregate, GoSyntax, invalidObject } from '../machinery/invalid.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import type { UserInfo } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';
import { readSelectors, type Selectors, selectorProblems } from './review-selectors.ts';

interface AccessSpec {
  resourceAttributes?: Selectors & {
    namespace?: string;
    verb?: string;
    group?: string;
    resource?: string;
    subresource?: string;
    name?: string;
  };
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  groups?: string[];
  uid?: string;
}

interface Review extends KubeObject {
  spec: AccessSpec;
}

const wantedBy = ({ resourceAttributes: wanted, nonResourceAttributes }: AccessSpec): Attributes =>
  wanted
    ? {
        verb: wanted.verb ?? '',
        group: wanted.group ?? '',
        resource: (wanted.resource ?? '') + (wanted.subresource ? `/${wanted.subresource}` : ''),
        namespace: wanted.namespace ?? '',
        name: wanted.name ?? '',
        fields: readSelectors(wanted).fields,
      }
    : { verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };

/** What a review may say of itself: nothing. */
function metadataProblems({ metadata }: Review, local: boolean): FieldError[] {
  const { creationTimestamp: _, managedFields: __, namespace, ...rest } = metadata;
  if (Object.keys(rest).length === 0 && (local || !namespace)) return [];
  const value = new GoSyntax(`v1.ObjectMeta{Name:${JSON.stringify(metadata.name ?? '')}}`);
  return [invalid('metadata', value, local ? 'must be empty except for namespace' : 'must be empty')];
}

/** ValidateSubjectAccessReview, and its likes for oneself and for a namespace. */
function problems(review: Review, scope: 'self' | 'cluster' | 'local'): FieldError[] {
  const { resourceAttributes, nonResourceAttributes, user, groups } = review.spec;
  const errors: FieldError[] = [];
  const [resource, path] = ['spec.resourceAttributes', 'spec.nonResourceAttributes'];
  const asked = new GoSyntax(
    `authorization.NonResourceAttributes{Path:${JSON.stringify(nonResourceAttributes?.path ?? '')}, Verb:${JSON.stringify(nonResourceAttributes?.verb ?? '')}}`,
  );
  if (resourceAttributes && nonResourceAttributes)
    errors.push(invalid(path, asked, 'cannot be specified in combination with resourceAttributes'));
  if (!resourceAttributes && !nonResourceAttributes)
    errors.push(
      invalid(resource, null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    );
  if (scope !== 'self' && !user && !groups?.length)
    errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'));
  errors.push(...selectorProblems(resourceAttributes ?? {}, resource), ...metadataProblems(review, scope === 'local'));
  if (scope !== 'local') return errors;
  const { namespace = '' } = resourceAttributes ?? {};
  if (resourceAttributes && namespace !== review.metadata.namespace)
    errors.push(invalid(`${resource}.namespace`, namespace, 'must match metadata.namespace'));
  if (nonResourceAttributes) errors.push(invalid(path, asked, 'disallowed on this kind of request'));
  return errors;
}

function answer(request: ResourceRequest, review: Review, user: UserInfo, scope: 'self' | 'cluster' | 'local'): Answer {
  const { world, resource } = request;
  const errors = problems(review, scope);
  // The real one asks the internal object for its kind, which does not know it.
  if (errors.length > 0) throw invalidObject(resource.group, '', '', errors);
  const { allowed, reason } = decide(world, user, wantedBy(review.spec));
  const tracked = trackUpdate(request, undefined, review, request.manager);
  const { evaluationError } = readSelectors(review.spec.resourceAttributes ?? {});
  const status = { allowed, reason, evaluationError };
  const object = canonical(resource, { ...tracked, status } as unknown as KubeObject);
  return { status: 201, object };
}

const subjectOf = ({ spec }: Review): UserInfo => ({
  username: spec.user ?? '',
  groups: spec.groups ?? [],
  uid: spec.uid,
});

export const selfAccessReview = (request: ResourceRequest): Answer =>
  answer(request, decodeBody(request) as Review, request.user, 'self');

export function accessReview(request: ResourceRequest): Answer {
  const review = decodeBody(request) as Review;
  return answer(request, review, subjectOf(review), 'cluster');
}

export function localAccessReview(request: ResourceRequest): Answer {
  const review = decodeBody(request) as Review;
  matchNamespace(request, review);
  return answer(request, review, subjectOf(review), 'local');
}

/** Everything that the asker may do in a namespace; nodes are not told. */
export function rulesReview(request: ResourceRequest): Answer {
  const { world, user, resource } = request;
  const review = decodeBody(request) as KubeObject & { spec: { namespace?: string } };
  const { namespace } = review.spec;
  if (!namespace) throw badRequest('no namespace on request');
  const resourceRules: object[] = [];
  const nonResourceRules: object[] = [];
  const isNode = nodeOf(user) !== undefined;
  const errors = isNode ? ['node authorizer does not support user rule resolution'] : [];
  for (const { rule, error } of rulesFor(world, user, namespace)) {
    if (error !== undefined) errors.push(error);
    if (!rule) continue;
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
    if (resources?.length) resourceRules.push({ verbs, apiGroups, resources, resourceNames });
    if (nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  const evaluationError = errors.length > 0 ? aggregate(errors) : '';
  const status = { resourceRules, nonResourceRules, incomplete: isNode, evaluationError };
  const { kind, apiVersion } = review;
  const object = { kind, apiVersion, metadata: {}, spec: {}, status } as unknown as KubeObject;
  const written = canonical(resource, object) as KubeObject & { status: object };
  // Rules are lists even when there are none.
  return {
    status: 201,
    object: { ...written, status: { ...written.status, ...lists({ resourceRules, nonResourceRules }) } },
  };
}

const lists = (rules: Record<string, object[]>): Record<string, object[]> =>
  Object.fromEntries(Object.entries(rules).filter(([, list]) => list.length === 0));
