import type { PodDisruptionBudget } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { nonNegative, oneOfIfSet } from '../shared/checks.ts';
import { validateConditions } from '../shared/conditions.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { type IntOrString, validateIntOrPercent, validateNotOver100Percent } from '../shared/numbers.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type Spec = NonNullable<PodDisruptionBudget['spec']>;

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];
const emptyStatus = () => Object.fromEntries(COUNTS.map((field) => [field, 0]));

/** The struct with its pointers, which lie anywhere in memory. */
function goSpec(spec: Spec): GoSyntax {
  const pointer = (type: string, value: unknown, at: string) => `(*${type})(${value === undefined ? 'nil' : at})`;
  const fields = {
    MinAvailable: pointer('intstr.IntOrString', spec.minAvailable, '0xc000a1e2c0'),
    Selector: pointer('v1.LabelSelector', spec.selector, '0xc000a1e300'),
    MaxUnavailable: pointer('intstr.IntOrString', spec.maxUnavailable, '0xc000a1e2e0'),
    UnhealthyPodEvictionPolicy: pointer(
      'policy.UnhealthyPodEvictionPolicyType',
      spec.unhealthyPodEvictionPolicy,
      '0xc000a1e340',
    ),
  };
  const texts = Object.entries(fields).map(([name, value]) => `${name}:${value}`);
  return new GoSyntax(`policy.PodDisruptionBudgetSpec{${texts.join(', ')}}`);
}

function validate({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(invalid('spec', goSpec(spec), 'minAvailable and maxUnavailable cannot be both set'));
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[field] as IntOrString | undefined;
    errors.push(...validateIntOrPercent(value, `spec.${field}`), ...validateNotOver100Percent(value, `spec.${field}`));
  }
  return [
    ...errors,
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...oneOfIfSet('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, EVICTION_POLICIES),
  ];
}

export const strategy: KindRules<PodDisruptionBudget> = {
  resource: 'poddisruptionbudgets.policy',
  updateChecks: ['spec'],
  subresourceChecks: { status: ['changes'] },
  nameRule: pathSegmentName,
  asksMetadata: 'otherwise',
  needsVersion: true,
  ...withStatus(emptyStatus),
  validate,
  validateStatusUpdate: ({ status }) => [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...COUNTS.flatMap((field) => nonNegative(`status.${field}`, status?.[field])),
  ],
};
