import type { Result } from './checks/grade.ts';
import type { Lab, Task } from './format/lab.ts';

/** What a task was worth. */
export interface TaskScore {
  title: string;
  score: number;
  of: number;
  /** By check: whether it passed. */
  checks: boolean[];
}

/** A task's score by the results of its checks; without them, nothing was reached. */
export function scoresOf(task: Task, results: Result[] | undefined): TaskScore {
  const checks = task.checks.map((_, index) => results !== undefined && results[index]?.failure === undefined);
  const sum = (wanted: (index: number) => boolean) =>
    task.checks.reduce((total, { weight }, index) => (wanted(index) ? total + weight : total), 0);
  return { title: task.title, score: sum((index) => checks[index]!), of: sum(() => true), checks };
}

/** All tasks together. */
export const total = (scores: { score: number; of: number }[]): { score: number; of: number } =>
  scores.reduce((all, one) => ({ score: all.score + one.score, of: all.of + one.of }), { score: 0, of: 0 });

export const percent = ({ score, of }: { score: number; of: number }): number => Math.floor((score * 100) / of);

/** Whether that is enough: all of an ordinary lab, an exam's pass mark. */
export const passes = (lab: Lab, all: { score: number; of: number }): boolean =>
  lab.exam ? percent(all) >= lab.exam.pass : all.score === all.of;
