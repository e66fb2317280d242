import { type FileStat, FsError, type TerminalSize } from '../process.ts';
import { PROGRAMS } from '../programs/index.ts';
import type { Assignment } from '../syntax/ast.ts';
import { NeedsInput, TOOLS, type ToolContext, ToolError, type ToolResult, UNSIMULATED } from '../tools/index.ts';
import { clearArray, elementName, keyOf, keysOf } from './arrays.ts';
import { BASH_BUILTINS, BUILTINS } from './builtins/index.ts';
import { followed } from './condition.ts';
import { deliver } from './deliver.ts';
import { absolute, type Evaluation, fsMessage, isBash, type Progress, toVariables } from './evaluation.ts';
import { arithmetic, checkFailure, complainSyntax, enter, leave } from './frames.ts';
import { isLinewise } from './linewise.ts';
import { expandCommand } from './scope.ts';
import type { Frame, FrameOf, Group, Task } from './state.ts';

/** What a name runs. */
type Executable =
  | { kind: 'tool' | 'program'; name: string }
  | { kind: 'shell' }
  /** A script, run by `argv` followed by the script's own arguments. */
  | { kind: 'script'; argv: string[] }
  | { kind: 'missing'; code: 126 | 127; message: string };

/** What a program takes at least that asks the network, ms. */
const ROUND_TRIP = 3;
const SHELLS = new Set(['sh', 'bash', 'ash', 'dash']);
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a program's file begins with when it is no script: the name of the program follows. */
export const BINARY_MARK = '\x7fELF\x02\x01\x01\0';

/** The path that a command's name leads to; undefined if there is none. */
export function findOnPath(evaluation: Evaluation, task: Task, name: string): string | undefined {
  const files = evaluation.outside.files;
  if (name.includes('/')) return files.stat(absolute(task.cwd, name)) ? absolute(task.cwd, name) : undefined;
  const path = task.variables.PATH?.value ?? DEFAULT_PATH;
  return path
    .split(':')
    .map((folder) => absolute(task.cwd, `${folder || '.'}/${name}`))
    .find((candidate) => isExecutable(followed(files, candidate)));
}

const isExecutable = (stat: FileStat | undefined): boolean => stat?.type === 'file' && (stat.mode & 0o111) !== 0;

function known(evaluation: Evaluation, name: string): Executable | undefined {
  if (evaluation.outside.commands[name]) return { kind: 'tool', name };
  if (SHELLS.has(name)) return { kind: 'shell' };
  if (evaluation.outside.daemons?.[name]) return { kind: 'program', name: 'daemon' };
  if (PROGRAMS[name]) return { kind: 'program', name };
  if (TOOLS[name]) return { kind: 'tool', name };
  return undefined;
}

/** Finds what a command's name runs, as execve and the shell's search of PATH do. */
export function resolve(evaluation: Evaluation, task: Task, name: string): Executable {
  const files = evaluation.outside.files;
  const path = findOnPath(evaluation, task, name);
  const notFound = evaluation.outside.flavour === 'bash' ? 'command not found' : 'not found';
  if (path === undefined) {
    const { commands } = evaluation.outside;
    // A node's tools are not in its file system; an image without any has none.
    const bare = !files.stat('/bin/sh') && (!files.stat('/bin') || Object.keys(commands).length > 0);
    const program = (bare || commands[name]) && !name.includes('/') ? known(evaluation, name) : undefined;
    if (program) return program;
    const message =
      name.includes('/') && evaluation.outside.flavour === 'bash' ? 'No such file or directory' : notFound;
    return { kind: 'missing', code: 127, message: `${name}: ${message}` };
  }
  const stat = followed(files, path)!;
  if (stat.type === 'directory')
    return {
      kind: 'missing',
      code: 126,
      message: `${name}: ${evaluation.outside.flavour === 'bash' ? 'Is a directory' : 'Permission denied'}`,
    };
  if ((stat.mode & 0o111) === 0) return { kind: 'missing', code: 126, message: `${name}: Permission denied` };
  const text = files.read(path);
  if (text.startsWith(BINARY_MARK)) {
    const program =
      known(evaluation, text.slice(BINARY_MARK.length).trim()) ?? known(evaluation, path.split('/').at(-1)!);
    return program ?? { kind: 'tool', name: UNSIMULATED };
  }
  const [, interpreter, option] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text) ?? [];
  if (interpreter === undefined) return { kind: 'script', argv: ['sh', path] };
  if (interpreter.endsWith('/env')) return { kind: 'script', argv: [option ?? 'sh', path] };
  return { kind: 'script', argv: [interpreter, ...(option ? [option] : []), path] };
}

