import { absolute, type Evaluation } from '../evaluator/evaluation.ts';
import type { FrameOf, Memory, Task } from '../evaluator/state.ts';
import type { Machine } from '../process.ts';

/** What a program that lasts sees of the process it is. */
export interface ProgramIo {
  argv: string[];
  environment: Record<string, string>;
  memory: Memory;
  machine: Machine;
  busybox: boolean;
  now: number;
  task: Task;
  evaluation: Evaluation;
  path(file: string): string;
  out(text: string): void;
  err(text: string): void;
  /** Whether output has to wait for its reader. */
  full(): boolean;
  input(): { text: string; ended: boolean };
  consume(length: number): void;
}

/** A program that lasts: it sleeps (`memory.wake`), waits for input or for signals. All that it remembers is in `memory`. */
export interface Program {
  /** Goes on; answers its exit code, or whether it has moved. It is not asked again before `memory.wake`. */
  step(io: ProgramIo): number | 'moved' | 'blocked';
  /** Answers the code that a signal ends it with, 'ignored', or undefined for the default effect. */
  signal?(io: ProgramIo, name: string): number | 'ignored' | undefined;
}

export function programIo(evaluation: Evaluation, task: Task, frame: FrameOf<'program'>): ProgramIo {
  return {
    argv: frame.argv,
    environment: frame.environment,
    memory: frame.memory,
    machine: evaluation.machine,
    busybox: evaluation.busybox && !evaluation.machine.packages?.includes(frame.name),
    now: evaluation.now,
    task,
    evaluation,
    path: (file) => absolute(task.cwd, file),
    out: (text) => evaluation.write(task, 1, text),
    err: (text) => evaluation.write(task, 2, text),
    full: () => evaluation.isFull(task, 1),
    input: () => evaluation.readable(task, 0),
    consume: (length) => evaluation.consume(task, 0, length),
  };
}
