import chalk from 'chalk';
import { wallClock } from '../../../base/clock.ts';
import { total } from '../../../lab/score.ts';
import { count, roughly } from '../../../lab/text.ts';
import type { ProcessStreams } from '../../streams.ts';
import { plainTable } from '../../table.ts';
import { isClosed, playing, remaining, timeLeft } from './playing.ts';

/** `kubemu lab status` */
export async function status(streams: ProcessStreams): Promise<void> {
  const game = await playing();
  const { lab, run, cluster } = game;
  const closed = isClosed(game);
  streams.out(`${chalk.bold(lab.title)} (${lab.id}), on cluster ${cluster}\n\n`);
  const rows = lab.tasks.map((task, index) => {
    const { score, of, passed, checks, hints, solutions } = run.tasks[index]!;
    const state = passed ? 'solved' : index === run.task ? 'current' : checks > 0 ? 'not solved' : '';
    return [
      String(index + 1),
      task.title,
      state,
      closed ? `${of}` : `${score}/${of}`,
      String(hints),
      String(solutions),
    ];
  });
  streams.out(plainTable(['TASK', 'TITLE', 'STATE', 'POINTS', 'HINTS', 'SOLUTIONS'], rows));
  const { score, of } = total(run.tasks);
  const left = timeLeft(game);
  if (run.submitted) streams.out('\nSubmitted. kubemu lab stop leaves the lab.\n');
  else if (left !== undefined) streams.out(`\n${remaining(left)}\n`);
  else streams.out(`\n${count(score, 'point')} of ${of}, after ${roughly(wallClock.now() - run.startedAt)}.\n`);
}
