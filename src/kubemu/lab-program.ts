import { type Command, InvalidArgumentError } from 'commander';
import type { ProcessStreams } from './streams.ts';

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

/** `kubemu lab …`. Each verb loads its file when it runs. */
export function addLabVerbs(kubemu: Command, streams: ProcessStreams): void {
  const lab = kubemu.command('lab').description('exercises that grade themselves');

  lab
    .command('list')
    .description('list the labs, and what was reached in them')
    .option('--series <series>', 'only those of one series: guided, ckad, cka, aks, broken, exams')
    .option('--level <level>', 'only those of one level: beginner, intermediate, advanced')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/lab/list.ts')).list(streams, options));

  lab
    .command('start <lab>')
    .description('begin a lab, by its id or its file, on a cluster of its own')
    .option('--dir <folder>', "where the files of the tasks belong (default: a folder beside the lab's cluster)")
    .action(async (wanted, options) => (await import('./commands/lab/start.ts')).start(streams, wanted, options));

  lab
    .command('task [number]')
    .description('show the current task again; in an exam, go to another')
    .action(async (wanted) => (await import('./commands/lab/task.ts')).task(streams, wanted));

  lab
    .command('check [number]')
    .description('grade the task, by the state that the cluster comes to')
    .option('-v, --verbose', 'show what was found where a check fails')
    .action(async (wanted, options) => {
      process.exitCode = await (await import('./commands/lab/check.ts')).check(streams, wanted, options);
    });

  lab
    .command('hint [number]')
    .description("show the task's next hint")
    .action(async (wanted) => (await import('./commands/lab/task.ts')).hint(streams, wanted));

  lab
    .command('solution [number]')
    .description('show a way through the task; again: another one')
    .action(async (wanted) => (await import('./commands/lab/task.ts')).solution(streams, wanted));

  lab
    .command('next')
    .description('go on to the next task')
    .option('--skip', 'although this one is not solved')
    .action(async (options) => (await import('./commands/lab/next.ts')).next(streams, options));

  lab
    .command('reset')
    .description('make the cluster as it was when the task began')
    .action(async () => (await import('./commands/lab/next.ts')).reset(streams));

  lab
    .command('status')
    .description('show how far the lab is')
    .action(async () => (await import('./commands/lab/status.ts')).status(streams));

  lab
    .command('submit')
    .description('finish the lab: grade it, and write a receipt')
    .option('--receipt <file>', 'where to write the receipt')
    .action(async (options) => {
      process.exitCode = await (await import('./commands/lab/submit.ts')).submit(streams, options);
    });

  lab
    .command('stop [lab]')
    .description('leave the lab: its cluster is removed, the one before comes back')
    .action(async (wanted) => (await import('./commands/lab/stop.ts')).stop(streams, wanted));

  lab
    .command('replay <receipt>')
    .description('do again what a receipt tells, and grade it')
    .option('--lab <file>', 'the lab, where it does not ship with kubemu')
    .action(async (path, options) => {
      process.exitCode = await (await import('./commands/lab/replay.ts')).replay(streams, path, options);
    });

  lab
    .command('export <file>')
    .description('write what was reached so far to a file ("-": standard output)')
    .action(async (path) => (await import('./commands/lab/transfer.ts')).exportProgress(streams, path));

  lab
    .command('import <path>')
    .description('take over progress that was exported; or make a lab of the folder of a Killercoda scenario')
    .option('-o, --output <file>', 'where to write the lab of a scenario (default: NAME.md)')
    .action(async (path, options) => (await import('./commands/lab/transfer.ts')).importFrom(streams, path, options));

  lab
    .command('verify [files...]')
    .description('prove that labs can be solved, and only by solving them (default: those that ship)')
    .option('-j, --jobs <n>', 'how many processes work at it (default: one for each processor)', wholeNumber)
    .option('--json', 'one line of JSON for each lab')
    .action(async (files, options) => {
      process.exitCode = await (await import('./commands/lab/verify.ts')).verify(streams, files, options);
    });
}
