import { execute, findOnPath } from '../commands.ts';
import { absolute, fsMessage } from '../evaluation.ts';
import { leave, runText, unwindCall, unwindLoop } from '../frames.ts';
import type { Frame, FrameOf } from '../state.ts';
import type { Builtin } from './builtin.ts';

export const exit: Builtin = (evaluation, task, args) => {
  const text = args[0];
  if (text !== undefined && !/^-?[0-9]+$/.test(text)) {
    evaluation.complain(
      task,
      {
        busybox: `exit: Illegal number: ${text}`,
        dash: `exit: Illegal number: ${text}`,
        bash: `exit: ${text}: numeric argument required`,
      }[evaluation.outside.flavour],
    );
    leave(evaluation, task, 2);
    return 'taken';
  }
  const trap = task.frames.find(
    (frame: Frame): frame is FrameOf<'text'> => frame.kind === 'text' && frame.status !== undefined,
  );
  leave(evaluation, task, text === undefined ? (trap?.status ?? task.status) : Number(text));
  return 'taken';
};

export const loop =
  (broken: boolean): Builtin =>
  (evaluation, task, args, frame) => {
    if (frame.saved) evaluation.restore(task, frame.saved);
    if (unwindLoop(task, Math.max(1, Number(args[0] ?? 1)), broken)) return 'taken';
    if (evaluation.outside.flavour === 'bash')
      evaluation.complain(
        task,
        `${broken ? 'break' : 'continue'}: only meaningful in a \`for', \`while', or \`until' loop`,
      );
    return 0;
  };

export const returns: Builtin = (evaluation, task, args, frame) => {
  const status = args[0] === undefined ? task.status : Number(args[0]) & 255;
  if (frame.saved) evaluation.restore(task, frame.saved);
  const bash = evaluation.outside.flavour === 'bash';
  if (bash && !task.frames.some((one) => one.kind === 'call' || (one.kind === 'text' && one.source))) {
    evaluation.complain(task, "return: can only `return' from a function or sourced script");
    return 2;
  }
  if (!unwindCall(evaluation, task)) {
    leave(evaluation, task, status);
    return 'taken';
  }
  task.status = status;
  return 'taken';
};

export const exec: Builtin = (evaluation, task, args, frame) => {
  if (args.length === 0) {
    delete frame.saved;
    return 0;
  }
  const argv = args[0] === '-a' ? args.slice(2) : args[0] === '--' ? args.slice(1) : args;
  const failed = execute(evaluation, task, argv, { ...evaluation.environment(task), ...frame.environment });
  if (!failed) return 'taken';
  evaluation.complain(task, `exec: ${failed.message.replace('command not found', 'not found')}`);
  leave(evaluation, task, failed.code);
  return 'taken';
};

export const source: Builtin = (evaluation, task, args) => {
  const name = args[0] ?? '';
  const path = name.includes('/')
    ? absolute(task.cwd, name)
    : (findOnPath(evaluation, task, name) ?? absolute(task.cwd, name));
  try {
    const text = evaluation.machine.files.read(path);
    const simple = task.frames.pop() as FrameOf<'simple'>;
    if (simple.saved) evaluation.restore(task, simple.saved);
    runText(evaluation, task, text, { source: true });
    return 'taken';
  } catch (error) {
    evaluation.complain(
      task,
      {
        busybox: `.: can't open '${name}': ${fsMessage(error)}`,
        dash: `.: cannot open ${name}: No such file`,
        bash: `${name}: ${fsMessage(error)}`,
      }[evaluation.outside.flavour],
    );
    return evaluation.outside.flavour === 'bash' ? 1 : 2;
  }
};

export const evals: Builtin = (evaluation, task, args, frame) => {
  if (frame.memory) return task.status;
  frame.memory = 'run';
  frame.ran = true;
  task.status = 0;
  runText(evaluation, task, args.join(' '));
  return 'taken';
};
