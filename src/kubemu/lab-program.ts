import type { Command } from 'commander';
import type { ProcessStreams } from './streams.ts';

/** `kubemu lab …`. Each verb loads its file when it runs. */
export function addLabVerbs(kubemu: Command, streams: ProcessStreams): void {
  const lab = kubemu.command('lab').description('exercises that grade themselves');

  lab
    .command('verify [files...]')
    .description('prove that labs can be solved, and only by solving them (default: those that ship)')
    .action(async (files) => {
      process.exitCode = await (await import('./commands/lab/verify.ts')).verify(streams, files);
    });
}