/** Makes a task run a program in its place. Answers a failure instead where there is none. */
export function execute(
  evaluation: Evaluation,
  task: Task,
  argv: string[],
  environment: Record<string, string>,
): { code: number; message: string } | undefined {
  const program = resolve(evaluation, task, argv[0]!);
  if (program.kind === 'missing') return program;
  if (program.kind === 'script') {
    const failed = execute(evaluation, task, [...program.argv, ...argv.slice(1)], environment);
    return failed && { code: 126, message: `${argv[0]}: ${failed.message}` };
  }
  task.command = argv.join(' ');
  task.functions = {};
  task.traps = Object.fromEntries(Object.entries(task.traps).filter(([, action]) => action === ''));
  delete task.lenient;
  if (program.kind === 'shell') {
    startShell(evaluation, task, argv, environment);
    return undefined;
  }
  const base = { argv, environment };
  task.frames =
    program.kind === 'tool'
      ? [{ kind: 'tool', ...base }]
      : [{ kind: 'program', name: program.name, ...base, memory: {} }];
  return undefined;
}

/** `sh [-exu] [-c TEXT [NAME]] [FILE] [ARGS]` */
function startShell(evaluation: Evaluation, task: Task, argv: string[], environment: Record<string, string>): void {
  if (task === evaluation.group.tasks[0] && isBash(argv[0]!)) evaluation.turnIntoBash();
  const own = { IFS: { value: ' \t\n' }, PATH: { value: DEFAULT_PATH } };
  // Names that a shell cannot spell do not survive it: bash alone hands them on.
  const spelt = Object.entries(environment).filter(
    ([name]) => evaluation.outside.flavour === 'bash' || /^[A-Za-z_]\w*$/.test(name),
  );
  task.variables = { ...own, ...toVariables(Object.fromEntries(spelt)) };
  task.variables.PWD ??= { value: task.cwd, exported: true };
  if (evaluation.outside.flavour !== 'dash')
    task.variables.SHLVL = { value: String(Number(environment.SHLVL ?? 0) + 1), exported: true };
  task.shell = task.pid;
  task.options = '';
  const args = argv.slice(1);
  let inline = false;
  while (args[0]?.startsWith('-') && args[0] !== '-') {
    const option = args.shift()!;
    if (option === '--') break;
    if (option === '--login') continue;
    if (option === '-o') {
      if (args.shift() === 'pipefail') task.options += 'p';
      continue;
    }
    for (const letter of option.slice(1)) {
      if (letter === 'c') inline = true;
      else if (letter === 'o') {
        if (args.shift() === 'pipefail') task.options += 'p';
      } else if ('euxf'.includes(letter)) task.options += letter;
    }
  }
  if (inline) {
    const text = args.shift();
    task.mode = 'command';
    task.args = args.length > 0 ? args : [argv[0]!];
    if (text === undefined) {
      const message = {
        busybox: "option requires an argument -- 'c'",
        dash: '0: -c requires an argument',
        bash: '-c: option requires an argument',
      }[evaluation.outside.flavour];
      evaluation.write(task, 2, `${argv[0]}: ${message}\n`);
      evaluation.end(task, 2);
    } else startScript(evaluation, task, text);
    return;
  }
  const file = args[0];
  if (file === undefined || file === '-') {
    task.mode = 'interactive';
    task.args = [argv[0]!];
    task.frames = [{ kind: 'interactive', text: '' }];
    return;
  }
  task.mode = 'script';
  task.args = args;
  try {
    startScript(evaluation, task, evaluation.outside.files.read(absolute(task.cwd, file)));
  } catch (error) {
    const missing = error instanceof FsError && error.code === 'ENOENT';
    const name = argv[0]!;
    const message = {
      busybox: `${name}: can't open '${file}': ${fsMessage(error)}`,
      dash: `${name}: 0: cannot open ${file}: ${missing ? 'No such file' : fsMessage(error)}`,
      bash: `${name}: ${file}: ${fsMessage(error)}`,
    }[evaluation.outside.flavour];
    evaluation.write(task, 2, `${message}\n`);
    evaluation.end(
      task,
      evaluation.outside.flavour === 'busybox' || evaluation.outside.flavour === 'dash' ? 2 : missing ? 127 : 126,
    );
  }
}

