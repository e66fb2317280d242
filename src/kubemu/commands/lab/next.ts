import { readFileSync, writeFileSync } from 'node:fs';
import chalk from 'chalk';
import { UserError } from '../../../base/user-error.ts';
import { noteDeed } from '../../../cluster/deeds.ts';
import { readHome, writeHome } from '../../../lab/home.ts';
import { copyOf, moveOn, replace } from '../../../lab/run.ts';
import { Stage } from '../../../lab/stage.ts';
import type { ProcessStreams } from '../../streams.ts';
import { changeRun, changeTask, homeOf, noTaskYet, playing, showTask } from './playing.ts';

/** `kubemu lab next` */
export async function next(streams: ProcessStreams, { skip = false }): Promise<void> {
  const game = await playing();
  const { lab, run } = game;
  const task = run.task + 1;
  if (!lab.tasks[task])
    throw new UserError('this is the last task: kubemu lab submit finishes the lab, kubemu lab stop leaves it');
  if (!lab.exam) {
    if (run.submitted) throw new UserError('the lab is submitted: kubemu lab stop leaves it');
    if (!run.tasks[run.task]!.passed && !skip)
      throw new UserError(
        'this task is not solved yet: kubemu lab check grades it\nTo go on all the same: kubemu lab next --skip',
      );
    const copy = await copyOf(game.path, lab);
    await copy.cluster();
    const files = readHome(homeOf(game));
    noteDeed(copy.session, { kind: 'next', task, files });
    await copy.setHome(files);
    await moveOn(copy, lab, task);
    writeHome(homeOf(game), await copy.home(), files);
    const snapshot = await copy.snapshot();
    replace(game.path, snapshot, lab);
    writeFileSync(game.files.start, snapshot, { mode: 0o600 });
  }
  game.run = changeRun(game, (before) => ({ ...before, task }));
  showTask(streams, game, task);
}

/** `kubemu lab reset` */
export async function reset(streams: ProcessStreams): Promise<void> {
  const game = await playing();
  const { lab, run } = game;
  if (run.submitted) throw new UserError('the lab is submitted: kubemu lab stop leaves it');
  const start = readFileSync(game.files.start, 'utf8');
  replace(game.path, start, lab);
  writeHome(homeOf(game), await Stage.restore(start, lab.namespace).home());
  const task = lab.tasks[run.task]!;
  if (!lab.exam)
    changeTask(game, run.task, ({ hints, solutions, checks, resets }) => ({
      ...noTaskYet(task),
      hints,
      solutions,
      checks,
      resets: resets + 1,
    }));
  streams.out(
    lab.exam
      ? `The cluster of ${chalk.bold(lab.title)} is as it was when the exam began; its time goes on.\n`
      : `The cluster is as it was when task ${run.task + 1}, ${chalk.bold(task.title)}, began.\n`,
  );
}
