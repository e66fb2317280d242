import { diffOf, type Paint, PLAIN } from './diff.ts';
import { type FileReport, placeOf, shown, summarise } from './report.ts';

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** The report that a person reads. */
export function textReport(reports: readonly FileReport[], paint: Paint = PLAIN): string {
  const blocks = reports.flatMap((report) => blocksOf(report, paint));
  const { files, commands, different, unusable, updated } = summarise(reports);
  const facts = [
    different > 0 && `${different} different`,
    updated > 0 && `${updated} rewritten`,
    unusable > 0 && `${count(unusable, 'file')} cannot be used`,
  ].filter((fact) => fact !== false);
  const verdict = facts.length > 0 ? facts.join(', ') : 'all as expected';
  const hint =
    different > 0 ? '- is what the file says, + is what came out. If that is right: kubemu test --update\n' : '';
  return `${blocks.map((block) => `${block}\n\n`).join('')}${count(files, 'file')}, ${count(commands, 'command')}: ${verdict}.\n${hint}`;
}

function blocksOf({ file, results, problem, updated }: FileReport, paint: Paint): string[] {
  const differences =
    updated !== undefined
      ? []
      : results
          .filter(({ ok }) => !ok)
          .map((result) =>
            [paint.strong(`${placeOf(file, result.step.line)}: ${shown(result.step)}`), ...diffOf(result, paint)].join(
              '\n',
            ),
          );
  return [...differences, ...(problem ? [`${paint.strong(placeOf(file, problem.line))}: ${problem.message}`] : [])];
}
