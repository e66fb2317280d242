import type { PriorityClass } from '../../../types/objects.ts';
import { type FieldError, forbidden } from '../../machinery/field-errors.ts';
import { immutable, oneOf } from '../shared/checks.ts';
import { PREEMPTION_POLICIES } from '../shared/pod-spec.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
const SYSTEM: Record<string, number> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Why a name is not that of a system class with this value. */
function systemProblem({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const name = metadata.name ?? '';
  const known = SYSTEM[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validate(priorityClass: PriorityClass): FieldError[] {
  const { metadata, value, preemptionPolicy } = priorityClass;
  const errors: FieldError[] = [];
  if (metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const problem = systemProblem(priorityClass);
    if (problem)
      errors.push(
        forbidden(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`,
        ),
      );
  } else if (value > HIGHEST_USER_PRIORITY)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  return preemptionPolicy === undefined
    ? errors
    : [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, PREEMPTION_POLICIES)];
}

export const strategy: KindRules<PriorityClass> = {
  resource: 'priorityclasses.scheduling.k8s.io',
  updateChecks: ['metadata', 'changes'],
  clusterScoped: true,
  setDefaults: (priorityClass) => {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // Nothing that changes is a new generation to it.
  prepareForCreate: generationOf().prepareForCreate,
  validateCreate: validate,
  validateUpdate: (priorityClass, old) => [
    ...(priorityClass.value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', priorityClass.preemptionPolicy, old.preemptionPolicy),
  ],
};
