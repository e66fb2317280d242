import { writeFileSync } from 'node:fs';
import { UserError } from '../base/user-error.ts';
import { readTranscript } from './files.ts';
import type { OpenPlace } from './place.ts';
import { TranscriptProblem } from './problem.ts';
import type { FileReport } from './report/report.ts';
import { runTranscript, type StepResult } from './run.ts';
import type { Settings } from './settings.ts';
import { updated } from './update.ts';

export interface CheckOptions {
  open: OpenPlace;
  now(): number;
  /** What holds where a file says nothing. */
  defaults?: Settings;
  /** Rewrites what no longer matches. */
  update?: boolean;
}

/** Runs a file's transcript and reports on it; what is wrong with the file is part of the report. */
export async function checkFile(file: string, { open, now, defaults, update }: CheckOptions): Promise<FileReport> {
  const results: StepResult[] = [];
  try {
    const transcript = readTranscript(file, defaults);
    await runTranscript(transcript, { open, now, onStep: (result) => results.push(result) });
    if (!update) return { file, results };
    const text = updated(transcript.text, results);
    if (text !== transcript.text) writeFileSync(file, text);
    return { file, results, updated: results.filter(({ ok }) => !ok).length };
  } catch (error) {
    if (error instanceof TranscriptProblem)
      return { file, results, problem: { line: error.line, message: error.message } };
    if (error instanceof UserError) return { file, results, problem: { message: error.message } };
    throw error;
  }
}
