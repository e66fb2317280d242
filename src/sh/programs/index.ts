import type { Evaluation, Progress } from '../evaluator/evaluation.ts';
import { checkFailure } from '../evaluator/frames.ts';
import type { FrameOf, Task } from '../evaluator/state.ts';
import { daemon } from './daemon.ts';
import { type Program, programIo } from './io.ts';
import { httpd, pythonServer } from './listeners.ts';
import { netcat } from './netcat.ts';
import { ping } from './ping.ts';
import { cat, head, tail, tee, yes } from './streams.ts';
import { pause, sleep, time, timeout } from './waiting.ts';

/** Programs that last, by name: everything else runs to its end at once (tools/). */
export const PROGRAMS: Record<string, Program> = {
  sleep,
  usleep: sleep,
  pause,
  time,
  timeout,
  cat,
  head,
  tee,
  tail,
  yes,
  nc: netcat,
  ncat: netcat,
  netcat,
  httpd,
  ping,
  python: pythonServer,
  python3: pythonServer,
  daemon,
};

/** The frame of a program on top of its task's stack. */
export function stepProgram(evaluation: Evaluation, task: Task, frame: FrameOf<'program'>): Progress {
  const { memory } = frame;
  if (memory.wake !== undefined) {
    if (evaluation.now < memory.wake) return 'blocked';
    delete memory.wake;
  }
  const answer = PROGRAMS[frame.name]!.step(programIo(evaluation, task, frame));
  if (typeof answer !== 'number') return answer;
  if (task.frames.at(-1) === frame) task.frames.pop();
  task.status = answer;
  checkFailure(evaluation, task);
  return 'moved';
}
