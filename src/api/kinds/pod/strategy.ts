import type { Pod } from '../../../types/objects.ts';
import { podWarnings } from '../shared/pod-warnings.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';
import { setDefaults } from './defaults.ts';
import { qosClass } from './qos.ts';
import { validate, validateCreate, validateStatusUpdate, validateUpdate } from './validation.ts';

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

type Conditions = NonNullable<NonNullable<Pod['status']>['conditions']>;

/** A pod that no kubelet has, or that is done, goes at once. */
function gracePeriodSeconds(pod: Pod, requested?: number): number {
  const done = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  if (!pod.spec?.nodeName || done) return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

export const strategy: KindRules<Pod> = {
  resource: 'pods',
  setDefaults,
  prepareForCreate: (pod) => {
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClass(pod) };
    if (pod.spec?.schedulingGates?.length) pod.status.conditions = [{ ...GATED }] as unknown as Conditions;
  },
  prepareForUpdate: (pod, old) => {
    pod.status = old.status;
    countGeneration(pod, old, ['spec']);
  },
  validate,
  validateCreate,
  validateUpdate,
  validateStatusUpdate,
  warnings: (pod) => podWarnings(pod.spec ?? { containers: [] }, pod.metadata),
  gracePeriodSeconds,
};
