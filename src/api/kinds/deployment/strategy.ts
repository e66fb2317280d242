import type { Deployment } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { nonNegative, same } from '../shared/checks.ts';
import { dropDisabledTemplateFields } from '../shared/disabled-fields.ts';
import { type GoStructType, goStructSyntax } from '../shared/go-struct.ts';
import {
  goIntOrString,
  type IntOrString,
  intOrPercentValue,
  validateIntOrPercent,
  validateNotOver100Percent,
} from '../shared/numbers.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { workloadWarnings } from '../shared/pod-warnings.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';
import { validateCollisions, validateCounts, validateReplicated, validateSameSelector } from '../shared/workloads.ts';

type Spec = NonNullable<Deployment['spec']>;
type Strategy = NonNullable<Spec['strategy']>;

const QUARTER = '25%' as unknown as NonNullable<Strategy['rollingUpdate']>['maxSurge'];
const TYPES = ['Recreate', 'RollingUpdate'];
const STRATEGY: GoStructType = {
  name: 'apps.DeploymentStrategy',
  fields: [
    ['Type', 'type', '""'],
    ['RollingUpdate', 'rollingUpdate', '(*apps.RollingUpdateDeployment)(nil)'],
  ],
};

function setDefaults(deployment: Deployment): void {
  deployment.spec ??= {} as Spec;
  const { spec } = deployment;
  spec.replicas ??= 1;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  spec.strategy ??= {};
  const { strategy } = spec;
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= QUARTER;
    strategy.rollingUpdate.maxSurge ??= QUARTER;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function validateStrategy(strategy: Strategy | undefined, path: string): FieldError[] {
  const { type = '', rollingUpdate } = strategy ?? {};
  const at = `${path}.rollingUpdate`;
  if (type === 'Recreate')
    return rollingUpdate ? [forbidden(at, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate') return [notSupported(path, goStructSyntax(STRATEGY, strategy ?? {}), TYPES)];
  if (!rollingUpdate) return [required(at, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate as { maxUnavailable?: IntOrString; maxSurge?: IntOrString };
  const stuck = intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0;
  return [
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...(stuck
      ? [invalid(`${at}.maxUnavailable`, goIntOrString(maxUnavailable), 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...validateNotOver100Percent(maxUnavailable, `${at}.maxUnavailable`),
  ];
}

function validate({ spec }: Deployment): FieldError[] {
  const { replicas, selector, template, strategy, minReadySeconds = 0, progressDeadlineSeconds } = spec ?? ({} as Spec);
  const errors = [
    ...nonNegative('spec.replicas', replicas),
    ...validateReplicated(selector, template),
    ...validateStrategy(strategy, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec?.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds)
    errors.push(
      invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'),
    );
  return errors;
}

const PARTS = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];

export const strategy: KindRules<Deployment> = {
  resource: 'deployments.apps',
  updateChecks: ['metadata', 'spec', 'changes'],
  resetFields: { status: { 'f:spec': {}, 'f:metadata': { 'f:labels': {} } } },
  setDefaults,
  prepareForCreate: (deployment) => {
    deployment.status = {};
    deployment.metadata.generation = 1;
    dropDisabledTemplateFields(deployment.spec?.template);
  },
  prepareForUpdate: (deployment, old) => {
    deployment.status = old.status;
    dropDisabledTemplateFields(deployment.spec?.template);
    countGeneration(deployment, old, ['spec']);
    const annotated = !same(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {});
    if (annotated) deployment.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  // The controller writes the revision's annotation together with the status.
  prepareForStatusUpdate: (deployment, old) => {
    deployment.spec = old.spec;
    deployment.metadata.labels = old.metadata.labels;
    // Behind a gate that is off.
    if (old.status?.terminatingReplicas === undefined) delete deployment.status?.terminatingReplicas;
  },
  validate,
  validateUpdate: validateSameSelector,
  validateStatusUpdate: (deployment, old) => [
    ...validateCounts(
      deployment.status,
      ['observedGeneration', 'replicas', ...PARTS, 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'],
      PARTS,
    ),
    ...validateCollisions(deployment, old),
  ],
  warnings: (deployment, old) => workloadWarnings(deployment, old, deployment.spec?.template),
};
