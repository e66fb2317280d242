import type { Job } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, OMITTED, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, nonNegative, same } from '../shared/checks.ts';
import { goStructSyntax } from '../shared/go-struct.ts';
import { parseIndexes } from '../shared/indexes.ts';

type Status = NonNullable<Job['status']>;
type Rule = (change: Change) => FieldError[];

/** A job's status before and after, and what its conditions say. */
interface Change {
  job: Job;
  old: Job;
  now: Status;
  before: Status;
  is(type: string): boolean;
  was(type: string): boolean;
}

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;
const UNCOUNTED = {
  name: 'batch.UncountedTerminatedPods',
  fields: [
    ['Succeeded', 'succeeded', '[]types.UID(nil)'],
    ['Failed', 'failed', '[]types.UID(nil)'],
  ],
} as const;

/** A metav1.Time as errors print it: `2026-11-21 04:13:03 +0000 UTC`. */
const goTime = (time: string | undefined): GoSyntax =>
  new GoSyntax((time ?? '').replace('T', ' ').replace('Z', ' +0000 UTC'));

const isTrue = ({ conditions }: Status, type: string): boolean =>
  conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
const isFinished = (is: (type: string) => boolean): boolean => is('Complete') || is('Failed');

const refuse = (field: keyof Status, value: unknown, detail: string): FieldError[] => [
  invalid(`status.${field}`, value, detail),
];
const contradiction = (detail: string): FieldError[] => refuse('conditions', OMITTED, detail);

const changed = ({ now, before }: Change, ...fields: (keyof Status)[]): boolean =>
  fields.some((field) => !same(now[field], before[field]));
const flipped = ({ is, was }: Change, ...types: string[]): boolean => types.some((type) => is(type) !== was(type));
const finishFlipped = ({ is, was }: Change): boolean => isFinished(is) !== isFinished(was);

