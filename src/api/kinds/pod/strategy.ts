import { formatTime } from '../../../base/time.ts';
import type { Pod } from '../../../types/objects.ts';
import { dropDisabledFields } from '../shared/disabled-fields.ts';
import { nameWarnings, podWarnings } from '../shared/pod-warnings.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';
import { applyMatchLabelKeys } from './affinity.ts';
import { mirrorAppArmor } from './apparmor.ts';
import { setDefaults } from './defaults.ts';
import { qosClass } from './qos.ts';
import { validateStatusUpdate } from './status.ts';
import { validateEphemeralContainers, validateResize } from './subresources.ts';
import { validate, validateCreate, validateUpdate } from './validation.ts';

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
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
  updateChecks: ['metadata', 'object', 'changes'],
  resetFields: {
    status: { 'f:spec': {}, 'f:metadata': { 'f:deletionTimestamp': {}, 'f:ownerReferences': {} } },
  },
  setDefaults,
  prepareForCreate: (pod, context) => {
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClass(pod) };
    dropDisabledFields(pod.spec);
    if (pod.spec?.schedulingGates?.length)
      pod.status.conditions = [{ ...GATED, lastTransitionTime: formatTime(context.now()) }] as unknown as Conditions;
    applyMatchLabelKeys(pod);
    for (const text of mirrorAppArmor(pod)) context.warn?.(text);
  },
  prepareForUpdate: (pod, old) => {
    pod.status = old.status;
    dropDisabledFields(pod.spec);
    countGeneration(pod, old, ['spec']);
  },
  prepareForStatusUpdate: (pod, old) => {
    pod.spec = old.spec;
    pod.metadata.ownerReferences = old.metadata.ownerReferences;
    pod.status ??= old.status;
    if (pod.status && !pod.status.qosClass) pod.status = { ...pod.status, qosClass: old.status?.qosClass };
  },
  validate,
  validateCreate,
  validateUpdate,
  validateStatusUpdate,
  validateSubresource: { ephemeralcontainers: validateEphemeralContainers, resize: validateResize },
  warnings: (pod, old) =>
    old
      ? []
      : [...nameWarnings(pod, "the Pod's hostname"), ...podWarnings(pod.spec ?? { containers: [] }, pod.metadata)],
  gracePeriodSeconds,
};
