import { isDns1123Subdomain } from '../../../base/names.ts';
import type { Job } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required, tooLong, tooMany } from '../../machinery/field-errors.ts';
import { each, nonNegative, qualifiedName } from './checks.ts';
import { validatePodTemplate } from './pod-spec.ts';

export type JobSpec = NonNullable<Job['spec']>;
type Rule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];

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
const MAX_RULES = 20;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];

/** IsDomainPrefixedPath */
function validateManager(name: string, path: string): FieldError[] {
  const slash = name.indexOf('/');
  if (name === '') return [required(path)];
  if (slash < 0) return [invalid(path, name, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = isDns1123Subdomain(name.slice(0, slash)).map((message) =>
    invalid(path, name.slice(0, slash), message),
  );
  return name.length > MAX_MANAGER_LENGTH ? [...errors, tooLong(path, '', MAX_MANAGER_LENGTH)] : errors;
}

function validateRule(rule: Rule, spec: JobSpec, path: string): FieldError[] {
  const { action, onExitCodes, onPodConditions } = rule;
  const errors: FieldError[] = [];
  if (!action) errors.push(required(`${path}.action`, `valid values: ${ACTIONS.map((a) => `"${a}"`).join(', ')}`));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action, ACTIONS));
  if (onExitCodes) {
    const at = `${path}.onExitCodes`;
    const { operator, containerName } = onExitCodes;
    const values = onExitCodes.values ?? [];
    if (!OPERATORS.includes(operator)) errors.push(notSupported(`${at}.operator`, operator ?? '', OPERATORS));
    const names = [...(spec.template.spec?.containers ?? []), ...(spec.template.spec?.initContainers ?? [])];
    if (containerName && !names.some(({ name }) => name === containerName))
      errors.push(
        invalid(
          `${at}.containerName`,
          containerName,
          'must be one of the container or initContainer names in the pod template',
        ),
      );
    if (values.length === 0) errors.push(invalid(`${at}.values`, values, 'at least one value is required'));
    errors.push(
      ...each(values, `${at}.values`, (value, valuePath) =>
        value === 0 && operator === 'In' ? [invalid(valuePath, value, 'must not be 0 for the In operator')] : [],
      ),
    );
  }
  errors.push(
    ...each(onPodConditions, `${path}.onPodConditions`, ({ type, status }, at) => [
      ...qualifiedName(`${at}.type`, type),
      ...(status && !['True', 'False', 'Unknown'].includes(status)
        ? [notSupported(`${at}.status`, status, ['False', 'True', 'Unknown'])]
        : []),
    ]),
  );
  if (onExitCodes && onPodConditions?.length)
    errors.push(invalid(path, '', 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && !onPodConditions?.length)
    errors.push(invalid(path, '', 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
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
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > MAX_RULES) errors.push(tooMany(`${path}.podFailurePolicy.rules`, rules.length, MAX_RULES));
  errors.push(...each(rules, `${path}.podFailurePolicy.rules`, (rule, at) => validateRule(rule, spec, at)));
  if (spec.successPolicy && mode !== 'Indexed')
    errors.push(invalid(`${path}.successPolicy`, spec.successPolicy, 'requires indexed completion mode'));
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