function uncountedPods({ now }: Change): FieldError[] {
  const seen = new Set<string>();
  const { succeeded, failed } = now.uncountedTerminatedPods ?? {};
  return Object.entries({ succeeded, failed }).flatMap(([list, uids]) =>
    each(uids, `status.uncountedTerminatedPods.${list}`, (uid, at) => {
      if (uid === '') return [invalid(at, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(at, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

/** `1,3-5` as pairs; parts that cannot be read are left out. */
const intervals = (text: string): [number, number][] =>
  text
    .split(',')
    .map((part): [number, number] => {
      const [first, last = first] = part.split('-').map(Number);
      return [first!, last!];
    })
    .filter(([first, last]) => !Number.isNaN(first) && !Number.isNaN(last));

function overlap(completed: string, failed: string): number | undefined {
  for (const [start, end] of intervals(completed))
    for (const [from, to] of intervals(failed)) if (start <= to && from <= end) return Math.max(start, from);
  return undefined;
}

function indexesOf(field: 'completedIndexes' | 'failedIndexes', { now, job }: Change): FieldError[] {
  const text = now[field];
  const { completions } = job.spec ?? {};
  if (text === undefined || completions === undefined) return [];
  const { problem } = parseIndexes(text, completions);
  return problem === undefined ? [] : refuse(field, text, `error parsing ${field}: ${problem}`);
}

/** A rule that only holds when its subject changes: what is wrong already may stay. Little is wrong, so that is asked first. */
const when =
  (applies: (change: Change) => boolean, wrong: (change: Change) => boolean, error: Rule): Rule =>
  (change) =>
    wrong(change) && applies(change) ? error(change) : [];
const always = () => true;

/** validateJobStatus, in its order. */
const RULES: Rule[] = [
  ({ now }) => COUNTS.flatMap((field) => nonNegative(`status.${field}`, now[field])),
  uncountedPods,
  when(
    (c) => flipped(c, 'Complete', 'Failed'),
    ({ is }) => is('Complete') && is('Failed'),
    () => contradiction('cannot set Complete=True and Failed=true conditions'),
  ),
  when(
    (c) => flipped(c, 'Complete', 'FailureTarget'),
    ({ is }) => is('Complete') && is('FailureTarget'),
    () => contradiction('cannot set Complete=True and FailureTarget=true conditions'),
  ),
  when(
    (c) => flipped(c, 'Complete') || changed(c, 'completionTime'),
    ({ is, now }) => now.completionTime !== undefined && !is('Complete'),
    ({ now }) =>
      refuse(
        'completionTime',
        goTime(now.completionTime),
        'cannot set completionTime when there is no Complete=True condition',
      ),
  ),
  when(
    (c) => flipped(c, 'Complete') || changed(c, 'completionTime'),
    ({ is, now }) => now.completionTime === undefined && is('Complete'),
    () => [required('status.completionTime', 'completionTime is required for Complete jobs')],
  ),
  when(
    (c) => changed(c, 'startTime', 'completionTime'),
    ({ now }) => Date.parse(now.completionTime ?? '') < Date.parse(now.startTime ?? ''),
    ({ now }) => refuse('completionTime', goTime(now.completionTime), 'completionTime cannot be set before startTime'),
  ),
  when(
    (c) => flipped(c, 'Failed') || changed(c, 'failedIndexes'),
    ({ is }) => is('Failed') && !is('FailureTarget'),
    () => contradiction('cannot set Failed=True condition without the FailureTarget=true condition'),
  ),
  when(
    (c) => flipped(c, 'Complete', 'SuccessCriteriaMet'),
    ({ is }) => is('Complete') && !is('SuccessCriteriaMet'),
    () => contradiction('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
  ),
  when(
    (c) => finishFlipped(c) || changed(c, 'active'),
    ({ is, now }) => (now.active ?? 0) > 0 && isFinished(is),
    ({ now }) => refuse('active', now.active, 'active>0 is invalid for finished job'),
  ),
  when(
    (c) => (finishFlipped(c) || changed(c, 'startTime')) && !(c.job.spec?.suspend && c.job.spec.completions === 0),
    ({ is, now }) => now.startTime === undefined && isFinished(is),
    () => [required('status.startTime', 'startTime is required for finished job')],
  ),
  when(
    (c) => finishFlipped(c) || changed(c, 'uncountedTerminatedPods'),
    ({ is, now: { uncountedTerminatedPods: pods } }) =>
      isFinished(is) && (pods?.failed?.length ?? 0) + (pods?.succeeded?.length ?? 0) > 0,
    ({ now }) =>
      refuse(
        'uncountedTerminatedPods',
        goStructSyntax(UNCOUNTED, now.uncountedTerminatedPods!),
        'uncountedTerminatedPods needs to be empty for finished job',
      ),
  ),
  (c) => (changed(c, 'completedIndexes') ? indexesOf('completedIndexes', c) : []),
  (c) =>
    changed(c, 'failedIndexes') && c.job.spec?.backoffLimitPerIndex !== undefined ? indexesOf('failedIndexes', c) : [],
  when(
    (c) => changed(c, 'completedIndexes'),
    ({ now, job }) => Boolean(now.completedIndexes) && job.spec?.completionMode !== 'Indexed',
    ({ now }) =>
      refuse(
        'completedIndexes',
        now.completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
  ),
  when(
    (c) => changed(c, 'failedIndexes'),
    ({ now, job }) => now.failedIndexes !== undefined && job.spec?.backoffLimitPerIndex === undefined,
    ({ now }) =>
      refuse('failedIndexes', now.failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
  ),
  (c) => {
    if (!changed(c, 'failedIndexes', 'completedIndexes') || c.job.spec?.completions === undefined) return [];
    const index = overlap(c.now.completedIndexes ?? '', c.now.failedIndexes ?? '');
    if (index === undefined || !c.now.completedIndexes || !c.now.failedIndexes) return [];
    return refuse(
      'failedIndexes',
      c.now.failedIndexes,
      `failedIndexes and completedIndexes overlap at index: ${index}`,
    );
  },
  when(
    (c) => finishFlipped(c) || changed(c, 'terminating'),
    ({ is, now }) => (now.terminating ?? 0) > 0 && isFinished(is),
    ({ now }) => refuse('terminating', now.terminating, 'terminating>0 is invalid for finished job'),
  ),
  when(
    (c) => changed(c, 'ready', 'active'),
    ({ now }) => typeof now.ready === 'number' && now.ready > (now.active ?? 0),
    ({ now }) => refuse('ready', now.ready, 'cannot set more ready pods than active'),
  ),
  when(
    always,
    ({ is }) => is('SuccessCriteriaMet') && is('Failed'),
    () => contradiction('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
  ),
  when(
    always,
    ({ is }) => is('SuccessCriteriaMet') && is('FailureTarget'),
    () => contradiction('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
  ),
  when(
    always,
    ({ is, job }) => job.spec?.successPolicy !== undefined && is('Complete') && !is('SuccessCriteriaMet'),
    () => contradiction('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
  ),
  ...['Failed', 'Complete', 'FailureTarget'].map((type) =>
    when(
      always,
      ({ is, was }) => was(type) && !is(type),
      () => contradiction(`cannot disable the terminal ${type}=True condition`),
    ),
  ),
  when(
    always,
    ({ now, before }) => (now.failed ?? 0) < (before.failed ?? 0),
    ({ now }) => refuse('failed', now.failed ?? 0, 'cannot decrease the failed counter'),
  ),
  when(
    ({ job: { spec } }) => spec?.completionMode !== 'Indexed' || spec.completions !== spec.parallelism,
    ({ now, before }) => (now.succeeded ?? 0) < (before.succeeded ?? 0),
    ({ now }) => refuse('succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter'),
  ),
  when(
    always,
    ({ now, before }) =>
      now.completionTime !== undefined &&
      before.completionTime !== undefined &&
      now.completionTime !== before.completionTime,
    ({ now }) => refuse('completionTime', goTime(now.completionTime), 'completionTime cannot be mutated'),
  ),
  when(
    (c) => changed(c, 'startTime') && !isResumed(c),
    ({ before, job }) => before.startTime !== undefined && !job.spec?.suspend,
    () => [required('status.startTime', 'startTime cannot be removed for unsuspended job')],
  ),
  when(
    always,
    ({ is, was }) => was('SuccessCriteriaMet') && !is('SuccessCriteriaMet'),
    () => contradiction('cannot disable the SuccessCriteriaMet=True condition'),
  ),
  when(
    always,
    ({ is, was }) => was('Complete') && !was('SuccessCriteriaMet') && is('SuccessCriteriaMet'),
    () => contradiction('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
  ),
];

const isResumed = ({ now, was }: Change): boolean =>
  was('Suspended') && (now.conditions?.some(({ type, status }) => type === 'Suspended' && status === 'False') ?? false);

/** ValidateJobStatusUpdate with the options that 1.33 gives it. */
export function validateStatusUpdate(job: Job, old: Job): FieldError[] {
  const [now, before] = [job.status ?? {}, old.status ?? {}];
  const change: Change = {
    job,
    old,
    now,
    before,
    is: (type) => isTrue(now, type),
    was: (type) => isTrue(before, type),
  };
  return RULES.flatMap((rule) => rule(change));
}
