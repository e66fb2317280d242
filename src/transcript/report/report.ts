import type { Step } from '../document.ts';
import type { StepResult } from '../run.ts';

/** What came of a file. Plain JSON: it crosses from one process to another. */
export interface FileReport {
  file: string;
  results: StepResult[];
  /** Why it could not be run, or not to its end. */
  problem?: { line?: number; message: string };
  /** How many commands were rewritten. */
  updated?: number;
}

/** What came of all files, counted. */
export interface Summary {
  files: number;
  commands: number;
  different: number;
  unusable: number;
  updated: number;
}

export function summarise(reports: readonly FileReport[]): Summary {
  const results = reports.flatMap((report) => report.results);
  const sum = (of: (report: FileReport) => number) => reports.reduce((all, report) => all + of(report), 0);
  const updated = sum((report) => report.updated ?? 0);
  return {
    files: reports.length,
    commands: results.length,
    different: results.filter(({ ok }) => !ok).length - updated,
    unusable: reports.filter(({ problem }) => problem).length,
    updated,
  };
}

/** 0: all as it should be; 1: differences; 2: a file that cannot be used. */
export const exitCode = ({ different, unusable }: Summary): number => (unusable > 0 ? 2 : different > 0 ? 1 : 0);

/** `docs/web.md:12`, as editors and terminals link it. */
export const placeOf = (file: string, line: number | undefined): string =>
  line === undefined ? file : `${file}:${line}`;

/** A command with its prompt, as one line shows it. */
export function shown({ prompt: { node, user }, command }: Step): string {
  const [first = '', ...more] = command.split('\n');
  const prompt = node === undefined ? '$' : `${user}@${node}${user === 'root' ? '#' : '$'}`;
  return `${prompt} ${first}${more.length > 0 ? ' …' : ''}`;
}