function startScript(evaluation: Evaluation, task: Task, text: string): void {
  task.frames = [];
  try {
    enter(evaluation, task, evaluation.intern(text));
  } catch (error) {
    complainSyntax(evaluation, task, error, text);
    evaluation.end(task, 2);
  }
}

/** A simple command: expanded once, then run by a function, a builtin, a tool or a child. */
export function stepSimple(evaluation: Evaluation, task: Task, frame: FrameOf<'simple'>): Progress {
  const node = evaluation.nodeOf<'simple'>(frame.at);
  if (frame.ran) return finish(evaluation, task, frame);
  if (!frame.words) {
    if (!frame.results) delete task.substitutionStatus;
    const values = node.assignments.map(({ value }) => value);
    const expanded = expandCommand(evaluation, task, frame, {
      words: node.words,
      names:
        node.words.length === 0
          ? node.assignments.map(({ name, items, subscript }) => (items || subscript ? '' : name))
          : [],
      lists: node.assignments.map(({ items = [] }) => items),
      texts: [
        ...values,
        ...node.assignments.map(({ subscript = [] }) => subscript),
        ...node.redirections.map(({ target }) => target),
      ],
    });
    if (!expanded) return 'moved';
    const texts = expanded.texts.splice(0, values.length);
    const subscripts = expanded.texts.splice(0, values.length);
    const assigned = node.assignments.flatMap((assignment, index) =>
      assignedBy(evaluation, task, assignment, {
        text: texts[index]!,
        subscript: subscripts[index]!,
        items: expanded.lists[index]!,
      }),
    );
    trace(evaluation, task, assigned, expanded.words);
    const saved = evaluation.redirect(task, node.redirections, expanded.texts);
    if (!saved) {
      task.status = evaluation.outside.flavour === 'dash' ? 2 : 1;
      task.frames.pop();
      checkFailure(evaluation, task);
      return 'moved';
    }
    frame.saved = saved;
    frame.words = expanded.words;
    frame.environment = Object.fromEntries(assigned);
    if (expanded.words.length === 0) {
      const kept = assigned.every(([name, value]) => assign(evaluation, task, name, value));
      if (!kept && evaluation.outside.flavour === 'bash' && task.mode !== 'interactive') {
        leave(evaluation, task, 1);
        return 'moved';
      }
      task.status = task.substitutionStatus ?? 0;
      return finish(evaluation, task, frame);
    }
  }
  const [name = '', ...rest] = frame.words!;
  const alias = task.mode === 'interactive' && task.aliases?.[name];
  return dispatch(evaluation, task, frame, alias ? [...alias.split(/\s+/), ...rest] : frame.words!);
}

/** The variables that an assignment sets: one, or an array's elements, whose old ones are gone then. */
function assignedBy(
  evaluation: Evaluation,
  task: Task,
  { name, append, subscript, items }: Assignment,
  expanded: { text: string; subscript: string; items: string[] },
): (readonly [string, string])[] {
  const { variables } = task;
  const key = (text: string) => keyOf(variables, name, text, (number) => Number(arithmetic(evaluation, task, number)));
  if (items) {
    const first = append ? Number(keysOf(variables, name).at(-1) ?? -1) + 1 : 0;
    if (!append) clearArray(variables, name);
    return expanded.items.map((item, index) => {
      const [, own, value] = /^\[([^\]]*)\]=([\s\S]*)$/.exec(item) ?? [];
      return [elementName(name, own === undefined ? String(first + index) : key(own)), value ?? item] as const;
    });
  }
  const isArray = !subscript && variables[name] === undefined && variables[elementName(name, '0')] !== undefined;
  const variable = subscript ? elementName(name, key(expanded.subscript)) : isArray ? elementName(name, '0') : name;
  return [[variable, (append ? (evaluation.get(task, variable) ?? '') : '') + expanded.text]];
}

