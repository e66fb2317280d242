import { diffOf } from './diff.ts';
import { type FileReport, placeOf, shown } from './report.ts';

/** The report as the Test Anything Protocol has it. */
export function tapReport(reports: readonly FileReport[]): string {
  const points = reports.flatMap(({ file, results, problem, updated }) => [
    ...results.map((result) => ({
      ok: result.ok || updated !== undefined,
      name: `${placeOf(file, result.step.line)} ${shown(result.step)}`,
      notes: result.ok ? [] : diffOf(result),
    })),
    ...(problem ? [{ ok: false, name: placeOf(file, problem.line), notes: problem.message.split('\n') }] : []),
  ]);
  const lines = points.flatMap(({ ok, name, notes }, index) => [
    `${ok ? 'ok' : 'not ok'} ${index + 1} - ${name.replaceAll('#', '\\#')}`,
    ...(ok ? [] : notes.map((note) => `# ${note}`)),
  ]);
  return ['TAP version 13', `1..${points.length}`, ...lines].map((line) => `${line}\n`).join('');
}
