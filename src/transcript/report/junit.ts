import { diffOf } from './diff.ts';
import { type FileReport, placeOf, shown, summarise } from './report.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };

const attribute = (text: string): string => clean(text).replace(/[&<>"\n]/g, (letter) => ENTITIES[letter]!);
const content = (text: string): string => clean(text).replace(/[&<>]/g, (letter) => ENTITIES[letter]!);

/** XML cannot hold control characters. */
const clean = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go.
  text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '�');

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** The report as JUnit's XML, which CI systems read. */
export function junitReport(reports: readonly FileReport[]): string {
  const { commands, different, unusable } = summarise(reports);
  const suites = reports.map((report) => {
    const { file, results, problem } = report;
    const own = summarise([report]);
    const cases = results.map((result) => {
      const name = `${placeOf(file, result.step.line)} ${shown(result.step)}`;
      const head = `    <testcase classname="${attribute(file)}" name="${attribute(name)}" file="${attribute(file)}" line="${result.step.line}" time="${seconds(result.ms)}"`;
      if (result.ok || report.updated !== undefined) return `${head}/>`;
      return `${head}>\n      <failure message="the output differs">${content(diffOf(result).join('\n'))}</failure>\n    </testcase>`;
    });
    const broken = problem
      ? [
          `    <testcase classname="${attribute(file)}" name="${attribute(placeOf(file, problem.line))}">\n      <error message="${attribute(problem.message)}"/>\n    </testcase>`,
        ]
      : [];
    const time = results.reduce((sum, { ms }) => sum + ms, 0);
    return `  <testsuite name="${attribute(file)}" tests="${results.length + broken.length}" failures="${own.different}" errors="${own.unusable}" time="${seconds(time)}">\n${[...cases, ...broken].map((each) => `${each}\n`).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kubemu test" tests="${commands + unusable}" failures="${different}" errors="${unusable}">\n${suites.join('')}</testsuites>\n`;
}