/** Sets a variable unless it is read-only. */
export function assign(evaluation: Evaluation, task: Task, name: string, value: string): boolean {
  if (task.variables[name]?.readonly) {
    evaluation.complain(
      task,
      `${name}: ${evaluation.outside.flavour === 'bash' ? 'readonly variable' : 'is read only'}`,
    );
    return false;
  }
  evaluation.set(task, name, value);
  return true;
}

function dispatch(evaluation: Evaluation, task: Task, frame: FrameOf<'simple'>, words: string[]): Progress {
  const [name] = words as [string, ...string[]];
  const body = task.functions[name];
  if (body) {
    const environment = Object.fromEntries(
      Object.keys(frame.environment!).map((key) => [key, task.variables[key] ?? null]),
    );
    for (const [key, value] of Object.entries(frame.environment!)) evaluation.set(task, key, value);
    task.frames.pop();
    task.frames.push({ kind: 'call', name, args: task.args, saved: {}, descriptors: frame.saved!, environment });
    task.args = [task.args[0]!, ...words.slice(1)];
    task.status = 0;
    enter(evaluation, task, body);
    return 'moved';
  }
  const foreign = BASH_BUILTINS.has(name) && evaluation.outside.flavour !== 'bash';
  const builtin = Object.hasOwn(BUILTINS, name) && !foreign ? BUILTINS[name] : undefined;
  if (builtin) {
    const temporary = Object.entries(frame.environment!);
    const before = temporary.map(([key]) => [key, task.variables[key]] as const);
    for (const [key, value] of temporary) evaluation.set(task, key, value);
    const answer = builtin(evaluation, task, words.slice(1), frame);
    if (name !== 'exec' && name !== 'export') {
      for (const [key, variable] of before) {
        if (variable) task.variables[key] = variable;
        else delete task.variables[key];
      }
    }
    if (answer === 'blocked' || answer === 'taken') return answer === 'taken' ? 'moved' : 'blocked';
    task.status = answer;
    return task.frames.includes(frame) ? finish(evaluation, task, frame) : 'moved';
  }
  frame.ran = true;
  const environment = { ...evaluation.environment(task), ...frame.environment };
  if (evaluation.outside.flavour === 'bash') {
    if (isLastOfShell(task) && environment.SHLVL) environment.SHLVL = String(Number(environment.SHLVL) - 1);
    delete environment._;
    environment._ = name.includes('/') ? name : (findOnPath(evaluation, task, name) ?? name);
  }
  runExternal(evaluation, task, words, environment);
  return 'moved';
}

/** Runs a program for a shell: a tool at once, others as a child that is waited for. */
export function runExternal(
  evaluation: Evaluation,
  task: Task,
  argv: string[],
  environment: Record<string, string>,
): void {
  const program = resolve(evaluation, task, argv[0]!);
  if (program.kind === 'missing') {
    evaluation.complain(task, program.message, lineOf(evaluation, task));
    task.status = program.code;
  } else if (program.kind === 'tool') {
    if (isLastOfShell(task)) task.command = argv.join(' ');
    task.frames.push({ kind: 'tool', argv, environment });
  } else {
    const child = isLastOfShell(task) ? task : evaluation.fork(task, []);
    const failed = execute(evaluation, child, argv, environment);
    if (failed) {
      evaluation.complain(child, failed.message);
      evaluation.end(child, failed.code);
    }
    if (child !== task) task.frames.push({ kind: 'child', pid: child.pid });
  }
}

