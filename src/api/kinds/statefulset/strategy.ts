import type { PersistentVolumeClaim, StatefulSet } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { label1123, nonNegative, same } from '../shared/checks.ts';
import {
  type IntOrString,
  intOrPercentValue,
  validateIntOrPercent,
  validateNotOver100Percent,
} from '../shared/numbers.ts';
import { validateAnnotations, validateLabels } from '../shared/object-meta.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { podWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import { defaultClaimSpec } from '../shared/volume-defaults.ts';
import {
  validateAlwaysRestarted,
  validateCounts,
  validateSelector,
  validateTemplateLabels,
} from '../shared/workloads.ts';

type Spec = NonNullable<StatefulSet['spec']>;

const POLICIES = ['OrderedReady', 'Parallel'];
const RETENTION = ['Delete', 'Retain'];
const UPDATABLE: (keyof Spec)[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const NOT_UPDATABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function defaultClaim(claim: Partial<PersistentVolumeClaim>): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  claim.status ??= {};
  claim.status.phase ||= 'Pending';
  claim.spec ??= {};
  defaultClaimSpec(claim.spec);
}

function setDefaults(statefulSet: StatefulSet): void {
  statefulSet.spec ??= {} as Spec;
  const { spec } = statefulSet;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) defaultClaim(claim as Partial<PersistentVolumeClaim>);
  spec.podManagementPolicy ||= 'OrderedReady';
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  if (!updateStrategy.type) {
    updateStrategy.type = 'RollingUpdate';
    updateStrategy.rollingUpdate ??= { partition: 0 };
  }
  if (updateStrategy.type === 'RollingUpdate' && updateStrategy.rollingUpdate)
    updateStrategy.rollingUpdate.partition ??= 0;
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

function validateUpdateStrategy({ updateStrategy }: Spec): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (!type) return [required(path)];
  if (type === 'OnDelete')
    return rollingUpdate
      ? [invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
      : [];
  if (type !== 'RollingUpdate') return [invalid(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  const maxUnavailable = rollingUpdate?.maxUnavailable as IntOrString | undefined;
  const at = `${path}.rollingUpdate`;
  const errors = nonNegative(`${at}.partition`, rollingUpdate?.partition);
  if (maxUnavailable === undefined) return errors;
  return [
    ...errors,
    ...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...(intOrPercentValue(maxUnavailable) === 0
      ? [invalid(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0')]
      : []),
    ...validateNotOver100Percent(maxUnavailable, `${at}.maxUnavailable`),
  ];
}

const validateRetention = ({ persistentVolumeClaimRetentionPolicy: policy }: Spec): FieldError[] =>
  (['whenDeleted', 'whenScaled'] as const).flatMap((field) => {
    const value = policy?.[field] ?? 'Retain';
    return RETENTION.includes(value)
      ? []
      : [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, RETENTION)];
  });

/** The template's pod spec is not validated here: a stateful set with a bad one fails when it makes pods. */
function validate({ spec = {} as Spec }: StatefulSet): FieldError[] {
  const { podManagementPolicy: policy, template, selector } = spec;
  const errors: FieldError[] = [];
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (!POLICIES.includes(policy))
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(
    ...validateUpdateStrategy(spec),
    ...validateRetention(spec),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
  );
  return [
    ...errors,
    ...validateSelector(selector, 'statefulset'),
    ...validateTemplateLabels(template, selector),
    ...validateLabels(template?.metadata?.labels, 'spec.template.labels'),
    ...validateAnnotations(template?.metadata?.annotations, 'spec.template.annotations'),
    ...validateAlwaysRestarted(template, 'StatefulSet'),
  ];
}

const without = (spec: Spec | undefined, fields: readonly (keyof Spec)[]): Partial<Spec> =>
  Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !fields.includes(field as keyof Spec)));

function warnings({ spec }: StatefulSet): string[] {
  const found = spec?.template?.spec ? podWarnings(spec.template.spec, spec.template.metadata, 'spec.template.') : [];
  if ((spec?.revisionHistoryLimit ?? 0) < 0)
    found.push(
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    );
  return found;
}

const PARTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas'];

export const strategy: KindRules<StatefulSet> = {
  resource: 'statefulsets.apps',
  setDefaults,
  ...withStatus(() => ({ replicas: 0, availableReplicas: 0 })),
  validate,
  validateCreate: ({ spec }) => (spec?.serviceName ? label1123('spec.serviceName', spec.serviceName) : []),
  validateUpdate: ({ spec }, { spec: old }) =>
    same(without(spec, UPDATABLE), without(old, UPDATABLE)) ? [] : [forbidden('spec', NOT_UPDATABLE)],
  validateStatusUpdate: ({ status }) =>
    validateCounts(status as unknown as Record<string, unknown> | undefined, ['replicas', ...PARTS], PARTS),
  warnings,
};
