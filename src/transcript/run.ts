import { UserError } from '../base/user-error.ts';
import { compare, type DiffLine } from './compare.ts';
import type { Action, Step, Transcript } from './document.ts';
import type { OpenPlace, Place } from './place.ts';
import { type Bindings, fillIn } from './placeholders.ts';
import { TranscriptProblem } from './problem.ts';

/** What came of a step. */
export interface StepResult {
  step: Step;
  ok: boolean;
  lines: DiffLine[];
  /** The exit code that the command had. */
  exit: number;
  /** Blank lines at the end of what is expected that belong to no output. */
  blank: number;
  /** How long it took, ms of this machine. */
  ms: number;
}

export interface RunOptions {
  open: OpenPlace;
  /** The machine's time, ms: for how long each command took. */
  now(): number;
  /** Told of each step as it is done. */
  onStep?(result: StepResult): void;
}

/** Runs a transcript on a fresh cluster. Throws TranscriptProblem where it cannot be run. */
export async function runTranscript({ actions }: Transcript, { open, now, onStep }: RunOptions): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const files: Extract<Action, { kind: 'file' }>[] = [];
  let place: Place | undefined;
  let known: Bindings = new Map();
  try {
    for (const action of actions) {
      if (action.kind === 'file') {
        files.push(action);
        place?.put(action.path, action.text);
      } else if (action.kind === 'cluster') {
        place?.close();
        place = await at(action.line, () => open(action.settings));
        for (const { path, text } of files) place.put(path, text);
      } else {
        const start = now();
        const { result, bound } = await at(action.step.line, () => runStep(place!, action.step, known));
        known = bound;
        results.push({ ...result, ms: now() - start });
        onStep?.(results.at(-1)!);
      }
    }
  } finally {
    place?.close();
  }
  return results;
}

async function runStep(
  place: Place,
  step: Step,
  known: Bindings,
): Promise<{ result: Omit<StepResult, 'ms'>; bound: Bindings }> {
  let command: string;
  try {
    command = fillIn(step.command, known);
  } catch (error) {
    throw new TranscriptProblem(step.line, (error as Error).message);
  }
  const { output, code } = await place.run(command, step.prompt, step.streams);
  const { ok, lines, bound, blank } = compare(step, output, known);
  return { result: { step, ok: ok && code === step.exit, lines, exit: code, blank }, bound };
}

/** Does something for a line of the file: what is wrong is told with that line. */
async function at<T>(line: number, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UserError) throw new TranscriptProblem(line, error.message);
    throw error;
  }
}