/** Whether a shell of a `-c`, or a subshell, has nothing left to do: what it runs takes its place (EV_EXIT of ash and dash). */
function isLastOfShell({ mode, pid, shell, frames, traps }: Task): boolean {
  const ends = mode === 'command' || pid !== shell;
  return ends && frames.length === 1 && frames[0]!.kind === 'simple' && Object.keys(traps).length === 0;
}

function lineOf(evaluation: Evaluation, task: Task): number {
  const frame = task.frames.findLast((candidate: Frame) => 'at' in candidate);
  return frame && 'at' in frame ? evaluation.node(frame.at).line : 1;
}

function finish(evaluation: Evaluation, task: Task, frame: FrameOf<'simple'>): Progress {
  if (frame.saved) evaluation.restore(task, frame.saved);
  task.frames.pop();
  checkFailure(evaluation, task);
  return 'moved';
}

function trace(evaluation: Evaluation, task: Task, assigned: (readonly [string, string])[], words: string[]): void {
  if (!task.options.includes('x')) return;
  const shown = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const items = [
    ...assigned.map(([name, value]) => `${name}=${value === '' ? '' : shown(value)}`),
    ...words.map(shown),
  ];
  evaluation.write(task, 2, `+ ${items.join(' ')}\n`);
}

/** A tool runs to its end as soon as its input is complete. */
export function stepTool(evaluation: Evaluation, task: Task, frame: FrameOf<'tool'>): Progress {
  if (task.awaits) return 'blocked';
  if (frame.result) {
    if (evaluation.now < frame.wake!) return 'blocked';
    finishTool(evaluation, task, frame.result);
    return 'moved';
  }
  if (frame.again && evaluation.now < frame.wake!) return 'blocked';
  const input = evaluation.readable(task, 0);
  const whole = input.text.slice(0, input.text.lastIndexOf('\n') + 1);
  const early = frame.asked === true && !input.ended;
  if (early && (whole === '' || !isLinewise(frame.argv))) return 'blocked';
  const name = frame.argv[0]!.split('/').at(-1)!;
  const { commands } = evaluation.outside;
  const real = toolName(evaluation, task, frame.argv[0]!);
  const tool = commands[real] ?? commands[name] ?? TOOLS[name] ?? TOOLS[real];
  if (!tool) {
    task.status = 127;
    task.frames.pop();
    return 'moved';
  }
  let taken = 0;
  const context: ToolContext = {
    argv: [name, ...frame.argv.slice(1)],
    env: frame.environment,
    cwd: task.cwd,
    user: task.user ?? evaluation.group.user,
    ...(evaluation.group.terminal &&
      task.descriptors[1]?.kind === 'stdout' &&
      sizeOf(evaluation.group, frame.environment)),
    machine: evaluation.machine,
    ...(frame.again && { memory: frame.again.memory }),
    path: (file) => absolute(task.cwd, file),
    get stdin(): string {
      if (!input.ended && !early) throw new NeedsInput();
      const text = early ? whole : input.text;
      taken = text.length;
      return text;
    },
    processes: () =>
      evaluation.group.tasks
        .filter((other) => !other.exit)
        .map((other) => ({
          pid: other.pid,
          ppid: other.ppid,
          user: other.user ?? evaluation.group.user,
          command: other.command,
          started: other.started,
        })),
    kill: (pid, signal) => killByPid(evaluation, pid, signal),
  };
  let result: ToolResult | Promise<ToolResult>;
  const calls = evaluation.calls;
  try {
    result = tool(context);
  } catch (error) {
    if (error instanceof NeedsInput) {
      frame.asked = true;
      return 'blocked';
    }
    if (!(error instanceof FsError) && !(error instanceof ToolError)) throw error;
    const message = error instanceof FsError ? `${error.path}: ${fsMessage(error)}` : fsMessage(error);
    result = { stdout: '', stderr: `${name}: ${message}\n`, code: error instanceof ToolError ? error.code : 1 };
  }
  if (result instanceof Promise) {
    task.awaits = true;
    evaluation.pending = { pid: task.pid, result: result.then((answer) => ({ ...answer, read: taken })) };
    return 'blocked';
  }
  evaluation.consume(task, 0, taken);
  if (early) {
    evaluation.write(task, 1, result.stdout);
    evaluation.write(task, 2, result.stderr);
    frame.passed = { code: Math.min(result.code, frame.passed?.code ?? result.code) };
    return 'moved';
  }
  if (frame.passed) result = { ...result, code: Math.min(result.code, frame.passed.code) };
  const after = result.after || (evaluation.calls > calls ? ROUND_TRIP : 0);
  if (after) {
    frame.result = { ...result };
    frame.wake = evaluation.now + after;
    return 'blocked';
  }
  finishTool(evaluation, task, result);
  return result.again ? 'blocked' : 'moved';
}

