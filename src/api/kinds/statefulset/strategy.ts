import type { PersistentVolumeClaim, StatefulSet } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import type { StrategyContext } from '../kind.ts';
import { label1123, nonNegative, same } from '../shared/checks.ts';
import { claimSpecWarnings } from '../shared/claim-spec.ts';
import { type GoStructType, goStructSyntax } from '../shared/go-struct.ts';
import { labelName, validateAnnotations, validateLabels } from '../shared/object-meta.ts';
import { validatePodAnnotations } from '../shared/pod-annotations.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';
import { defaultClaimSpec } from '../shared/volume-defaults.ts';
import {
  validateAlwaysRestarted,
  validateCollisions,
  validateCounts,
  validateSelected,
  validateTemplateLabels,
} from '../shared/workloads.ts';

type Spec = NonNullable<StatefulSet['spec']>;

const POLICIES = ['OrderedReady', 'Parallel'];
const RETENTION = ['Retain', 'Delete'];
const ROLLING_UPDATE: GoStructType = {
  name: 'apps.RollingUpdateStatefulSetStrategy',
  fields: [
    ['Partition', 'partition', '0'],
    ['MaxUnavailable', 'maxUnavailable', '(*intstr.IntOrString)(nil)'],
  ],
};
const UPDATE_STRATEGY: GoStructType = {
  name: 'apps.StatefulSetUpdateStrategy',
  fields: [
    ['Type', 'type', '""'],
    ['RollingUpdate', 'rollingUpdate', '(*apps.RollingUpdateStatefulSetStrategy)(nil)'],
  ],
};
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
      ? [
          invalid(
            `${path}.rollingUpdate`,
            goStructSyntax(ROLLING_UPDATE, rollingUpdate),
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        ]
      : [];
  if (type !== 'RollingUpdate')
    return [
      invalid(path, goStructSyntax(UPDATE_STRATEGY, updateStrategy ?? {}), "must be 'RollingUpdate' or 'OnDelete'"),
    ];
  return nonNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition);
}

const validateRetention = ({ persistentVolumeClaimRetentionPolicy: policy }: Spec): FieldError[] =>
  (['whenDeleted', 'whenScaled'] as const).flatMap((field) => {
    const value = policy?.[field] ?? 'Retain';
    return RETENTION.includes(value)
      ? []
      : [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, RETENTION)];
  });

/** The template's pod spec is not validated here: a stateful set with a bad one fails when it makes pods. */
function validateTemplate({ template, selector }: Spec): FieldError[] {
  const { metadata = {}, spec = { containers: [] } } = template ?? {};
  return [
    ...validateTemplateLabels(template, selector),
    ...validateLabels(metadata.labels, 'spec.template.labels'),
    ...validateAnnotations(metadata.annotations, 'spec.template.annotations'),
    ...validatePodAnnotations(metadata.annotations, spec, 'spec.template.annotations'),
  ];
}

/** Names of services that were wrong before anybody looked stay what they are. */
const validateServiceName = ({ serviceName }: Spec): FieldError[] =>
  serviceName ? label1123('spec.serviceName', serviceName) : [];

function validate({ spec = {} as Spec }: StatefulSet, _: StrategyContext, old?: StatefulSet): FieldError[] {
  const { podManagementPolicy: policy, template, selector } = spec;
  const errors: FieldError[] = [];
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (!POLICIES.includes(policy))
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  return [
    ...errors,
    ...validateUpdateStrategy(spec),
    ...validateRetention(spec),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(old ? [] : validateServiceName(spec)),
    ...validateSelected(selector, 'statefulset', '', () => validateTemplate(spec)),
    ...validateAlwaysRestarted(template, 'StatefulSet'),
  ];
}

const without = (spec: Spec | undefined, fields: readonly (keyof Spec)[]): Partial<Spec> =>
  Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !fields.includes(field as keyof Spec)));

function warnings({ spec, metadata }: StatefulSet, old?: StatefulSet): string[] {
  const isChanged = !old || old.metadata.generation !== metadata.generation;
  const claims = (spec?.volumeClaimTemplates ?? []).flatMap((claim, index) =>
    claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}]${old ? '.Spec' : ''}`),
  );
  const history =
    (spec?.revisionHistoryLimit ?? 0) < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : [];
  return [...(isChanged ? templateWarnings(spec?.template) : []), ...claims, ...history];
}

/** The gate MaxUnavailableStatefulSet is off. */
function dropMaxUnavailable({ spec }: StatefulSet): void {
  delete spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}

const common = withTemplate<StatefulSet>(
  withStatus(() => ({ replicas: 0, availableReplicas: 0 })),
  ({ spec }) => spec?.template,
);

const PARTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];

export const strategy: KindRules<StatefulSet> = {
  resource: 'statefulsets.apps',
  updateChecks: ['metadata', 'spec', 'changes'],
  nameRule: labelName,
  setDefaults,
  prepareForCreate: (statefulSet, context) => {
    dropMaxUnavailable(statefulSet);
    common.prepareForCreate?.(statefulSet, context);
  },
  prepareForUpdate: (statefulSet, old, context) => {
    dropMaxUnavailable(statefulSet);
    common.prepareForUpdate?.(statefulSet, old, context);
  },
  validate,
  validateUpdate: ({ spec }, { spec: old }) =>
    same(without(spec, UPDATABLE), without(old, UPDATABLE)) ? [] : [forbidden('spec', NOT_UPDATABLE)],
  validateStatusUpdate: (statefulSet, old) => [
    ...validateCounts(
      statefulSet.status,
      ['replicas', ...PARTS, 'observedGeneration', 'collisionCount'],
      PARTS,
      'status.readyReplicas',
    ),
    ...validateCollisions(statefulSet, old),
  ],
  warnings,
};
