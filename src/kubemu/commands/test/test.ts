import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { wallClock } from '../../../base/clock.ts';
import { UserError } from '../../../base/user-error.ts';
import { checkFile } from '../../../transcript/check.ts';
import { findTranscripts } from '../../../transcript/files.ts';
import type { Paint } from '../../../transcript/report/diff.ts';
import { exitCode, type FileReport, summarise } from '../../../transcript/report/report.ts';
import type { Settings } from '../../../transcript/settings.ts';
import type { ProcessStreams } from '../../streams.ts';

export interface TestOptions {
  update?: boolean;
  shell?: 'bash';
  preset?: string;
  junit?: string;
  tap?: boolean;
  json?: boolean;
  jobs?: number;
  shard?: [number: number, of: number];
  watch?: boolean;
}

/** `kubemu test`; resolves with the exit code: 0, 1 for differences, 2 for a file that cannot be used. */
export async function test(streams: ProcessStreams, names: string[], options: TestOptions): Promise<number> {
  for (;;) {
    let code: number;
    try {
      code = await testOnce(streams, names, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      streams.err(`error: ${error.message}\n`);
      code = 2;
    }
    if (!options.watch) return code;
    const changed = (await import('./watch.ts')).untilChanged(names);
    streams.err('Waiting for a change. To end it: Ctrl-C\n');
    streams.flush();
    await changed;
  }
}

async function testOnce(streams: ProcessStreams, names: string[], options: TestOptions): Promise<number> {
  const files = shareOf(findTranscripts(names), options.shard);
  const reports = await reportsOf(files, options);
  if (options.junit !== undefined) {
    const { junitReport } = await import('../../../transcript/report/junit.ts');
    write(options.junit, junitReport(reports));
  }
  streams.out(await printed(reports, options));
  return exitCode(summarise(reports));
}

function shareOf(files: string[], shard: TestOptions['shard']): string[] {
  if (!shard) return files;
  const [number, of] = shard;
  return files.filter((_, index) => index % of === number - 1);
}

async function reportsOf(files: string[], options: TestOptions): Promise<FileReport[]> {
  const jobs = Math.min(options.jobs ?? availableParallelism(), files.length);
  if (jobs > 1) {
    const { inProcesses } = await import('./jobs.ts');
    const { update, shell, preset } = options;
    return await inProcesses(files, jobs, [
      ...(update ? ['--update'] : []),
      ...(shell ? ['--shell', shell] : []),
      ...(preset ? ['--preset', preset] : []),
    ]);
  }
  const open =
    options.shell === 'bash'
      ? (await import('../../../transcript/bash.ts')).openBash
      : (await import('../../../transcript/place.ts')).openSimulated;
  const defaults: Settings = options.preset === undefined ? {} : { preset: options.preset };
  const reports: FileReport[] = [];
  for (const file of files)
    reports.push(await checkFile(file, { open, now: () => wallClock.now(), defaults, update: options.update }));
  return reports;
}

async function printed(reports: FileReport[], { json, tap }: TestOptions): Promise<string> {
  if (json) return (await import('../../../transcript/report/json.ts')).jsonReport(reports);
  if (tap) return (await import('../../../transcript/report/tap.ts')).tapReport(reports);
  const { default: chalk } = await import('chalk');
  const paint: Paint = { want: chalk.red, got: chalk.green, dim: chalk.dim, strong: chalk.bold };
  return (await import('../../../transcript/report/text.ts')).textReport(reports, paint);
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError(`--junit: ${path} cannot be written: ${(error as Error).message}`);
  }
}
