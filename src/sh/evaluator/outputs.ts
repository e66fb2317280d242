import type { FileStat } from '../process.ts';
import type { Group, Task } from './state.ts';

/** bash counts downwards from here. */
const FIRST = 63;

/** Keeps the output of `<( … )`; answers the path under which the command finds it. */
export function keepOutput(group: Group, task: Task, text: string): string {
  group.outputs ??= {};
  let number = FIRST;
  while (group.outputs[`/dev/fd/${number}`]) number--;
  const path = `/dev/fd/${number}`;
  group.outputs[path] = { text, task: task.pid, depth: task.frames.length };
  return path;
}

/** The next command of a list begins: what was kept for the one before is not needed any more. */
export function forgetOutputs(group: Group, task: Task): void {
  for (const [path, { task: pid, depth }] of Object.entries(group.outputs ?? {}))
    if (pid === task.pid && depth >= task.frames.length) delete group.outputs![path];
  if (Object.keys(group.outputs ?? {}).length === 0) delete group.outputs;
}

/** What such a file is to who reads it; undefined for any other path. */
export function outputAt(group: Group, path: unknown): { text: string; stat: FileStat } | undefined {
  const output = typeof path === 'string' ? group.outputs?.[path] : undefined;
  if (!output) return undefined;
  return { text: output.text, stat: { type: 'file', size: output.text.length, mode: 0o600, mtime: group.now } };
}
