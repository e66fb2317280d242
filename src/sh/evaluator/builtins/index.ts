import { findOnPath, resolve, runExternal } from '../commands.ts';
import { runTest } from '../condition.ts';
import { arithmetic } from '../frames.ts';
import type { Builtin } from './builtin.ts';
import { evals, exec, exit, loop, returns, source } from './flow.ts';
import { cd, folders } from './folders.ts';
import { mapfile, read } from './input.ts';
import { kill, trap, wait } from './jobs.ts';
import { echo, printf } from './output.ts';
import { declare, getopts, set, shift, unset } from './variables.ts';

/** Builtins that only bash has. */
export const BASH_BUILTINS = new Set(['builtin', 'pushd', 'popd', 'dirs']);

/** Words of the shell's grammar. */
const KEYWORDS = new Set(
  'if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc'.split(' '),
);

/** `type` and `command -v`. */
const describe =
  (verbose: boolean): Builtin =>
  (evaluation, task, args) => {
    let status = 0;
    const kinds = args[0] === '-t' && evaluation.outside.flavour === 'bash';
    for (const name of args.filter((arg) => !arg.startsWith('-'))) {
      const path = findOnPath(evaluation, task, name);
      const own = task.functions[name] ? 'a function' : Object.hasOwn(BUILTINS, name) ? 'a shell builtin' : undefined;
      const bare = !own && !path && resolve(evaluation, task, name).kind !== 'missing' ? `/usr/bin/${name}` : path;
      if (kinds) {
        const kind = KEYWORDS.has(name) ? 'keyword' : own ? own.split(' ').at(-1)! : bare ? 'file' : undefined;
        if (kind) evaluation.write(task, 1, `${kind}\n`);
        else status = 1;
      } else if (verbose && KEYWORDS.has(name)) evaluation.write(task, 1, `${name} is a shell keyword\n`);
      else if (own || bare)
        evaluation.write(
          task,
          1,
          verbose && args[0] !== '-p' ? `${name} is ${own ?? bare}\n` : `${own ? name : bare}\n`,
        );
      else {
        status = evaluation.busybox || evaluation.outside.flavour === 'dash' ? 127 : 1;
        if (verbose && evaluation.outside.flavour !== 'bash') evaluation.write(task, 1, `${name}: not found\n`);
        else if (verbose) evaluation.complain(task, `type: ${name}: not found`);
      }
    }
    return status;
  };

const command: Builtin = (evaluation, task, args, frame) => {
  if (args[0] === '-v' || args[0] === '-V') return describe(args[0] === '-V')(evaluation, task, args.slice(1), frame);
  const rest = args.filter((arg, index) => index > 0 || arg !== '-p');
  const name = rest[0];
  if (name === undefined) return 0;
  if (Object.hasOwn(BUILTINS, name)) return BUILTINS[name]!(evaluation, task, rest.slice(1), frame);
  frame.ran = true;
  runExternal(evaluation, task, rest, { ...evaluation.environment(task), ...frame.environment });
  return 'taken';
};

const test: Builtin = (evaluation, task, args) => runTest(evaluation, task, args);

const bracket: Builtin = (evaluation, task, args) => {
  if (args.at(-1) === ']') return runTest(evaluation, task, args.slice(0, -1));
  evaluation.complain(
    task,
    { busybox: '[: missing ]', dash: '[: missing ]', bash: "[: missing `]'" }[evaluation.outside.flavour],
  );
  return 2;
};

const nothing: Builtin = () => 0;

/** The shell's own commands by name. */
export const BUILTINS: Record<string, Builtin> = {
  ':': nothing,
  true: nothing,
  false: () => 1,
  echo,
  printf,
  cd,
  chdir: cd,
  pwd: (evaluation, task) => {
    evaluation.write(task, 1, `${task.cwd}\n`);
    return 0;
  },
  exit,
  break: loop(true),
  continue: loop(false),
  return: returns,
  set,
  shift,
  export: declare('exported'),
  readonly: declare('readonly'),
  local: declare(undefined, true),
  declare: declare(undefined, true),
  typeset: declare(undefined, true),
  unset,
  read,
  mapfile,
  readarray: mapfile,
  wait,
  kill,
  trap,
  exec,
  eval: evals,
  '.': source,
  source,
  type: describe(true),
  command,
  getopts,
  test,
  '[': bracket,
  let: (evaluation, task, args) => Number(args.map((text) => arithmetic(evaluation, task, text)).at(-1) === 0n),
  umask: (evaluation, task, args) => {
    const own = task.variables._UMASK?.value ?? '0022';
    if (args.length === 0) evaluation.write(task, 1, `${own}\n`);
    else if (/^[0-7]+$/.test(args[0]!)) task.variables._UMASK = { value: args[0]!.padStart(4, '0').slice(-4) };
    return 0;
  },
  ulimit: (evaluation, task) => {
    evaluation.write(task, 1, 'unlimited\n');
    return 0;
  },
  jobs: (evaluation, task) => {
    const lines = task.children.map(
      (pid, index) =>
        `[${index + 1}]${index === task.children.length - 1 ? '+' : index === task.children.length - 2 ? '-' : ' '}  Running                 ${evaluation.task(pid)?.command ?? ''} &\n`,
    );
    evaluation.write(task, 1, lines.join(''));
    return 0;
  },
  hash: nothing,
  alias: (evaluation, task, args) => {
    const shown = (name: string) => evaluation.write(task, 1, `alias ${name}='${task.aliases![name]}'\n`);
    if (args.length === 0) for (const name of Object.keys(task.aliases ?? {}).sort()) shown(name);
    let status = 0;
    for (const arg of args) {
      const [, name = '', text] = /^([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
      if (text !== undefined) task.aliases = { ...task.aliases, [name]: text.trim() };
      else if (task.aliases?.[name] !== undefined) shown(name);
      else {
        evaluation.complain(task, `alias: ${arg}: not found`);
        status = 1;
      }
    }
    return status;
  },
  unalias: (evaluation, task, args) => {
    const missing = args.filter((name) => name !== '-a' && task.aliases?.[name] === undefined);
    if (evaluation.outside.flavour === 'bash')
      for (const name of missing) evaluation.complain(task, `unalias: ${name}: not found`);
    const kept = Object.entries(task.aliases ?? {}).filter(([name]) => !args.includes(name) && !args.includes('-a'));
    task.aliases = Object.fromEntries(kept);
    return missing.length > 0 ? 1 : 0;
  },
  builtin: (evaluation, task, args, frame) => {
    const [name] = args;
    if (name === undefined) return 0;
    if (Object.hasOwn(BUILTINS, name)) return BUILTINS[name]!(evaluation, task, args.slice(1), frame);
    evaluation.complain(task, `builtin: ${name}: not a shell builtin`);
    return 1;
  },
  pushd: folders,
  popd: folders,
  dirs: folders,
  bg: nothing,
  fg: nothing,
  shopt: nothing,
  history: nothing,
};
