import chalk from 'chalk';
import { UserError } from '../../../base/user-error.ts';
import type { Result } from '../../../lab/checks/grade.ts';
import { readHome } from '../../../lab/home.ts';
import { copyOf, gradeCopy, note } from '../../../lab/run.ts';
import { scoresOf } from '../../../lab/score.ts';
import { count } from '../../../lab/text.ts';
import type { ProcessStreams } from '../../streams.ts';
import { changeTask, chosenTask, homeOf, isClosed, type Playing, playing, say } from './playing.ts';

/** Grades tasks on a copy of the cluster, and notes that in its log. */
export async function gradeNow(
  game: Playing,
  kind: 'check' | 'submit',
  tasks: number[],
): Promise<Map<number, Result[]>> {
  const copy = await copyOf(game.path, game.lab);
  const files = readHome(homeOf(game));
  await copy.setHome(files);
  const { clock, random } = await copy.cluster();
  const moment = { at: clock.now(), random: random.state };
  const results = await gradeCopy(copy, game.lab, tasks);
  await note(game.path, { kind, tasks, files, ...moment });
  return results;
}

/** `kubemu lab check [N]`; resolves with the exit code: 0 when everything passes. */
export async function check(streams: ProcessStreams, wanted: string | undefined, { verbose = false }): Promise<number> {
  const game = await playing();
  if (isClosed(game)) throw new UserError('an exam is graded when it is submitted: kubemu lab submit');
  const index = chosenTask(game, wanted);
  // What a task wanted, the one after it may undo.
  if (!game.lab.exam && index !== game.run.task)
    throw new UserError(`task ${index + 1} was graded when you were at it; you are at task ${game.run.task + 1}`);
  const results = (await gradeNow(game, 'check', [index])).get(index)!;
  const { score, of, checks } = scoresOf(game.lab.tasks[index]!, results);
  const passed = score === of;
  changeTask(game, index, (task) => ({ ...task, score, of, passed, results: checks, checks: task.checks + 1 }));
  showResults(streams, results, verbose);
  streams.out(`\n${count(score, 'point')} of ${of}.\n`);
  if (passed) streams.out(`${whatNext(game)}\n`);
  return passed ? 0 : 1;
}

/** What each check found, and what its failure means. */
export function showResults(streams: ProcessStreams, results: Result[], verbose: boolean): void {
  for (const { check: one, failure } of results) {
    streams.out(`${failure === undefined ? chalk.green('✓') : chalk.red('✗')} ${one.check}\n`);
    if (failure === undefined) continue;
    say(streams, one.otherwise, '    ');
    if (verbose) streams.out(chalk.dim(`    ${failure}\n`));
  }
}

function whatNext({ lab, run }: Playing): string {
  if (run.submitted) return 'All of it passes now.';
  return run.task + 1 < lab.tasks.length
    ? `Solved. On to task ${run.task + 2}: kubemu lab next`
    : 'Solved, and it was the last task. To finish: kubemu lab submit';
}
