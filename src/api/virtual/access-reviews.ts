import type { KubeObject } from '../../types/objects.ts';
import type { Attributes } from '../authorization/attributes.ts';
import { decide } from '../authorization/index.ts';
import { rulesFor } from '../authorization/rbac.ts';
import { badRequest } from '../errors.ts';
import { canonical, decodeBody } from '../machinery/body.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { invalidObject } from '../machinery/invalid.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import type { UserInfo } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';

interface AccessSpec {
  resourceAttributes?: {
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
      }
    : { verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };

function problems(
  { resourceAttributes, nonResourceAttributes, user, groups }: AccessSpec,
  self: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const what = 'spec.resourceAttributes';
  if (resourceAttributes && nonResourceAttributes)
    errors.push(
      invalid(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    );
  if (!resourceAttributes && !nonResourceAttributes)
    errors.push(invalid(what, null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  if (!self && !user && !groups?.length)
    errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'));
  return errors;
}

function answer(request: ResourceRequest, review: Review, user: UserInfo, self: boolean): Answer {
  const { world, resource } = request;
  const errors = problems(review.spec, self);
  if (errors.length > 0) throw invalidObject(resource.group, resource.kind, '', errors);
  const { allowed, reason } = decide(world, user, wantedBy(review.spec));
  const tracked = trackUpdate(request, undefined, review, request.manager);
  const object = canonical(resource, { ...tracked, status: { allowed, reason } } as unknown as KubeObject);
  return { status: 201, object };
}

const subjectOf = ({ spec }: Review): UserInfo => ({
  username: spec.user ?? '',
  groups: spec.groups ?? [],
  uid: spec.uid,
});

export const selfAccessReview = (request: ResourceRequest): Answer =>
  answer(request, decodeBody(request) as Review, request.user, true);

export function accessReview(request: ResourceRequest): Answer {
  const review = decodeBody(request) as Review;
  return answer(request, review, subjectOf(review), false);
}

export function localAccessReview(request: ResourceRequest): Answer {
  const review = decodeBody(request) as Review;
  const namespace = review.spec.resourceAttributes?.namespace;
  if (namespace !== request.namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${request.namespace}`);
  return answer(request, review, subjectOf(review), false);
}

/** Everything that the asker may do in a namespace. */
export function rulesReview(request: ResourceRequest): Answer {
  const { world, user } = request;
  const review = decodeBody(request) as KubeObject & { spec: { namespace?: string } };
  const { namespace } = review.spec;
  if (!namespace) throw badRequest('no namespace on request');
  const resourceRules: object[] = [];
  const nonResourceRules: object[] = [];
  for (const { rule } of rulesFor(world, user, namespace)) {
    if (!rule) continue;
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
    if (resources?.length) resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames && { resourceNames }) });
    if (nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  const status = { resourceRules, nonResourceRules, incomplete: false };
  const { metadata } = review;
  return {
    status: 201,
    object: {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { ...metadata, creationTimestamp: null },
      spec: {},
      status,
    },
  };
}
