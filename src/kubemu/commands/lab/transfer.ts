import { existsSync, statSync, writeFileSync } from 'node:fs';
import { UserError } from '../../../base/user-error.ts';
import { count } from '../../../lab/text.ts';
import type { ProcessStreams } from '../../streams.ts';
import { progressOf } from './playing.ts';
import { readText } from './replay.ts';

/** `kubemu lab export FILE`: what was reached so far, for another machine. */
export function exportProgress(streams: ProcessStreams, path: string): void {
  const text = progressOf(process.env).export();
  if (path === '-') {
    streams.out(text);
    return;
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
  streams.out(`Wrote ${path}. On another machine: kubemu lab import ${path}\n`);
}

/** `kubemu lab import PATH`: progress that was exported, or the folder of a scenario. */
export async function importFrom(streams: ProcessStreams, path: string, options: { output?: string }): Promise<void> {
  if (existsSync(path) && statSync(path).isDirectory())
    return await (await import('./scenario.ts')).importScenario(streams, path, options);
  const labs = progressOf(process.env).merge(readText(path), path);
  streams.out(`Took over the progress in ${count(labs, 'lab')}.\n`);
}
