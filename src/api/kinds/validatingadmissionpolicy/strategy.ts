import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import { isDns1035Label, isDns1123Subdomain } from '../../../base/names.ts';
import type { Resource, Wire } from '../../../types/objects.ts';
import { AdmissionExpressions, takesParams } from '../../cel/admission-expressions.ts';
import { RESERVED } from '../../cel/reserved.ts';
import { duplicate, type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import type { StrategyContext } from '../kind.ts';
import {
  celError,
  defaultMatchResources,
  FAILURE_POLICIES,
  validateMatchConditions,
  validateMatchResources,
} from '../shared/admission-rules.ts';
import { each, oneOfIfSet, qualifiedName, same } from '../shared/checks.ts';
import { type KindRules, SPEC_AND_METADATA, USERS_METADATA, withStatus } from '../shared/strategy.ts';

type Policy = Resource<V1ValidatingAdmissionPolicy>;
type Spec = Wire<NonNullable<V1ValidatingAdmissionPolicy['spec']>>;
type Validation = NonNullable<Spec['validations']>[number];
type Variable = NonNullable<Spec['variables']>[number];
type AuditAnnotation = NonNullable<Spec['auditAnnotations']>[number];
type ParamKind = NonNullable<Spec['paramKind']>;

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION = 5 * 1024;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

function validateValidation(
  { expression, message, messageExpression, reason }: Validation,
  path: string,
  expressions: AdmissionExpressions,
): FieldError[] {
  const errors: FieldError[] = expression?.trim()
    ? celError(`${path}.expression`, expression, () => expressions.compile(expression, 'validation'))
    : [required(`${path}.expression`, 'expression is not specified')];
  if (messageExpression && !messageExpression.trim())
    errors.push(invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  else if (messageExpression)
    errors.push(
      ...celError(`${path}.messageExpression`, messageExpression, () =>
        expressions.compile(messageExpression, 'messageExpression'),
      ),
    );
  if (message && !message.trim())
    errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'));
  else if (/[\n\r]/.test(message?.trim() ?? ''))
    errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'));
  return [...errors, ...oneOfIfSet(`${path}.reason`, reason, REASONS)];
}

function validateVariable(
  { name, expression }: Variable,
  path: string,
  expressions: AdmissionExpressions,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!name?.trim()) errors.push(required(`${path}.name`, 'name is not specified'));
  else if (!IDENTIFIER.test(name) || RESERVED.has(name))
    errors.push(invalid(`${path}.name`, name, 'name is not a valid CEL identifier'));
  if (!expression?.trim()) return [...errors, required(`${path}.expression`, 'expression is not specified')];
  return [...errors, ...celError(`${path}.expression`, expression, () => expressions.define(name, expression))];
}

function validateAuditAnnotation(
  { key, valueExpression = '' }: AuditAnnotation,
  path: string,
  policy: string | undefined,
  expressions: AdmissionExpressions,
): FieldError[] {
  const errors = policy
    ? qualifiedName(`${path}.key`, `${policy}/${key}`)
    : [invalid(`${path}.key`, key, 'requires metadata.name be non-empty')];
  const at = `${path}.valueExpression`;
  const trimmed = valueExpression.trim();
  if (!trimmed) return [...errors, required(at, 'valueExpression is not specified')];
  if (trimmed.length > MAX_VALUE_EXPRESSION)
    return [...errors, required(at, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)];
  return [...errors, ...celError(at, valueExpression, () => expressions.compile(trimmed, 'auditAnnotation'))];
}

function validateParamKind({ apiVersion, kind }: ParamKind, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const parts = (apiVersion ?? '').split('/');
  const [version = '', group = ''] = parts.toReversed();
  const at = `${path}.apiVersion`;
  if (!apiVersion) errors.push(required(at));
  else if (parts.length > 2) errors.push(invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const wrongGroup = group ? isDns1123Subdomain(group) : [];
    if (wrongGroup.length > 0) errors.push(invalid(at, group, wrongGroup.join(',')));
    const wrong = version ? isDns1035Label(version) : ['version must be specified'];
    if (wrong.length > 0) errors.push(invalid(at, version || apiVersion, wrong.join(',')));
  }
  if (!kind) return [...errors, required(`${path}.kind`)];
  const wrong = isDns1035Label(kind.toLowerCase());
  if (wrong.length > 0)
    errors.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`));
  return errors;
}

/** What of a policy an update may leave as wrong as it was. */
const keepsConditions = ({ spec }: Policy, old: Policy | undefined): boolean =>
  old !== undefined &&
  same(spec?.paramKind, old.spec?.paramKind) &&
  same(spec?.matchConditions, old.spec?.matchConditions);

function validate(policy: Policy, _: StrategyContext, old?: Policy): FieldError[] {
  const spec = (policy.spec ?? {}) as Spec;
  const errors = oneOfIfSet('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES);
  const { matchConstraints: match, matchConditions, validations, variables, auditAnnotations, paramKind } = spec;
  const expressions = new AdmissionExpressions(takesParams(spec));
  if (paramKind) errors.push(...validateParamKind(paramKind, 'spec.paramKind'));
  if (!match) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatchResources(match, 'spec.matchConstraints'));
    if (!match.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
  }
  if (!keepsConditions(policy, old))
    errors.push(...validateMatchConditions(matchConditions, 'spec.matchConditions', expressions));
  errors.push(...each(variables, 'spec.variables', (variable, path) => validateVariable(variable, path, expressions)));
  if (!validations?.length && !auditAnnotations?.length)
    for (const field of ['validations', 'auditAnnotations'])
      errors.push(required(`spec.${field}`, 'validations or auditAnnotations must contain at least one item'));
  errors.push(
    ...each(validations, 'spec.validations', (validation, path) => validateValidation(validation, path, expressions)),
  );
  if ((auditAnnotations?.length ?? 0) > MAX_AUDIT_ANNOTATIONS)
    errors.push(
      invalid(
        'spec.auditAnnotations',
        auditAnnotations,
        `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`,
      ),
    );
  const keys = auditAnnotations?.map(({ key }) => key) ?? [];
  errors.push(
    ...each(auditAnnotations, 'spec.auditAnnotations', (annotation, path, index) => [
      ...validateAuditAnnotation(annotation, path, policy.metadata.name, expressions),
      ...(keys.indexOf(annotation.key) < index ? [duplicate(`${path}.key`, annotation.key)] : []),
    ]),
  );
  return errors;
}

export const strategy: KindRules<Policy> = {
  resource: 'validatingadmissionpolicies.admissionregistration.k8s.io',
  updateChecks: ['object', 'changes'],
  subresourceChecks: { status: ['changes'] },
  statusKeeps: USERS_METADATA,
  resetFields: SPEC_AND_METADATA,
  needsVersion: true,
  clusterScoped: true,
  setDefaults: (policy) => {
    policy.spec ??= {};
    policy.spec.failurePolicy ??= 'Fail';
    defaultMatchResources(policy.spec.matchConstraints);
  },
  ...withStatus(() => ({})),
  validate,
};
