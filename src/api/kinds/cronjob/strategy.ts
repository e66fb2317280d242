import type { CronJob } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { nonNegative, oneOf } from '../shared/checks.ts';
import { cronError } from '../shared/cron.ts';
import { goLabelSelector } from '../shared/go-value.ts';
import { validateJobSpec } from '../shared/job-spec.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { templateWarnings } from '../shared/pod-warnings.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type Spec = NonNullable<CronJob['spec']>;

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];
const MAX_NAME_LENGTH = 52;

function setDefaults(cronJob: CronJob): void {
  cronJob.spec ??= {} as Spec;
  const { spec } = cronJob;
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  spec.jobTemplate ??= {};
  spec.jobTemplate.spec ??= { template: {} };
  spec.jobTemplate.spec.template ??= {};
  defaultPodTemplate(spec.jobTemplate.spec.template);
}

function validateSchedule(schedule: string | undefined): FieldError[] {
  if (!schedule) return [required('spec.schedule')];
  const problem = cronError(schedule);
  const errors = problem ? [invalid('spec.schedule', schedule, problem)] : [];
  if (schedule.includes('TZ'))
    errors.push(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  return errors;
}

function isKnownTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function validateTimeZone(zone: string | undefined): FieldError[] {
  const at = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(at, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local')
    return [invalid(at, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  return isKnownTimeZone(zone) ? [] : [invalid(at, zone, `unknown time zone ${zone}`)];
}

function validate({ spec = {} as Spec }: CronJob): FieldError[] {
  const job = spec.jobTemplate.spec!;
  const path = 'spec.jobTemplate.spec';
  const errors = [
    ...validateSchedule(spec.schedule),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...validateTimeZone(spec.timeZone),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, CONCURRENCY),
    ...validateJobSpec(job, path),
  ];
  if (job.selector)
    errors.push(invalid(`${path}.selector`, goLabelSelector(job.selector), '`selector` will be auto-generated'));
  if (job.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
  return [
    ...errors,
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
}

export const strategy: KindRules<CronJob> = {
  resource: 'cronjobs.batch',
  setDefaults,
  ...withStatus(() => ({})),
  validate,
  validateCreate: ({ metadata: { name = '' } }) =>
    name.length > MAX_NAME_LENGTH
      ? [invalid('metadata.name', name, `must be no more than ${MAX_NAME_LENGTH} characters`)]
      : [],
  warnings: ({ spec }) => templateWarnings(spec?.jobTemplate.spec?.template, 'spec.jobTemplate.spec.template'),
};
