import chalk from 'chalk';
import { UserError } from '../../../base/user-error.ts';
import { type Lab, LabError, LEVELS } from '../../../lab/format/lab.ts';
import { readLab, SERIES, shippedFiles } from '../../../lab/library.ts';
import type { LabProgress } from '../../../lab/progress.ts';
import { percent } from '../../../lab/score.ts';
import type { ProcessStreams } from '../../streams.ts';
import { plainTable } from '../../table.ts';
import { progressOf } from './playing.ts';

/** The columns that only a terminal of so many has room for. */
const WIDE = 120;
const COLUMNS: { head: string; of: (lab: Lab) => string; wide?: boolean }[] = [
  { head: 'ID', of: ({ id }) => id },
  { head: 'TIME', of: ({ minutes }) => `${minutes} min`, wide: true },
  { head: 'LEVEL', of: ({ level }) => level },
  { head: 'TITLE', of: ({ title }) => title },
  { head: 'TOPIC', of: ({ topic }) => topic, wide: true },
];

/** `kubemu lab list` */
export function list(streams: ProcessStreams, filter: { series?: string; level?: string; json?: boolean }): void {
  oneOf(filter.series, SERIES, 'series');
  oneOf(filter.level, [...LEVELS], 'level');
  const labs = shippedFiles()
    .map(readable)
    .filter((lab): lab is Lab => lab !== undefined)
    .filter(({ series, level }) => (filter.series ?? series) === series && (filter.level ?? level) === level);
  const progress = progressOf(process.env).read();
  if (filter.json) {
    const rows = labs.map(({ id, series, title, level, minutes, topic, version, tasks }) => ({
      id,
      series,
      title,
      level,
      minutes,
      topic,
      version,
      tasks: tasks.length,
      ...summary(progress[id]),
    }));
    streams.out(`${JSON.stringify(rows, undefined, 2)}\n`);
    return;
  }
  for (const series of SERIES) {
    const rows = labs.filter((lab) => lab.series === series);
    if (rows.length === 0) continue;
    streams.out(`${chalk.bold(series)}\n`);
    const columns = streams.stdoutIsTerminal ? streams.columns : Number.POSITIVE_INFINITY;
    const shown = COLUMNS.filter(({ wide }) => !wide || columns >= WIDE);
    const cells = rows.map((lab) => [standing(progress[lab.id]), ...shown.map(({ of }) => of(lab))]);
    streams.out(`${plainTable(['', ...shown.map(({ head }) => head)], cells, columns)}\n`);
  }
  streams.out(`Begin one with: kubemu lab start ID\n`);
}

function oneOf(word: string | undefined, words: string[], option: string): void {
  if (word !== undefined && !words.includes(word))
    throw new UserError(`there is no ${option} ${word}: there are ${words.join(', ')}`);
}

/** A lab that cannot be read is the author's to find: `kubemu lab verify` says why. */
function readable(file: string): Lab | undefined {
  try {
    return readLab(file);
  } catch (error) {
    if (error instanceof LabError) return undefined;
    throw error;
  }
}

const summary = (progress: LabProgress | undefined) => ({
  attempts: progress?.attempts ?? 0,
  running: progress?.run !== undefined && !progress.run.submitted,
  ...(progress?.best && { best: percent(progress.best), passed: progress.best.passed }),
});

function standing(progress: LabProgress | undefined): string {
  if (progress?.best) {
    const shown = `${percent(progress.best)} %`;
    return progress.best.passed ? chalk.green(`✓ ${shown}`) : shown;
  }
  return progress?.run ? '…' : '';
}
