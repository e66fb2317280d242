import chalk from 'chalk';
import { UserError } from '../../../base/user-error.ts';
import type { ProcessStreams } from '../../streams.ts';
import { changeRun, changeTask, chosenTask, isClosed, playing, say, showTask } from './playing.ts';

/** `kubemu lab task [N]` */
export async function task(streams: ProcessStreams, wanted: string | undefined): Promise<void> {
  const game = await playing();
  const index = chosenTask(game, wanted);
  if (game.lab.exam) game.run = changeRun(game, (run) => ({ ...run, task: index }));
  showTask(streams, game, index);
}

/** `kubemu lab hint [N]`: the next one of the task. */
export async function hint(streams: ProcessStreams, wanted: string | undefined): Promise<void> {
  const game = await playing();
  const index = chosenTask(game, wanted);
  if (isClosed(game)) throw new UserError('an exam gives no hints before it is submitted');
  const { hints } = game.lab.tasks[index]!;
  const seen = game.run.tasks[index]!.hints;
  if (hints.length === 0) throw new UserError('this task has no hints: kubemu lab solution shows a way through it');
  const at = Math.min(seen, hints.length - 1);
  if (seen < hints.length) changeTask(game, index, (run) => ({ ...run, hints: run.hints + 1 }));
  streams.out(`${chalk.bold(`Hint ${at + 1} of ${hints.length}`)}\n\n`);
  say(streams, hints[at]!);
  if (seen >= hints.length) streams.out('\nThat was the last one. A whole way through: kubemu lab solution\n');
}

/** `kubemu lab solution [N]`: each of the task's, one after the other. */
export async function solution(streams: ProcessStreams, wanted: string | undefined): Promise<void> {
  const game = await playing();
  const index = chosenTask(game, wanted);
  if (isClosed(game)) throw new UserError('an exam shows no solutions before it is submitted');
  const { solutions } = game.lab.tasks[index]!;
  if (solutions.length === 0) throw new UserError('this task shows no solution: its author wrote none');
  const seen = game.run.tasks[index]!.solutions;
  const at = seen % solutions.length;
  const { title, text } = solutions[at]!;
  changeTask(game, index, (run) => ({ ...run, solutions: run.solutions + 1 }));
  const number = solutions.length === 1 ? 'Solution' : `Solution ${at + 1} of ${solutions.length}`;
  streams.out(`${chalk.bold(title ? `${number}: ${title}` : number)}\n\n`);
  say(streams, text);
}
