import type { CronJob } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import type { StrategyContext } from '../kind.ts';
import { nonNegative, oneOf } from '../shared/checks.ts';
import { cronError } from '../shared/cron.ts';
import { goLabelSelector } from '../shared/go-value.ts';
import { jobWarnings, validateJobSpec } from '../shared/job-spec.ts';
import { defaultPodTemplate } from '../shared/pod-defaults.ts';
import { type KindRules, withStatus, withTemplate } from '../shared/strategy.ts';

type Spec = NonNullable<CronJob['spec']>;

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];
const MAX_NAME_LENGTH = 52;
const NO_ZONE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

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

/** A schedule that names its zone is refused, unless the one before did so too. */
function validateSchedule({ schedule, timeZone }: Spec, old: Spec | undefined): FieldError[] {
  const at = 'spec.schedule';
  if (!schedule) return [required(at)];
  const problem = cronError(schedule);
  const errors = problem ? [invalid(at, schedule, problem)] : [];
  if (!schedule.includes('TZ')) return errors;
  if (!old?.schedule.includes('TZ'))
    errors.push(invalid(at, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (timeZone !== undefined)
    errors.push(invalid(at, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  return errors;
}

/** Go finds zones as files: their names are what they are in upper and lower case, and links are names too. */
function isKnownTimeZone(zone: string): boolean {
  if (/^local$/i.test(zone)) return zone === 'Local';
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
    return known.toLowerCase() === zone.toLowerCase() ? known === zone : /^[A-Z]/.test(zone);
  } catch {
    return false;
  }
}

const isZonePart = (part: string): boolean =>
  part !== '.' && part !== '..' && !part.startsWith('-') && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part);

function validateTimeZone(zone: string | undefined): FieldError[] {
  const at = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(at, zone, 'timeZone must be nil or non-empty string')];
  const unknown = invalid(at, zone, `unknown time zone ${zone}`);
  if (/[^/]\.\.|\.\.[^/]/.test(zone)) return [invalid(at, zone, 'time: invalid location name')];
  if (!zone.split('/').every(isZonePart)) return [unknown];
  const errors = /^local$/i.test(zone)
    ? [invalid(at, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
    : [];
  return isKnownTimeZone(zone) ? errors : [...errors, unknown];
}

function validate({ spec = {} as Spec }: CronJob, _: StrategyContext, old?: CronJob): FieldError[] {
  const job = spec.jobTemplate.spec!;
  const path = 'spec.jobTemplate.spec';
  const errors = [
    ...validateSchedule(spec, old?.spec),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(old && old.spec?.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
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
  updateChecks: ['metadata', 'spec', 'changes'],
  subresourceChecks: { status: ['changes'] },
  setDefaults,
  ...withTemplate(
    withStatus(() => ({})),
    ({ spec }) => spec?.jobTemplate.spec?.template,
  ),
  validate,
  validateCreate: ({ metadata: { name = '' } }) =>
    name.length > MAX_NAME_LENGTH
      ? [invalid('metadata.name', name, `must be no more than ${MAX_NAME_LENGTH} characters`)]
      : [],
  warnings: (cronJob, old) => [
    ...jobWarnings(cronJob, old, cronJob.spec?.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...(old && cronJob.spec?.schedule.includes('TZ') ? [NO_ZONE] : []),
  ],
};
