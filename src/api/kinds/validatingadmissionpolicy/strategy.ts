import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { defaultMatchResources, FAILURE_POLICIES, validateMatchResources } from '../shared/admission-rules.ts';
import { each, oneOf, oneOfIfSet } from '../shared/checks.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type Policy = Resource<V1ValidatingAdmissionPolicy>;
type Spec = NonNullable<Policy['spec']>;
type Validation = NonNullable<Spec['validations']>[number];

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

function validateValidation(
  { expression, message, messageExpression, reason }: Validation,
  path: string,
): FieldError[] {
  const errors: FieldError[] = expression?.trim()
    ? []
    : [required(`${path}.expression`, 'expression is not specified')];
  if (messageExpression && !messageExpression.trim())
    errors.push(invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  if (message && !message.trim())
    errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'));
  else if (message?.trim().includes('\n'))
    errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'));
  return [...errors, ...oneOfIfSet(`${path}.reason`, reason, REASONS)];
}

function validate({ spec = {} }: Policy): FieldError[] {
  const errors = oneOf('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES);
  const { matchConstraints: match, validations, auditAnnotations, paramKind } = spec;
  if (paramKind)
    errors.push(
      ...(paramKind.apiVersion ? [] : [required('spec.paramKind.apiVersion')]),
      ...(paramKind.kind ? [] : [required('spec.paramKind.kind')]),
    );
  if (!match) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatchResources(match, 'spec.matchConstraints'));
    if (!match.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
  }
  if (!validations?.length && !auditAnnotations?.length)
    for (const field of ['validations', 'auditAnnotations'])
      errors.push(required(`spec.${field}`, 'validations or auditAnnotations must contain at least one item'));
  return [...errors, ...each(validations, 'spec.validations', validateValidation)];
}

export const strategy: KindRules<Policy> = {
  resource: 'validatingadmissionpolicies.admissionregistration.k8s.io',
  clusterScoped: true,
  setDefaults: (policy) => {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    defaultMatchResources(policy.spec.matchConstraints);
  },
  ...withStatus(() => ({})),
  validate,
};
