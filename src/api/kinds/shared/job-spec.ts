import type { Job, KubeObject } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required, tooLong } from '../../machinery/field-errors.ts';
import { nonNegative } from './checks.ts';
import { domainPrefixedPath } from './domains.ts';
import { validatePodFailurePolicy } from './pod-failure-policy.ts';
import { validatePodTemplate } from './pod-spec.ts';
import { nameWarnings, templateWarnings } from './pod-warnings.ts';
import { validateSuccessPolicy } from './success-policy.ts';

export type JobSpec = NonNullable<Job['spec']>;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const MODES = ['NonIndexed', 'Indexed'];
const MAX_INDEXES = 100_000;
const MANY_COMPLETIONS = 100_000;
const MAX_PARALLELISM_FOR_MANY = 10_000;
const MAX_MANAGER_LENGTH = 63;

function validateManager(name: string, path: string): FieldError[] {
  const errors = domainPrefixedPath(path, name);
  return name.length > MAX_MANAGER_LENGTH ? [...errors, tooLong(path, '', MAX_MANAGER_LENGTH)] : errors;
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism !== undefined && parallelism > MAX_INDEXES)
    errors.push(
      invalid(
        `${path}.parallelism`,
        parallelism,
        `must be less than or equal to ${MAX_INDEXES} when completion mode is Indexed`,
      ),
    );
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > MAX_INDEXES)
    errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${MAX_INDEXES}`));
  if (completions !== undefined && completions > MANY_COMPLETIONS && backoffLimitPerIndex !== undefined) {
    if (maxFailedIndexes === undefined)
      errors.push(
        required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`),
      );
    for (const [field, value] of Object.entries({ parallelism, maxFailedIndexes }))
      if (value !== undefined && value > MAX_PARALLELISM_FOR_MANY)
        errors.push(
          invalid(
            `${path}.${field}`,
            value,
            `must be less than or equal to ${MAX_PARALLELISM_FOR_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`,
          ),
        );
  }
  return errors;
}

function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])];
  if (spec.podFailurePolicy && policy !== 'Never')
    return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')];
  return [];
}

/** validateJobSpec: what jobs and the templates of cron jobs have in common. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of COUNTS) errors.push(...nonNegative(`${path}.${field}`, spec[field]));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) errors.push(...validateManager(spec.managedBy, `${path}.managedBy`));
  const mode = spec.completionMode ?? 'NonIndexed';
  if (!MODES.includes(mode)) errors.push(notSupported(`${path}.completionMode`, mode, MODES));
  if (mode === 'Indexed') errors.push(...validateIndexed(spec, path));
  if (mode === 'NonIndexed')
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (spec[field] !== undefined)
        errors.push(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
  if (spec.podFailurePolicy) errors.push(...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`));
  if (spec.successPolicy) errors.push(...validateSuccessPolicy(spec, `${path}.successPolicy`));
  const replacement = spec.podReplacementPolicy;
  if (replacement !== undefined) {
    const allowed = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
    if (!allowed.includes(replacement)) errors.push(notSupported(`${path}.podReplacementPolicy`, replacement, allowed));
  }
  return [
    ...errors,
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

const MANY_AT_ONCE = 10_000;
const TOO_MANY =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

/** What a job, or a cron job with its job's spec at `path`, is warned of. */
export function jobWarnings(
  object: KubeObject,
  old: KubeObject | undefined,
  spec: JobSpec | undefined,
  path: string,
): string[] {
  if (old && old.metadata.generation === object.metadata.generation) return [];
  const { completionMode, completions = 0, parallelism = 0 } = spec ?? {};
  const isHuge = completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE;
  return [
    ...(old ? [] : nameWarnings(object)),
    ...(isHuge ? [`${path}: ${TOO_MANY}`] : []),
    ...templateWarnings(spec?.template, `${path}.template`),
  ];
}
