import { humanDuration } from '../../../base/duration.ts';
import { parseTime } from '../../../base/time.ts';
import type { Job } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, templateCells } from '../shared/cells.ts';

/** Conditions that name a job's state, the first that is true. */
const STATES: [condition: string, word: string][] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
];

function status(job: Job): string {
  const holds = (condition: string) =>
    condition === ''
      ? job.metadata.deletionTimestamp !== undefined
      : job.status?.conditions?.some(({ type, status }) => type === condition && status === 'True');
  return STATES.find(([condition]) => holds(condition))?.[1] ?? 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? parseTime(status.completionTime) : now;
  return humanDuration(end - parseTime(status.startTime));
}

export const view: KindView<Job> = {
  cells: {
    Status: status,
    Completions: completions,
    Duration: duration,
    ...templateCells,
    Selector: ({ spec }) => formatLabelSelector(spec?.selector),
  },
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
};
