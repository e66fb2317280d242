import type { ReplicationController } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { nonNegative } from '../shared/checks.ts';
import { goLabels } from '../shared/go-value.ts';
import { selects } from '../shared/label-selector.ts';
import { validateLabels } from '../shared/object-meta.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { validatePodTemplate } from '../shared/pod-spec.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import { validateAlwaysRestarted, validateCounts } from '../shared/workloads.ts';

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

function setDefaults(controller: ReplicationController): void {
  controller.spec ??= {};
  const { spec, metadata } = controller;
  spec.replicas ??= 1;
  defaultPodTemplate(spec.template);
  const labels = spec.template?.metadata?.labels;
  if (!labels) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

function validate({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec ?? {};
  const labels = template?.metadata?.labels;
  const errors = [
    ...nonNegative('spec.minReadySeconds', spec?.minReadySeconds),
    ...validateLabels(selector, 'spec.selector'),
  ];
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
  errors.push(...nonNegative('spec.replicas', spec?.replicas));
  if (!template) return [...errors, required('spec.template')];
  if (!selects({ matchLabels: selector }, labels))
    errors.push(
      invalid('spec.template.metadata.labels', goLabels(labels), '`selector` does not match template `labels`'),
    );
  return [
    ...errors,
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRestarted(template, 'ReplicationController'),
  ];
}

export const strategy: KindRules<ReplicationController> = {
  resource: 'replicationcontrollers',
  setDefaults,
  ...withStatus(() => ({ replicas: 0 })),
  validate,
  validateStatusUpdate: ({ status }) =>
    validateCounts(
      status as unknown as Record<string, unknown> | undefined,
      ['replicas', ...PARTS, 'observedGeneration'],
      PARTS,
    ),
  warnings: ({ spec }) => templateWarnings(spec?.template),
};
