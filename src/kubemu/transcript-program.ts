import { type Command, InvalidArgumentError, Option } from 'commander';
import { PRESETS } from '../cluster/presets.ts';
import type { ProcessStreams } from './streams.ts';

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

function shard(text: string): [number, number] {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(number) >= 1 && Number(number) <= Number(of)) return [Number(number), Number(of)];
  throw new InvalidArgumentError('It must be like 2/5: the second of five.');
}

/** `kubemu test`, `kubemu record`. */
export function addTranscriptVerbs(kubemu: Command, streams: ProcessStreams): void {
  kubemu
    .command('test <files...>')
    .description(
      'run the console blocks of Markdown files (or cram files, or folders of them) and compare (docs/transcripts.md)',
    )
    .option('--update', 'rewrite what no longer matches, and keep the placeholders that do')
    .addOption(
      new Option('--shell <shell>', "run the commands in the host's shell instead of the simulated one").choices([
        'bash',
      ]),
    )
    .addOption(new Option('--preset <preset>', 'what the clusters are like of files that do not say').choices(PRESETS))
    .option('--junit <file>', 'write a report in the XML of JUnit, too')
    .option('--tap', 'report as TAP')
    .option('--json', 'report as JSON')
    .option('--jobs <n>', 'how many files at once (default: as many as there are cores)', positive)
    .option('--shard <n/m>', 'only every m-th file, from the n-th on: 2/5', shard)
    .option('--watch', 'run again whenever a file changes')
    .action(async (files, options) => {
      process.exitCode = await (await import('./commands/test/test.ts')).test(streams, files, options);
    });

  kubemu
    .command('record <file>')
    .description('a prompt on a fresh cluster: what you type becomes a Markdown file for `kubemu test`')
    .addOption(new Option('--preset <preset>', 'what the cluster is like').choices(PRESETS))
    .option('--nodes <n>', 'how many nodes it has', positive)
    .option('--namespace <namespace>', 'the namespace of the current context')
    .option('--force', 'write over a file that is there')
    .action(async (file, options) => (await import('./commands/record.ts')).record(streams, file, options));
}
