import { ShellSyntaxError } from '../syntax/ast.ts';
import { type Evaluation, type Progress, scriptOf } from './evaluation.ts';
import { complainSyntax, enter, leave } from './frames.ts';
import type { FrameOf, Task } from './state.ts';

/** A shell that reads commands from its input, a complete one at a time. */
export function stepInteractive(evaluation: Evaluation, task: Task, frame: FrameOf<'interactive'>): Progress {
  if (!frame.prompted) {
    frame.prompted = true;
    delete evaluation.group.input.ended;
    if (evaluation.group.terminal) evaluation.write(task, 2, frame.text ? '> ' : prompt(evaluation, task));
  }
  const { text, ended } = evaluation.readable(task, 0);
  const end = text.indexOf('\n');
  if (end < 0 && !ended) return 'blocked';
  const line = end < 0 ? text : text.slice(0, end + 1);
  evaluation.consume(task, 0, line.length);
  frame.text += line;
  frame.prompted = false;
  if (frame.text.trim() !== '') {
    try {
      scriptOf(frame.text);
      enterText(evaluation, task, frame);
      return 'moved';
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      if (!error.incomplete || ended) {
        complainSyntax(evaluation, task, error, frame.text);
        frame.text = '';
        task.status = 2;
      }
    }
  } else frame.text = '';
  if (ended && evaluation.readable(task, 0).text === '') leave(evaluation, task, task.status);
  return 'moved';
}

function enterText(evaluation: Evaluation, task: Task, frame: FrameOf<'interactive'>): void {
  const place = evaluation.intern(frame.text);
  frame.text = '';
  enter(evaluation, task, place);
}

function prompt(evaluation: Evaluation, task: Task): string {
  const own = task.variables.PS1?.value;
  const { user } = evaluation.group;
  const root = /^(root|0)(:|$)/.test(user);
  const mark = root ? '#' : '$';
  const home = task.variables.HOME?.value ?? '/root';
  const shown =
    task.cwd === home
      ? '~'
      : task.cwd.startsWith(`${home}/`) && home !== '/'
        ? `~${task.cwd.slice(home.length)}`
        : task.cwd;
  if (own) {
    return own
      .replaceAll('\\u', user)
      .replaceAll('\\h', evaluation.outside.hostname)
      .replaceAll('\\w', shown)
      .replaceAll('\\$', mark)
      .replace(/\\\[|\\\]/g, '');
  }
  return {
    busybox: `${shown} ${mark} `,
    dash: `${mark} `,
    bash: `${root ? 'root' : user}@${evaluation.outside.hostname}:${shown}${mark} `,
  }[evaluation.outside.flavour];
}
