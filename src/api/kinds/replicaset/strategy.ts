import type { ReplicaSet } from '../../../types/objects.ts';
import { nonNegative } from '../shared/checks.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import {
  validateCounts,
  validateReplicaTemplate,
  validateSameSelector,
  validateSelector,
} from '../shared/workloads.ts';

type Spec = NonNullable<ReplicaSet['spec']>;

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

export const strategy: KindRules<ReplicaSet> = {
  resource: 'replicasets.apps',
  setDefaults: (replicaSet) => {
    replicaSet.spec ??= {} as Spec;
    replicaSet.spec.replicas ??= 1;
    replicaSet.spec.template ??= {};
    defaultPodTemplate(replicaSet.spec.template);
  },
  ...withStatus(() => ({ replicas: 0 })),
  validate: ({ spec }) => [
    ...nonNegative('spec.replicas', spec?.replicas),
    ...nonNegative('spec.minReadySeconds', spec?.minReadySeconds),
    ...validateSelector(spec?.selector, 'deployment'),
    ...validateReplicaTemplate(spec?.template, spec?.selector),
  ],
  validateUpdate: validateSameSelector,
  validateStatusUpdate: ({ status }) =>
    validateCounts(status as Record<string, unknown> | undefined, ['replicas', ...PARTS, 'observedGeneration'], PARTS),
  warnings: ({ spec }) => templateWarnings(spec?.template),
};
