import type { DaemonSet } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { nonNegative, same } from '../shared/checks.ts';
import { type GoStructType, goStructSyntax } from '../shared/go-struct.ts';
import { goLabelSelector, goLabels } from '../shared/go-value.ts';
import { isEmptySelector, selects, validateLabelSelector } from '../shared/label-selector.ts';
import {
  goIntOrString,
  type IntOrString,
  intOrPercentValue,
  validateIntOrPercent,
  validateNotOver100Percent,
} from '../shared/numbers.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { validatePodTemplate } from '../shared/pod-spec.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';
import {
  validateAlwaysRestarted,
  validateCollisions,
  validateCounts,
  validateSameSelector,
} from '../shared/workloads.ts';

type Spec = NonNullable<DaemonSet['spec']>;
type UpdateStrategy = NonNullable<Spec['updateStrategy']>;
type RollingUpdate = NonNullable<UpdateStrategy['rollingUpdate']>;

const STRATEGY: GoStructType = {
  name: 'apps.DaemonSetUpdateStrategy',
  fields: [
    ['Type', 'type', '""'],
    ['RollingUpdate', 'rollingUpdate', '(*apps.RollingUpdateDaemonSet)(nil)'],
  ],
};
const GENERATION = 'deprecated.daemonset.template.generation';
const count = (value: number) => value as unknown as RollingUpdate['maxSurge'];
const emptyStatus = () => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
});
const common = withTemplate<DaemonSet>(withStatus(emptyStatus), ({ spec }) => spec?.template);

function setDefaults(daemonSet: DaemonSet): void {
  daemonSet.spec ??= {} as Spec;
  // A field of the internal object, which Go writes as this annotation: whoever does not send it sets it to 0.
  if (daemonSet.metadata.annotations?.[GENERATION] === undefined) setTemplateGeneration(daemonSet, 0);
  const { spec } = daemonSet;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  updateStrategy.type ||= 'RollingUpdate';
  if (updateStrategy.type === 'RollingUpdate') {
    updateStrategy.rollingUpdate ??= {};
    updateStrategy.rollingUpdate.maxUnavailable ??= count(1);
    updateStrategy.rollingUpdate.maxSurge ??= count(0);
  }
  spec.revisionHistoryLimit ??= 10;
}

function validateUpdateStrategy(strategy: UpdateStrategy, path: string): FieldError[] {
  const { type = '', rollingUpdate } = strategy;
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate')
    return [notSupported(path, goStructSyntax(STRATEGY, strategy), ['RollingUpdate', 'OnDelete'])];
  const at = `${path}.rollingUpdate`;
  if (!rollingUpdate) return [required(at)];
  const { maxUnavailable, maxSurge } = rollingUpdate as { maxUnavailable?: IntOrString; maxSurge?: IntOrString };
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...validateNotOver100Percent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateNotOver100Percent(maxSurge, `${at}.maxSurge`),
  ];
  const [unavailable, surge] = [intOrPercentValue(maxUnavailable), intOrPercentValue(maxSurge)];
  if (unavailable && surge)
    errors.push(invalid(`${at}.maxSurge`, goIntOrString(maxSurge), 'may not be set when maxUnavailable is non-zero'));
  if (!unavailable && !surge) errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

function validate({ spec }: DaemonSet): FieldError[] {
  const { selector, template, updateStrategy, minReadySeconds, revisionHistoryLimit } = spec ?? ({} as Spec);
  const labels = template?.metadata?.labels;
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (errors.length === 0 && !(selector && selects(selector, labels)))
    errors.push(
      invalid('spec.template.metadata.labels', goLabels(labels), '`selector` does not match template `labels`'),
    );
  if (selector && isEmptySelector(selector))
    errors.push(invalid('spec.selector', goLabelSelector(selector), 'empty selector is invalid for daemonset'));
  return [
    ...errors,
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRestarted(template, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...validateUpdateStrategy(updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', revisionHistoryLimit),
  ];
}

const templateGeneration = ({ metadata }: DaemonSet): number => Number(metadata.annotations?.[GENERATION] ?? 0);

function setTemplateGeneration(daemonSet: DaemonSet, generation: number): void {
  daemonSet.metadata.annotations = { ...daemonSet.metadata.annotations, [GENERATION]: String(generation) };
}

export const strategy: KindRules<DaemonSet> = {
  resource: 'daemonsets.apps',
  updateChecks: ['object', 'metadata', 'spec', 'changes'],
  setDefaults,
  prepareForCreate: (daemonSet, context) => {
    common.prepareForCreate?.(daemonSet, context);
    setTemplateGeneration(daemonSet, templateGeneration(daemonSet) || 1);
  },
  prepareForUpdate: (daemonSet, old, context) => {
    common.prepareForUpdate?.(daemonSet, old, context);
    const changed = !same(daemonSet.spec?.template, old.spec?.template);
    setTemplateGeneration(daemonSet, templateGeneration(old) + (changed ? 1 : 0));
  },
  prepareForStatusUpdate: (daemonSet, old) => {
    daemonSet.spec = old.spec;
    setTemplateGeneration(daemonSet, templateGeneration(old));
  },
  validate,
  validateUpdate: validateSameSelector,
  validateStatusUpdate: (daemonSet, old) => [
    ...validateCounts(daemonSet.status, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...validateCollisions(daemonSet, old),
  ],
  warnings: (daemonSet, old) =>
    old && templateGeneration(old) === templateGeneration(daemonSet) ? [] : templateWarnings(daemonSet.spec?.template),
};
