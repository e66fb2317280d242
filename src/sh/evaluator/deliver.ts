import { PROGRAMS } from '../programs/index.ts';
import { programIo } from '../programs/io.ts';
import type { Evaluation } from './evaluation.ts';
import { HARMLESS, SIGNALS } from './signals.ts';
import type { Task } from './state.ts';

/** Delivers a signal as the kernel does: to its trap, to the program's own handler, or with its default effect, which PID 1 is spared. */
export function deliver(evaluation: Evaluation, task: Task, name: string): void {
  if (task.exit) return;
  const number = SIGNALS[name]!;
  if (name === 'KILL') {
    evaluation.end(task, 128 + number, number);
    return;
  }
  const action = task.traps[name];
  if (action === '') return;
  if (action !== undefined) {
    task.pending.push(name);
    return;
  }
  const top = task.frames.at(-1);
  if (top?.kind === 'program') {
    const code = PROGRAMS[top.name]?.signal?.(programIo(evaluation, task, top), name);
    if (code === 'ignored') return;
    if (code !== undefined) {
      evaluation.end(task, code);
      return;
    }
  }
  const shell = task.frames[0];
  if (shell?.kind === 'interactive' && evaluation.group.terminal && name === 'INT') {
    // It drops what it was doing and asks for the next line.
    task.frames = [{ ...shell, text: '', prompted: false }];
    task.status = 128 + number;
    return;
  }
  if (HARMLESS.has(name) || task.pid === 1) return;
  if (shell?.kind === 'interactive' && evaluation.group.terminal && (name === 'TERM' || name === 'QUIT')) return;
  evaluation.end(task, 128 + number, number);
}
