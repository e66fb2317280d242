import { writeFileSync } from 'node:fs';
import chalk from 'chalk';
import { wallClock } from '../../../base/clock.ts';
import { UserError } from '../../../base/user-error.ts';
import { deedsOf, type LoggedDeed } from '../../../cluster/deeds.ts';
import type { Lab } from '../../../lab/format/lab.ts';
import { readHome } from '../../../lab/home.ts';
import { better, type LabProgress, type Score } from '../../../lab/progress.ts';
import { redo, sealed } from '../../../lab/receipt.ts';
import { passes, percent, scoresOf, type TaskScore, total } from '../../../lab/score.ts';
import { count, roughly } from '../../../lab/text.ts';
import { StateFile } from '../../../store/state-file.ts';
import type { ProcessStreams } from '../../streams.ts';
import { plainTable } from '../../table.ts';
import { gradeNow } from './check.ts';
import { homeOf, type Playing, playing, say, timeLeft } from './playing.ts';

/** `kubemu lab submit`; resolves with the exit code: 0 when the lab is passed. */
export async function submit(streams: ProcessStreams, { receipt: wanted }: { receipt?: string }): Promise<number> {
  const game = await playing();
  const { lab, run, progress, origin } = game;
  if (run.submitted) throw new UserError('the lab is submitted already: kubemu lab stop leaves it');
  const submittedAt = wallClock.now();
  const { scores, log } = await finalScores(game);
  const sum = (what: 'hints' | 'solutions') => run.tasks.reduce((all, task) => all + task[what], 0);
  const score: Score = {
    ...total(scores),
    passed: passes(lab, total(scores)),
    time: submittedAt - run.startedAt,
    hints: sum('hints'),
    solutions: sum('solutions'),
    at: submittedAt,
  };
  const { attempts } = progress.update(lab.id, (before) => finished(before, scores, score));
  const path = wanted ?? game.files.receipt(attempts);
  const receipt = sealed({
    kubemuReceipt: 1,
    lab: {
      id: lab.id,
      title: lab.title,
      version: lab.version,
      digest: origin.digest,
      ...(run.file && { source: lab.source }),
    },
    origin,
    startedAt: run.startedAt,
    submittedAt,
    log,
    result: scores,
    hints: score.hints,
    solutions: score.solutions,
  });
  try {
    writeFileSync(path, `${JSON.stringify(receipt, undefined, 1)}\n`);
  } catch (error) {
    throw new UserError(`the lab is graded, but its receipt could not be written: ${(error as Error).message}`);
  }
  report(streams, lab, scores, score);
  if (lab.afterwards) {
    streams.out('\n');
    say(streams, lab.afterwards);
  }
  streams.out(`\nThe receipt is ${path}. It proves the score: kubemu lab replay ${path}\n`);
  return score.passed ? 0 : 1;
}

/** The scores, and the log that leads to them. What was done after an exam's time does not count. */
async function finalScores(game: Playing): Promise<{ scores: TaskScore[]; log: LoggedDeed[] }> {
  const { lab, run, path, origin } = game;
  const left = timeLeft(game);
  const logged = () => deedsOf({ state: StateFile.open(path).state });
  const all = lab.tasks.map((_, index) => index);
  if (left !== undefined && left < 0) {
    const end = run.startedAt + lab.minutes * 60_000;
    const inTime = logged().filter(({ wall }) => wall <= end);
    const last = inTime.at(-1);
    const submission = {
      kind: 'submit',
      tasks: all,
      files: readHome(homeOf(game)),
      at: last?.at ?? origin.epoch,
      wall: end,
      random: last?.random ?? 0,
    };
    const log = [...inTime, submission];
    return { scores: await redo(lab, origin, log), log };
  }
  const tasks = lab.exam ? all : [run.task];
  const results = await gradeNow(game, 'submit', tasks);
  const scores = lab.tasks.map((task, index): TaskScore => {
    const { results: checks = task.checks.map(() => false), score, of } = run.tasks[index]!;
    return results.has(index) ? scoresOf(task, results.get(index)) : { title: task.title, score, of, checks };
  });
  return { scores, log: logged() };
}

function finished(before: LabProgress, scores: TaskScore[], score: Score): LabProgress {
  const run = before.run!;
  const tasks = run.tasks.map((task, index) => {
    const { score: points, of, checks } = scores[index]!;
    return { ...task, score: points, of, passed: points === of, results: checks };
  });
  const [best] = [score, before.best].filter((one) => one !== undefined).sort(better);
  return { ...before, last: score, best: best!, run: { ...run, tasks, submitted: true } };
}

/** What each task and each topic was worth. */
function report(streams: ProcessStreams, lab: Lab, scores: TaskScore[], score: Score): void {
  streams.out(`${chalk.bold(lab.title)}\n\n`);
  const rows = scores.map(({ title, score: points, of, checks }, index) => [
    points === of ? chalk.green('✓') : points > 0 ? chalk.yellow('◐') : chalk.red('✗'),
    String(index + 1),
    title,
    `${points}/${of}`,
    `${checks.filter(Boolean).length} of ${count(checks.length, 'check')}`,
  ]);
  streams.out(plainTable(['', 'TASK', 'TITLE', 'POINTS', 'PASSED'], rows));
  const topics = topicScores(lab, scores);
  if (topics.length > 1) streams.out(`\n${plainTable(['TOPIC', 'POINTS', ''], topics)}`);
  for (const [index, { checks }] of scores.entries()) {
    const task = lab.tasks[index]!;
    const failed = task.checks.filter((_, at) => !checks[at]);
    if (failed.length === 0) continue;
    streams.out(`\n${chalk.bold(`Task ${index + 1}: ${task.title}`)}\n`);
    for (const { check, otherwise } of failed) {
      streams.out(`${chalk.red('✗')} ${check}\n`);
      say(streams, otherwise, '    ');
    }
  }
  const verdict = score.passed ? chalk.green('passed') : chalk.red('not passed');
  const mark = lab.exam ? ` (${lab.exam.pass} % pass)` : '';
  const help = [count(score.hints, 'hint'), count(score.solutions, 'solution')].join(' and ');
  streams.out(
    `\n${score.score} of ${score.of} points, ${percent(score)} %${mark}: ${verdict}. ${roughly(score.time)}, with ${help}.\n`,
  );
}

function topicScores(lab: Lab, scores: TaskScore[]): string[][] {
  const topics = new Map<string, TaskScore[]>();
  for (const [index, score] of scores.entries()) {
    const topic = lab.tasks[index]!.topic ?? lab.topic;
    topics.set(topic, [...(topics.get(topic) ?? []), score]);
  }
  return [...topics].map(([topic, list]) => {
    const { score, of } = total(list);
    return [topic, `${score}/${of}`, `${percent({ score, of })} %`];
  });
}
