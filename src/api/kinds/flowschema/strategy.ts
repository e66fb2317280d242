import type { V1FlowSchema } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type FlowSchema = Resource<V1FlowSchema>;

const DEFAULT_PRECEDENCE = 1000;
const MAX_PRECEDENCE = 10_000;

function validate({ spec }: FlowSchema): FieldError[] {
  const precedence = spec?.matchingPrecedence ?? 0;
  const errors: FieldError[] = [];
  if (precedence <= 0) errors.push(invalid('spec.matchingPrecedence', precedence, 'must be a positive value'));
  if (precedence > MAX_PRECEDENCE)
    errors.push(invalid('spec.matchingPrecedence', precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (!spec?.priorityLevelConfiguration?.name)
    errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  return errors;
}

export const strategy: KindRules<FlowSchema> = {
  resource: 'flowschemas.flowcontrol.apiserver.k8s.io',
  clusterScoped: true,
  setDefaults: ({ spec }) => {
    if (spec) spec.matchingPrecedence ||= DEFAULT_PRECEDENCE;
  },
  ...withStatus(() => ({})),
  validate,
};
