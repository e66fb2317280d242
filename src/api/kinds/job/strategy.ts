import { isDns1123Label } from '../../../base/names.ts';
import type { Job, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { immutable } from '../shared/checks.ts';
import { goPodTemplate } from '../shared/go-pod-template.ts';
import { type GoStructType, goStructSyntax } from '../shared/go-struct.ts';
import { goLabelSelector, goLabels } from '../shared/go-value.ts';
import { type JobSpec, jobWarnings, validateJobSpec } from '../shared/job-spec.ts';
import { selects, validateLabelSelector } from '../shared/label-selector.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { POD_FAILURE_POLICY } from '../shared/pod-failure-policy.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';
import { SUCCESS_POLICY } from '../shared/success-policy.ts';
import { validateStatusUpdate } from './status.ts';

const UID = 'batch.kubernetes.io/controller-uid';
const NAME = 'batch.kubernetes.io/job-name';
const LEGACY_UID = 'controller-uid';
const LEGACY_NAME = 'job-name';
const DEFAULT_BACKOFF = 6;
const MAX_INT32 = 2 ** 31 - 1;
const common = withTemplate<Job>(
  withStatus(() => ({})),
  ({ spec }) => spec?.template,
);
type Affinity = NonNullable<PodSpec['affinity']>;

function labelAsTemplate({ metadata, spec }: Job): void {
  const labels = spec?.template.metadata?.labels;
  // One map, as in Go: what is generated later is in both.
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
}

function setDefaults(job: Job): void {
  job.spec ??= {} as JobSpec;
  const { spec } = job;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? DEFAULT_BACKOFF : MAX_INT32;
  labelAsTemplate(job);
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of onPodConditions ?? []) pattern.status ||= 'True';
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

/** generateSelector: a job finds its pods by its own uid, unless its author says how. */
function generateSelector(job: Job): void {
  const spec = job.spec!;
  if (spec.manualSelector) return;
  const { uid = '', name = '' } = job.metadata;
  const labels = { [LEGACY_NAME]: name, [NAME]: name, [LEGACY_UID]: uid, [UID]: uid };
  spec.template.metadata ??= {};
  const { metadata } = spec.template;
  metadata.labels = Object.assign(metadata.labels ?? {}, { ...labels, ...metadata.labels });
  spec.selector ??= { matchLabels: {} };
  spec.selector.matchLabels = { [UID]: uid, ...spec.selector.matchLabels };
}

function labelError(template: PodTemplateSpec, key: string, expected: string): FieldError[] {
  const path = 'spec.template.metadata.labels';
  const value = template.metadata?.labels?.[key];
  if (value === undefined) return [required(`${path}[${key}]`, `must be '${expected}'`)];
  return value === expected ? [] : [invalid(`${path}[${key}]`, template.metadata?.labels, `must be '${expected}'`)];
}

function validateGenerated({ metadata, spec }: Job): FieldError[] {
  if (spec?.manualSelector || !spec?.selector) return [];
  const { uid = '', name = '' } = metadata;
  const expected = { [LEGACY_UID]: uid, [LEGACY_NAME]: name, [UID]: uid, [NAME]: name };
  const errors = Object.entries(expected).flatMap(([key, value]) => labelError(spec.template, key, value));
  if (validateLabelSelector(spec.selector, '').length === 0 && !selects(spec.selector, expected))
    errors.push(invalid('spec.selector', goLabelSelector(spec.selector), '`selector` not auto-generated'));
  return errors;
}

function validate(job: Job): FieldError[] {
  const spec = job.spec!;
  const labels = spec.template?.metadata?.labels;
  const wrong = validateLabelSelector(spec.selector, 'spec.selector');
  const errors = [
    ...validateGenerated(job),
    ...validateJobSpec(spec, 'spec'),
    ...(spec.selector ? wrong : [required('spec.selector')]),
  ];
  if (wrong.length === 0 && !(spec.selector && selects(spec.selector, labels)))
    errors.push(
      invalid('spec.template.metadata.labels', goLabels(labels), '`selector` does not match template `labels`'),
    );
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const hostname = `${job.metadata.name ?? ''}-${spec.completions! - 1}`;
    if (isDns1123Label(hostname).length > 0)
      errors.push(
        invalid(
          'metadata.name',
          job.metadata.name ?? '',
          `will not able to create pod with invalid DNS label: ${hostname}`,
        ),
      );
  }
  return errors;
}

/** Fields that no update changes, after the template; how their values print where they are structs. */
const IMMUTABLE: [field: keyof JobSpec, type?: GoStructType][] = [
  ['completionMode'],
  ['podFailurePolicy', POD_FAILURE_POLICY],
  ['backoffLimitPerIndex'],
  ['managedBy'],
  ['successPolicy', SUCCESS_POLICY],
];

/** What a suspended job that never started may still change in its template, beside its node affinity. */
const SCHEDULING = ['nodeSelector', 'tolerations', 'schedulingGates'] as const;

const withNodeAffinityOf = (affinity: Affinity | undefined, old: Affinity | undefined): Affinity | undefined => {
  const merged = { ...affinity, nodeAffinity: old?.nodeAffinity };
  return Object.values(merged).some(Boolean) ? merged : undefined;
};

function withSchedulingOf(template: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  const spec = { ...template.spec!, affinity: withNodeAffinityOf(template.spec?.affinity, old.spec?.affinity) };
  for (const field of SCHEDULING) Object.assign(spec, { [field]: old.spec?.[field] });
  const { labels, annotations } = old.metadata ?? {};
  return { ...template, metadata: { ...template.metadata, labels, annotations }, spec };
}

function validateUpdate(job: Job, oldJob: Job): FieldError[] {
  const [spec, old] = [job.spec!, oldJob.spec!];
  const errors: FieldError[] = [];
  if (spec.completionMode !== 'Indexed')
    errors.push(...immutable('spec.completions', spec.completions, old.completions));
  else if (
    spec.completions !== undefined &&
    spec.completions !== old.completions &&
    spec.completions !== spec.parallelism
  )
    errors.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'));
  errors.push(...immutable('spec.selector', spec.selector, old.selector, goLabelSelector(spec.selector)));
  const mayReschedule = old.suspend === true && oldJob.status?.startTime === undefined;
  const template = mayReschedule ? withSchedulingOf(spec.template, old.template) : spec.template;
  errors.push(...immutable('spec.template', template, old.template, goPodTemplate(spec.template)));
  for (const [field, type] of IMMUTABLE) {
    const value = spec[field];
    const shown = type && value ? goStructSyntax(type, value as object) : value;
    errors.push(...immutable(`spec.${field}`, value, old[field], shown));
  }
  return errors;
}

export const strategy: KindRules<Job> = {
  resource: 'jobs.batch',
  updateChecks: ['object', 'metadata', 'spec', 'changes'],
  setDefaults,
  prepareForCreate: (job, context) => {
    generateSelector(job);
    common.prepareForCreate?.(job, context);
  },
  prepareForUpdate: common.prepareForUpdate,
  validate,
  validateUpdate,
  validateStatusUpdate,
  warnings: (job, old) => jobWarnings(job, old, job.spec, 'spec'),
  defaultDeletion: 'orphan',
  deletionWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
};
