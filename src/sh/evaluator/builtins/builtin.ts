import type { Evaluation } from '../evaluation.ts';
import type { FrameOf, Task } from '../state.ts';

/**
 * A command that is the shell's own. Answers its status; `blocked` to be asked again once something has moved; `taken` when it
 * has changed the stack itself.
 */
export type Builtin = (
  evaluation: Evaluation,
  task: Task,
  args: string[],
  frame: FrameOf<'simple'>,
) => number | 'blocked' | 'taken';

export const quoted = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;
