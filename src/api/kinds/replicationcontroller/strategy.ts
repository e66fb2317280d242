import type { ReplicationController } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { nonNegative } from '../shared/checks.ts';
import { goLabels } from '../shared/go-value.ts';
import { selects } from '../shared/label-selector.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { validatePodTemplate } from '../shared/pod-spec.ts';
import { workloadWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';
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
    ...(Object.keys(selector).length === 0 ? [required('spec.selector')] : []),
  ];
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
  updateChecks: ['object', 'metadata', 'spec', 'changes'],
  defaultDeletion: 'orphan',
  setDefaults,
  ...withTemplate(
    withStatus(() => ({ replicas: 0 })),
    ({ spec }) => spec?.template,
  ),
  validate,
  validateStatusUpdate: ({ status }) => validateCounts(status, ['replicas', ...PARTS, 'observedGeneration'], PARTS),
  // As in the real one, an update is warned of what the template was.
  warnings: (controller, old) => workloadWarnings(controller, old, (old ?? controller).spec?.template),
};
