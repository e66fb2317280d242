import { existsSync } from 'node:fs';
import { join } from 'node:path';
import chalk from 'chalk';
import { wallClock } from '../../../base/clock.ts';
import { UserError } from '../../../base/user-error.ts';
import type { Lab, Task } from '../../../lab/format/lab.ts';
import { readLab } from '../../../lab/library.ts';
import { Progress, type Run, type TaskRun } from '../../../lab/progress.ts';
import { type Origin, originOf } from '../../../lab/run.ts';
import { percent, total } from '../../../lab/score.ts';
import { PLAIN, renderMarkdown, roughly } from '../../../lab/text.ts';
import { StateFile } from '../../../store/state-file.ts';
import { findCluster } from '../../current.ts';
import { labsFolder, stateFiles } from '../../locations.ts';
import type { ProcessStreams } from '../../streams.ts';

type Environment = Record<string, string | undefined>;

/** What is kept of a lab that is being played. */
export const filesOf = (env: Environment, id: string) => {
  const folder = join(labsFolder(env), id);
  return {
    folder,
    /** The lab as it was when it was begun. */
    lab: join(folder, `${id}.md`),
    /** The cluster as it was when the current task began. */
    start: join(folder, 'start'),
    /** The learner's folder: what the lab calls the workstation's home. */
    home: join(folder, 'home'),
    receipt: (attempt: number) => join(folder, `receipt-${attempt}.json`),
  };
};

export const progressOf = (env: Environment): Progress => new Progress(join(labsFolder(env), 'progress'));

/** The lab whose cluster is the current one. */
export interface Playing {
  lab: Lab;
  origin: Origin;
  /** The cluster's state file. */
  path: string;
  cluster: string;
  files: ReturnType<typeof filesOf>;
  progress: Progress;
  run: Run;
}

/** The lab that is being played. Throws UserError if the current cluster is none of a lab. */
export async function playing(env: Environment = process.env): Promise<Playing> {
  if (stateFiles(env).length === 0)
    throw new UserError(
      'no lab is being played\nkubemu lab list shows what there is; begin one with: kubemu lab start ID',
    );
  const { name, path } = await findCluster(env);
  const origin = originOf(StateFile.open(path).state);
  if (!origin)
    throw new UserError(
      `the current cluster, ${name}, is none of a lab\nBegin one with: kubemu lab start ID. To go back to one: kubemu use lab-ID`,
    );
  const files = filesOf(env, origin.id);
  const progress = progressOf(env);
  const { run } = progress.of(origin.id);
  if (!run || !existsSync(files.lab))
    throw new UserError(`what belongs to the lab ${origin.id} is gone\nBegin it anew with: kubemu lab stop`);
  return { lab: readLab(files.lab), origin, path, cluster: name, files, progress, run };
}

/** The folder on this machine whose files are those of the workstation's home. */
export const homeOf = ({ run, files }: Playing): string => run.home ?? files.home;

/** Changes what is known of the current run. */
export function changeRun({ progress, origin }: Playing, change: (run: Run) => Run): Run {
  return progress.update(origin.id, (before) => ({ ...before, run: change(before.run!) })).run!;
}

/** Changes what is known of one task. */
export const changeTask = (game: Playing, index: number, change: (task: TaskRun) => TaskRun): Run =>
  changeRun(game, (run) => ({ ...run, tasks: run.tasks.map((task, at) => (at === index ? change(task) : task)) }));

export const noTaskYet = ({ checks }: Task): TaskRun => ({
  score: 0,
  of: checks.reduce((sum, { weight }) => sum + weight, 0),
  passed: false,
  checks: 0,
  hints: 0,
  solutions: 0,
  resets: 0,
});

/** The index of the task that an argument names; without one, of the current. Throws UserError. */
export function chosenTask({ lab, run }: Playing, wanted: string | undefined): number {
  if (wanted === undefined) return run.task;
  const index = Number(wanted) - 1;
  if (!Number.isInteger(index) || !lab.tasks[index])
    throw new UserError(`there is no task ${wanted}: there are 1 to ${lab.tasks.length}`);
  if (!lab.exam && index > run.task) throw new UserError(`task ${wanted} is still to come: kubemu lab next`);
  return index;
}

/** What is left of an exam's time, ms; negative when it is over. */
export const timeLeft = ({ lab, run }: Playing): number | undefined =>
  lab.exam && !run.submitted ? run.startedAt + lab.minutes * 60_000 - wallClock.now() : undefined;

export const isClosed = ({ lab, run }: Playing): boolean => lab.exam !== undefined && !run.submitted;

const MARKS = { bold: (text: string) => chalk.bold(text), code: (text: string) => chalk.cyan(text) };

/** Prints Markdown as wide as the terminal is, each line after `margin`. */
export function say(streams: ProcessStreams, markdown: string, margin = ''): void {
  const text = renderMarkdown(markdown, streams.columns - margin.length, chalk.level > 0 ? MARKS : PLAIN);
  streams.out(`${text.replace(/^(?=.)/gm, margin)}\n`);
}

/** Prints a task with its number, and what an exam says of it. */
export function showTask(streams: ProcessStreams, game: Playing, index: number): void {
  const { lab } = game;
  const task = lab.tasks[index]!;
  const number = lab.tasks.length === 1 ? 'Task' : `Task ${index + 1} of ${lab.tasks.length}`;
  streams.out(`${chalk.bold(`${number}: ${task.title}`)}${worth(lab, task)}\n\n`);
  say(streams, task.text);
  const left = timeLeft(game);
  if (left !== undefined) streams.out(`\n${remaining(left)}\n`);
}

const worth = (lab: Lab, task: Task): string => {
  // Many authors say it in the title.
  if (!lab.exam || task.title.includes('%')) return '';
  const of = total(lab.tasks.map(noTaskYet)).of;
  return ` (${percent({ score: noTaskYet(task).of, of })} %)`;
};

export const remaining = (left: number): string =>
  left > 0 ? `${roughly(left)} left.` : `The time is over: kubemu lab submit grades what was done until then.`;
