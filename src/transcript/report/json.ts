import { type FileReport, summarise } from './report.ts';

/** The report as JSON: what `--json` prints, and what one process tells another. */
export const jsonReport = (reports: readonly FileReport[]): string =>
  `${JSON.stringify({ summary: summarise(reports), files: reports }, undefined, 1)}\n`;

export const readJsonReport = (text: string): FileReport[] => (JSON.parse(text) as { files: FileReport[] }).files;
