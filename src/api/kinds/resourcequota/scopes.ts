import { goQuote } from '../../../base/go-quote.ts';
import type { ResourceQuota } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { isStandardQuota } from '../shared/resources.ts';

type Spec = NonNullable<ResourceQuota['spec']>;
type Requirement = NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>[number];

const OF_PODS = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory', 'pods'];
/** What each scope may count. */
const COUNTED: Record<string, readonly string[]> = {
  Terminating: OF_PODS,
  NotTerminating: OF_PODS,
  BestEffort: ['pods'],
  NotBestEffort: OF_PODS,
  PriorityClass: OF_PODS,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
  CrossNamespacePodAffinity: OF_PODS,
};
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
/** Scopes that a pod has or has not: nothing to compare with. */
const PLAIN = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const ONLY_EXISTS =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** Scopes as `%#v` prints them. */
export const goScopes = (scopes: string[] | undefined): GoSyntax =>
  new GoSyntax(goStrings(scopes).text.replace('[]string', '[]core.ResourceQuotaScope'));

const goRequirement = ({ scopeName, operator, values }: Requirement): string =>
  `core.ScopedResourceSelectorRequirement{ScopeName:${goQuote(scopeName)}, Operator:${goQuote(operator)}, Values:${goStrings(values).text}}`;
const goSelector = (requirements: Requirement[]): GoSyntax =>
  new GoSyntax(
    `core.ScopeSelector{MatchExpressions:[]core.ScopedResourceSelectorRequirement{${requirements.map(goRequirement).join(', ')}}}`,
  );

/** One error for each resource that the scope cannot count. */
function misapplied(scope: string, { hard = {} }: Spec, path: string, value: GoSyntax): FieldError[] {
  const counted = COUNTED[scope];
  return Object.keys(hard)
    .filter((name) => counted && isStandardQuota(name) && !counted.includes(name))
    .map(() => invalid(path, value, 'unsupported scope applied to resource'));
}

function conflicts(scopes: string[], path: string, value: GoSyntax): FieldError[] {
  const found = CONFLICTS.filter((pair) => pair.every((scope) => scopes.includes(scope)));
  return found.map(() => invalid(path, value, 'conflicting scopes'));
}

/** validateResourceQuotaScopes */
export function validateScopes(spec: Spec): FieldError[] {
  const at = 'spec.scopes';
  const { scopes = [] } = spec;
  const value = goScopes(scopes);
  return [
    ...scopes.flatMap((scope) => [
      ...(COUNTED[scope] ? [] : [invalid(at, value, 'unsupported scope')]),
      ...misapplied(scope, spec, at, value),
    ]),
    ...conflicts(scopes, at, value),
  ];
}

function validateOperator({ operator, values = [] }: Requirement, path: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn')
    return values.length > 0
      ? []
      : [
          required(
            `${path}.values`,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        ];
  if (operator !== 'Exists' && operator !== 'DoesNotExist')
    return [invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')];
  if (values.length === 0) return [];
  const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
  return [invalid(`${path}.values`, goStrings(values), detail)];
}

/** validateScopedResourceSelectorRequirement: every requirement is reported at the same path. */
export function validateScopeSelector(spec: Spec): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const at = 'spec.scopeSelector.matchExpressions';
  const scopes = requirements.map(({ scopeName }) => scopeName);
  return [
    ...requirements.flatMap((requirement) => {
      const { scopeName, operator } = requirement;
      return [
        ...(COUNTED[scopeName] ? [] : [invalid(`${at}.scopeName`, scopeName ?? '', 'unsupported scope')]),
        ...misapplied(scopeName, spec, at, goSelector(requirements)),
        ...(PLAIN.includes(scopeName) && operator !== 'Exists'
          ? [invalid(`${at}.operator`, operator ?? '', ONLY_EXISTS)]
          : []),
        ...validateOperator(requirement, at),
      ];
    }),
    ...conflicts(scopes, at, goScopes(spec.scopes)),
  ];
}
