import type { ReplicaSet } from '../../../types/objects.ts';
import { nonNegative } from '../shared/checks.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { workloadWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';
import { validateCounts, validateReplicated, validateSameSelector } from '../shared/workloads.ts';

type Spec = NonNullable<ReplicaSet['spec']>;

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

export const strategy: KindRules<ReplicaSet> = {
  resource: 'replicasets.apps',
  updateChecks: ['object', 'metadata', 'spec', 'changes'],
  setDefaults: (replicaSet) => {
    replicaSet.spec ??= {} as Spec;
    replicaSet.spec.replicas ??= 1;
    replicaSet.spec.template ??= {};
    defaultPodTemplate(replicaSet.spec.template);
  },
  ...withTemplate(
    withStatus(() => ({ replicas: 0 })),
    ({ spec }) => spec?.template,
  ),
  validate: ({ spec }) => [
    ...nonNegative('spec.replicas', spec?.replicas),
    ...nonNegative('spec.minReadySeconds', spec?.minReadySeconds),
    ...validateReplicated(spec?.selector, spec?.template),
  ],
  validateUpdate: validateSameSelector,
  validateStatusUpdate: ({ status }) =>
    validateCounts(status, ['replicas', ...PARTS, 'observedGeneration', 'terminatingReplicas'], PARTS),
  warnings: (replicaSet, old) => workloadWarnings(replicaSet, old, replicaSet.spec?.template),
};
