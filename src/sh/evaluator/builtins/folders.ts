import { followed } from '../condition.ts';
import { absolute } from '../evaluation.ts';
import type { Builtin } from './builtin.ts';

export const cd: Builtin = (evaluation, task, args) => {
  const target = args.find((arg) => !/^-[LP]$/.test(arg)) ?? evaluation.get(task, 'HOME') ?? '/';
  const path = target === '-' ? (evaluation.get(task, 'OLDPWD') ?? task.cwd) : absolute(task.cwd, target);
  const stat = followed(evaluation.machine.files, path);
  if (stat?.type !== 'directory') {
    const message = stat ? 'Not a directory' : 'No such file or directory';
    evaluation.complain(
      task,
      {
        busybox: `cd: can't cd to ${target}: ${message}`,
        dash: `cd: can't cd to ${target}`,
        bash: `cd: ${target}: ${message}`,
      }[evaluation.outside.flavour],
    );
    return evaluation.outside.flavour === 'dash' ? 2 : 1;
  }
  if (target === '-') evaluation.write(task, 1, `${path}\n`);
  task.variables.OLDPWD = { value: task.cwd, exported: true };
  task.cwd = path;
  task.variables.PWD = { value: path, exported: true };
  return 0;
};

/** `pushd DIR`, `popd`, `dirs`: the stack of folders, the current one on top. */
export const folders: Builtin = (evaluation, task, args, frame) => {
  const [verb = ''] = frame.words ?? [];
  const below = (task.variables._DIRS?.value ?? '').split('\n').filter(Boolean);
  const keep = (stack: string[]) => {
    task.variables._DIRS = { value: stack.join('\n') };
  };
  const before = task.cwd;
  if (verb === 'popd' || (verb === 'pushd' && args.length === 0)) {
    const [next, ...rest] = below;
    if (next === undefined) {
      evaluation.complain(task, verb === 'popd' ? 'popd: directory stack empty' : 'pushd: no other directory');
      return 1;
    }
    if (cd(evaluation, task, [next], frame) !== 0) return 1;
    keep(verb === 'popd' ? rest : [before, ...rest]);
  } else if (verb === 'pushd') {
    if (cd(evaluation, task, args.slice(0, 1), frame) !== 0) return 1;
    keep([before, ...below]);
  }
  const home = evaluation.get(task, 'HOME');
  const stack = [task.cwd, ...(task.variables._DIRS?.value ?? '').split('\n').filter(Boolean)];
  const shown = stack.map((path) =>
    home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path,
  );
  evaluation.write(task, 1, `${shown.join(' ')}\n`);
  return 0;
};
