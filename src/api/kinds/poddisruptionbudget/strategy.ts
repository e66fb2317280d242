import type { PodDisruptionBudget } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { nonNegative, oneOfIfSet } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { type IntOrString, validateIntOrPercent, validateNotOver100Percent } from '../shared/numbers.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const emptyStatus = () => Object.fromEntries(COUNTS.map((field) => [field, 0]));

function validate({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[field] as IntOrString | undefined;
    errors.push(...validateIntOrPercent(value, `spec.${field}`), ...validateNotOver100Percent(value, `spec.${field}`));
  }
  return [
    ...errors,
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...oneOfIfSet('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, [
      'AlwaysAllow',
      'IfHealthyBudget',
    ]),
  ];
}

export const strategy: KindRules<PodDisruptionBudget> = {
  resource: 'poddisruptionbudgets.policy',
  ...withStatus(emptyStatus),
  validate,
  validateStatusUpdate: ({ status }) => COUNTS.flatMap((field) => nonNegative(`status.${field}`, status?.[field])),
};