/** The window of the terminal: what was told of it, or what its variables say. */
const sizeOf = ({ size }: Group, { COLUMNS, LINES }: Record<string, string>): TerminalSize =>
  size ?? { columns: Number(COLUMNS) || 80, rows: Number(LINES) || 24 };

/** What a file that was copied under another name really is. */
function toolName(evaluation: Evaluation, task: Task, name: string): string {
  const program = resolve(evaluation, task, name);
  return program.kind === 'tool' ? program.name : name;
}

/** A tool that had to be waited for has answered: what it takes beyond that is still to come. */
export function answerTool(evaluation: Evaluation, task: Task, result: ToolResult): void {
  if (!result.after) return finishTool(evaluation, task, result);
  delete task.awaits;
  const frame = task.frames.at(-1) as FrameOf<'tool'>;
  frame.result = { ...result };
  frame.wake = evaluation.now + result.after;
}

/** Writes a tool's output, and takes it off the stack unless it goes on. */
export function finishTool(evaluation: Evaluation, task: Task, result: ToolResult): void {
  const frame = task.frames.at(-1) as FrameOf<'tool'>;
  delete task.awaits;
  if (result.read) evaluation.consume(task, 0, result.read);
  const { stdout, stderr, written, again } = result;
  if (again) {
    frame.again = { memory: again.memory, ...(again.forwards && { forwards: again.forwards }) };
    // What was missed meanwhile it is told at once.
    frame.wake = Math.max(evaluation.now, evaluation.outside.now()) + again.after;
  } else task.frames.pop();
  for (const { stream, text } of written ?? [
    { stream: 'stdout', text: stdout },
    { stream: 'stderr', text: stderr },
  ])
    evaluation.write(task, stream === 'stdout' ? 1 : 2, text);
  if (again) return;
  task.status = result.code;
  if (!result.run || task.exit) return;
  const environment = result.environment ?? frame.environment;
  const alone = task.frames.length === 0;
  const child = alone ? task : evaluation.fork(task, []);
  if (result.cwd) child.cwd = result.cwd;
  if (result.user) child.user = result.user;
  const departure = evaluation.departure(task, frame.argv);
  if (departure) {
    const { cwd = '/', user } = departure;
    Object.assign(child, { departed: frame.argv, cwd, ...(user && { user }) });
  }
  evaluation.standAt(child);
  const failed = execute(evaluation, child, departure?.argv ?? result.run, departure?.env ?? environment);
  if (failed) {
    const shown = failed.message.replace(/: (command )?not found$/, ': No such file or directory');
    evaluation.write(
      child,
      2,
      `${frame.argv[0]}: ${evaluation.busybox ? `can't execute '${result.run[0]}'${shown.slice(result.run[0]!.length)}` : shown}\n`,
    );
    child.status = failed.code;
    if (!alone) evaluation.end(child, failed.code);
  }
  if (!alone) task.frames.push({ kind: 'child', pid: child.pid });
}

/** Signals a process of this group or, through the machine, another. */
export function killByPid(evaluation: Evaluation, pid: number, signal: string): boolean {
  const target = evaluation.task(pid);
  if (target && !target.exit) {
    // The kernel spares the first process of a namespace these when they come from inside.
    if (pid === 1 && (signal === 'KILL' || signal === 'STOP')) return true;
    if (signal !== 'EXIT') deliver(evaluation, target, signal);
    return true;
  }
  return evaluation.outside.kill?.(pid, signal === 'EXIT' ? 0 : evaluation.signalNumber(signal)) ?? false;
}
