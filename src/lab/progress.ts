import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../base/user-error.ts';
import { FileLock } from '../store/lock.ts';

/** How a learner stands with one task of the lab that is being played. */
export interface TaskRun {
  /** Points at the last check, and what there are. */
  score: number;
  of: number;
  passed: boolean;
  /** By check, at the last one. */
  results?: boolean[];
  /** How often it was checked, how many hints and solutions were read, how often the cluster was made anew. */
  checks: number;
  hints: number;
  solutions: number;
  resets: number;
}

/** A lab that is being played. Times are the wall's, ms. */
export interface Run {
  startedAt: number;
  task: number;
  tasks: TaskRun[];
  submitted?: true;
  /** The learner's folder, where it is another than the lab's own. */
  home?: string;
  /** Of a lab that does not ship: where its file was. */
  file?: string;
}

export interface Score {
  score: number;
  of: number;
  passed: boolean;
  /** ms. */
  time: number;
  hints: number;
  solutions: number;
  at: number;
}

export interface LabProgress {
  attempts: number;
  best?: Score;
  last?: Score;
  run?: Run;
}

interface ProgressFile {
  kubemuProgress: 1;
  labs: Record<string, LabProgress>;
}

const NOTHING: ProgressFile = { kubemuProgress: 1, labs: {} };

/** What a learner has done so far, in a file beside the clusters. */
export class Progress {
  constructor(readonly path: string) {}

  read(): Record<string, LabProgress> {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return {};
    }
    return parseProgress(text, this.path).labs;
  }

  of(id: string): LabProgress {
    return this.read()[id] ?? { attempts: 0 };
  }

  /** Changes what is known of one lab, in one step. */
  update(id: string, change: (before: LabProgress) => LabProgress): LabProgress {
    const after = this.#change((labs) => ({ ...labs, [id]: change(labs[id] ?? { attempts: 0 }) }));
    return after[id]!;
  }

  /** Takes over what another machine knows: of each lab the better score and all attempts. Resolves with how many labs there were. */
  merge(text: string, source: string): number {
    const others = parseProgress(text, source).labs;
    this.#change((labs) => {
      const merged = { ...labs };
      for (const [id, other] of Object.entries(others)) merged[id] = together(labs[id], other);
      return merged;
    });
    return Object.keys(others).length;
  }

  /** What `merge` reads elsewhere: runs stay, for their clusters do. */
  export(): string {
    const labs = Object.entries(this.read()).map(([id, { run: _, ...rest }]) => [id, rest]);
    return `${JSON.stringify({ kubemuProgress: 1, labs: Object.fromEntries(labs) }, undefined, 2)}\n`;
  }

  #change(change: (labs: Record<string, LabProgress>) => Record<string, LabProgress>): Record<string, LabProgress> {
    mkdirSync(dirname(this.path), { recursive: true });
    const lock = new FileLock(`${this.path}.lock`);
    lock.acquire();
    try {
      const labs = change(this.read());
      writeFileSync(`${this.path}.tmp`, `${JSON.stringify({ ...NOTHING, labs }, undefined, 1)}\n`, { mode: 0o600 });
      renameSync(`${this.path}.tmp`, this.path);
      return labs;
    } finally {
      lock.release();
    }
  }
}

function parseProgress(text: string, path: string): ProgressFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is damaged: ${(error as Error).message}\nMove it away to start with no progress.`);
  }
  const file = value as Partial<ProgressFile> | null;
  if (file?.kubemuProgress !== 1 || typeof file.labs !== 'object')
    throw new UserError(`${path} is no progress of kubemu's: make one with kubemu lab export FILE`);
  return file as ProgressFile;
}

function together(mine: LabProgress | undefined, other: LabProgress): LabProgress {
  if (!mine) return other;
  const best = [mine.best, other.best].filter((score) => score !== undefined).sort(better)[0];
  return { ...other, ...mine, attempts: Math.max(mine.attempts, other.attempts), ...(best && { best }) };
}

/** The better score first: the higher, then the one with less help, then the quicker. */
export const better = (a: Score, b: Score): number =>
  b.score / b.of - a.score / a.of || a.solutions - b.solutions || a.hints - b.hints || a.time - b.time;
