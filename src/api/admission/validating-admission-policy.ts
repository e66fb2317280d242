import type { V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node';
import type { KubeObject, Resource, Wire } from '../../types/objects.ts';
import { AdmissionExpressions, takesParams } from '../cel/admission-expressions.ts';
import { CelRuntimeError } from '../cel/issues.ts';
import { detailsOf } from '../errors.ts';
import { selects } from '../machinery/selectors.ts';
import { ApiError } from '../request.ts';
import { type ApiWorld, type ResourceRequest, subjectOf } from '../world.ts';
import { admissionValues, conditionsHold, evaluated, paramsValue, type Values } from './expression-values.ts';
import { type AdmissionPlugin, refuse } from './plugin.ts';
import { type Attempt, attemptOf, type ConnectOptions, matchCriteria } from './rule-matching.ts';

type Policy = Resource<V1ValidatingAdmissionPolicy>;
type Binding = Resource<V1ValidatingAdmissionPolicyBinding>;
type Spec = Wire<NonNullable<V1ValidatingAdmissionPolicy['spec']>>;
type MatchResources = Wire<NonNullable<NonNullable<V1ValidatingAdmissionPolicyBinding['spec']>['matchResources']>>;

export const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';
const BINDINGS = 'validatingadmissionpolicybindings.admissionregistration.k8s.io';

/** A reason as a status code (reasonToCode). */
const CODES: Record<string, number> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

/** What a policy finds wrong. */
interface Finding {
  message: string;
  reason?: string;
}

/** An error of configuration: it counts as a finding unless the policy says Ignore. */
class Misconfigured extends Error {}
/** One of the policy itself, whatever binds it. */
class MisconfiguredPolicy extends Misconfigured {}

const criteriaOf = (match: MatchResources | undefined) => ({
  namespaceSelector: match?.namespaceSelector,
  objectSelector: match?.objectSelector,
  matchPolicy: match?.matchPolicy,
  rules: match?.resourceRules ?? [],
  excluded: match?.excludeResourceRules,
});

/** The parameters that a binding names: [undefined] when there are none to name. */
function paramsOf(world: ApiWorld, spec: Spec, binding: Binding, namespace: string): (KubeObject | undefined)[] {
  const { paramKind } = spec;
  const ref = binding.spec?.paramRef;
  if (!paramKind || !ref) return [undefined];
  const [version = '', group = ''] = (paramKind.apiVersion ?? '').split('/').toReversed();
  const resource = world.registry.byKind(group, version, paramKind.kind ?? '');
  if (!resource)
    throw new MisconfiguredPolicy(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  if (ref.namespace && !resource.namespaced)
    throw new Misconfigured('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const where = resource.namespaced ? ref.namespace || namespace : '';
  if (resource.namespaced && !where)
    throw new Misconfigured('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  const found = ref.name
    ? [world.store.get(resource.name, where, ref.name)].filter((one) => one !== undefined)
    : world.store
        .list(resource.name)
        .filter((one) => (one.metadata.namespace ?? '') === where && selects(ref.selector, one.metadata.labels ?? {}));
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new Misconfigured('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found;
}

/** The policy's variables: each is worked out when it is first read, and fails where it is read. */
function variablesOf(spec: Spec, expressions: AdmissionExpressions, values: Values): object {
  const variables = {};
  for (const { name, expression } of spec.variables ?? []) {
    const program = expressions.define(name, expression);
    let known: { value: unknown } | undefined;
    Object.defineProperty(variables, name, {
      enumerable: true,
      get: () => {
        known ??= { value: variableValue(name, () => program.evaluate({ ...values, variables })) };
        return known.value;
      },
    });
  }
  return variables;
}

function variableValue(name: string, evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    throw new CelRuntimeError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${error.message}`);
  }
}

/** What the policy finds wrong with the request under these parameters. */
function findings({ spec }: Policy, given: Values): Finding[] {
  const { validations, auditAnnotations, matchConditions } = spec as Spec;
  const ignores = spec?.failurePolicy === 'Ignore';
  const expressions = new AdmissionExpressions(takesParams(spec as Spec));
  const holds = conditionsHold(matchConditions, expressions, given);
  if (holds === false) return [];
  if (typeof holds === 'string') return ignores ? [] : [{ message: holds }];
  const values = { ...given, variables: variablesOf(spec as Spec, expressions, given) };
  const found: Finding[] = [];
  for (const { expression, message, messageExpression, reason } of validations ?? []) {
    const { value, error } = evaluated(expressions, expression, 'validation', values);
    if (error !== undefined) {
      if (!ignores) found.push({ message: error });
    } else if (value !== true) {
      const made = messageExpression && evaluated(expressions, messageExpression, 'messageExpression', values).value;
      const text = typeof made === 'string' ? made.trim() : '';
      const told = text.includes('\n') || text.length > MAX_MESSAGE ? '' : text;
      found.push({
        message: told || message?.trim() || `failed expression: ${expression.trim()}`,
        reason: reason ?? 'Invalid',
      });
    }
  }
  for (const { valueExpression } of auditAnnotations ?? []) {
    const { error } = evaluated(expressions, valueExpression.trim(), 'auditAnnotation', values);
    if (error !== undefined && !ignores) found.push({ message: error });
  }
  return found;
}

const MAX_MESSAGE = 5 * 1024;

/** The refusal of a policy, or of one of its bindings. */
function denied(
  attempt: Attempt,
  policy: Policy,
  binding: Binding | undefined,
  { message, reason }: Finding,
): ApiError {
  const { request, object } = attempt;
  const by = binding
    ? `'${policy.metadata.name}' with binding '${binding.metadata.name}'`
    : `'${policy.metadata.name}'`;
  const text = `ValidatingAdmissionPolicy ${by} denied request: ${message}`;
  const refused = refuse(request, object, text);
  const why = reason || 'Invalid';
  const causes = [{ message: text }];
  return new ApiError(
    CODES[why] ?? 500,
    why,
    refused.message,
    detailsOf(subjectOf(request), refused.details?.name ?? '', { causes }),
  );
}

/** What a policy does to a request: warnings and audit at once; what it denies is given back. */
function applied(attempt: Attempt, policy: Policy, bindings: readonly Binding[]): ApiError[] {
  const { request } = attempt;
  const spec = policy.spec as Spec;
  const refusals: ApiError[] = [];
  const misconfigured = (error: unknown, binding?: Binding) => {
    if (!(error instanceof Misconfigured || error instanceof ApiError)) throw error;
    if (spec.failurePolicy === 'Ignore') return;
    const message = `failed to configure ${binding ? 'binding' : 'policy'}: ${error.message}`;
    refusals.push(denied(attempt, policy, binding, { message }));
  };
  const version = matchCriteria(criteriaOf(spec.matchConstraints), attempt);
  if (version === undefined) return [];
  for (const binding of bindings) {
    const { matchResources, validationActions = [] } = (binding.spec ?? {}) as Wire<NonNullable<Binding['spec']>>;
    try {
      if (matchResources && matchCriteria(criteriaOf(matchResources), attempt) === undefined) continue;
      for (const params of paramsOf(request.world, spec, binding, request.namespace)) {
        const resource = params && request.world.registry.byKind(...kindOf(spec));
        const values = admissionValues(attempt, version);
        if (params && resource) values.params = paramsValue(resource, params);
        for (const finding of findings(policy, values)) {
          if (validationActions.includes('Deny')) refusals.push(denied(attempt, policy, binding, finding));
          if (validationActions.includes('Warn'))
            request.warnings.push(
              `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${finding.message}`,
            );
        }
      }
    } catch (error) {
      misconfigured(error, error instanceof MisconfiguredPolicy ? undefined : binding);
    }
  }
  return refusals;
}

function kindOf({ paramKind }: Spec): [group: string, version: string, kind: string] {
  const [version = '', group = ''] = (paramKind?.apiVersion ?? '').split('/').toReversed();
  return [group, version, paramKind?.kind ?? ''];
}

function judge(
  request: ResourceRequest,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
  options?: ConnectOptions,
): void {
  const { store } = request.world;
  const bindings = store.list(BINDINGS) as Binding[];
  const attempt = bindings.length > 0 ? attemptOf(request, object, old, options) : undefined;
  if (!attempt) return;
  for (const policy of store.list(POLICIES) as Policy[]) {
    const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name);
    const [refusal] = own.length > 0 ? applied(attempt, policy, own) : [];
    if (refusal) throw refusal;
  }
}

/** Policies in CEL, as far as bindings put them to work. */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate: (request, object, old) => judge(request, object, old),
  connect: (request, options) => judge(request, undefined, undefined, options),
};
