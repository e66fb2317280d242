import { copyJson } from '../base/copy-json.ts';
import { END_OF_INPUT, INTERRUPT } from '../base/line-editor.ts';
import { answerTool, execute } from './evaluator/commands.ts';
import { deliver } from './evaluator/deliver.ts';
import { Evaluation, isBash, type Progress, toVariables } from './evaluator/evaluation.ts';
import { HANDLERS, leave, runText } from './evaluator/frames.ts';
import { isSteady, skipRepetitions, watchForLap, watchForPeriod } from './evaluator/period.ts';
import { ExpansionFailed } from './evaluator/scope.ts';
import { signalName } from './evaluator/signals.ts';
import type { Frame, Group, Task } from './evaluator/state.ts';
import type {
  CommandResult,
  Machine,
  OutputChunk,
  ProcessState,
  ResumeOptions,
  SpawnOptions,
  StepResult,
} from './process.ts';

/** Steps that a group may take without time passing; after it, it is taken to be spinning. */
const STEPS_AT_ONCE = 100_000;
/** How long a group that spins is left alone, ms; what spins for ever, looking at something, takes fewer steps more often. */
const SPIN = 60_000;
const GLANCE = { steps: 500, every: 5000 };
/** Between what is typed and the keys that mean something of their own. */
const KEYS = new RegExp(`([${INTERRUPT}${END_OF_INPUT}])`);
/** Ended children that nobody has waited for, kept at most. */
const ZOMBIES = 64;

/** A new process that has not done anything yet: `resume` it. `failure` is set when there is no such program. */
export function spawn(machine: Machine, options: SpawnOptions): ProcessState & { failure?: string } {
  const { argv, env, cwd, user, pid = 1 } = options;
  const group: Group = {
    now: machine.now(),
    tasks: [],
    pipes: {},
    files: {},
    sources: [],
    nextPid: pid + 1,
    user: user === '' || user === '0' ? 'root' : user,
    input: { text: options.stdin ?? '', open: options.stdinOpen ?? false },
    ...(options.tty && { terminal: true }),
    ...(options.size && { size: options.size }),
    ...(machine.flavour !== 'bash' && isBash(argv[0] ?? '') && { bash: true }),
    draws: 0,
    touched: {},
  };
  const task: Task = {
    pid,
    ppid: pid === 1 ? 0 : 1,
    shell: pid,
    command: argv.join(' '),
    started: group.now,
    frames: [],
    variables: toVariables(env),
    functions: {},
    args: [argv[0] ?? 'sh'],
    descriptors: {
      0: options.stdin === undefined && !options.stdinOpen ? { kind: 'null' } : { kind: 'stdin' },
      1: { kind: 'stdout' },
      2: { kind: 'stderr' },
    },
    cwd,
    mode: 'command',
    options: '',
    traps: {},
    status: 0,
    children: [],
    pending: [],
  };
  group.tasks.push(task);
  const evaluation = new Evaluation(group, machine);
  const failed = execute(evaluation, task, argv, env);
  if (evaluation.output.length > 0) group.unsent = evaluation.output;
  return { pid, argv, env, cwd, user, machine: group, ...(failed && { failure: failed.message }) };
}

/** What a shell keeps from one line to the next. Plain JSON. */
export interface ShellMemory extends Pick<Task, 'variables' | 'functions' | 'aliases' | 'cwd' | 'options' | 'status'> {
  /** The texts in which its functions stand. */
  sources: string[];
}

/** A shell that does what one line, or several, typed at its prompt say, and ends: `resume` it, then `remember` it for the next. */
export function spawnLine(
  machine: Machine,
  line: string,
  options: Omit<SpawnOptions, 'argv' | 'stdin' | 'stdinOpen'>,
  memory?: ShellMemory,
): ProcessState {
  const process = spawn(machine, { ...options, stdinOpen: false, argv: ['bash', '-c', ':'] });
  const evaluation = open(machine, process);
  const { group } = evaluation;
  const task = group.tasks[0]!;
  const { sources = [], ...kept } = memory ?? {};
  Object.assign(task, kept, { mode: 'interactive', frames: [] });
  group.sources = [...sources];
  runText(evaluation, task, line);
  if (evaluation.output.length > 0) group.unsent = evaluation.output;
  return { ...process, machine: group };
}

/** What the next line finds that is typed at the prompt at which this one was. */
export function remember({ machine }: ProcessState): ShellMemory {
  const group = machine as Group;
  const { variables, functions, aliases, cwd, options, status, exit } = group.tasks[0]!;
  const sources = Object.keys(functions).length > 0 ? group.sources : [];
  return { variables, functions, ...(aliases && { aliases }), cwd, options, status: exit?.code ?? status, sources };
}

/** Runs a process up to `machine.now()`: on from where it slept, through all that was due since. */
export function resume(machine: Machine, process: ProcessState, options: ResumeOptions = {}): StepResult {
  const evaluation = open(machine, process);
  const { group } = evaluation;
  if (options.size) group.size = options.size;
  if (options.stdin || options.stdinEnds) disturb(group);
  if (options.stdin && group.terminal) typeOn(evaluation, options.stdin);
  else if (options.stdin) group.input.text += options.stdin;
  if (options.stdinEnds) group.input.open = false;
  if (options.answer) {
    const task = evaluation.task(options.answer.pid);
    if (task?.awaits) answerTool(evaluation, task, options.answer.result);
  }
  run(evaluation, machine.now(), options.changed);
  return resultOf(process, evaluation);
}

/** What is typed on a terminal: ^C interrupts what runs in the foreground and drops what was not read, ^D is the end for whoever reads. */
function typeOn(evaluation: Evaluation, typed: string): void {
  const { group } = evaluation;
  for (const piece of typed.split(KEYS)) {
    if (piece === INTERRUPT) {
      group.input.text = '';
      run(evaluation, evaluation.outside.now());
      interrupt(evaluation);
    } else if (piece === END_OF_INPUT) {
      run(evaluation, evaluation.outside.now());
      group.input.ended = true;
    } else group.input.text += piece;
  }
}

function interrupt(evaluation: Evaluation): void {
  const root = evaluation.group.tasks[0]!;
  if (root.exit) return;
  for (const task of foreground(evaluation, root)) deliver(evaluation, task, 'INT');
}

/** Sends a signal (`TERM`, `SIGTERM`, 15) to a process at `machine.now()`, and runs what follows from it at once. */
export function signal(machine: Machine, process: ProcessState, sig: string | number): StepResult {
  const evaluation = open(machine, process);
  run(evaluation, machine.now());
  const name = signalName(sig);
  const root = evaluation.group.tasks[0]!;
  if (name && name !== 'EXIT' && !root.exit) {
    disturb(evaluation.group);
    if (name === 'INT' && evaluation.group.terminal) interrupt(evaluation);
    else deliver(evaluation, root, name);
    run(evaluation, machine.now());
  }
  return resultOf(process, evaluation);
}

/** Runs a command to its end: for node shells and tests, where nobody else steps it. Virtual sleeps pass at once on the process's own clock. */
export async function runToEnd(
  machine: Machine,
  options: SpawnOptions,
): Promise<CommandResult & { output: OutputChunk[] }> {
  let time = machine.now();
  const own = Object.assign(Object.create(machine) as Machine, { now: () => time });
  const process = spawn(own, options);
  if (process.failure) return { stdout: '', stderr: `${process.failure}\n`, code: 127, output: [] };
  const output: OutputChunk[] = [];
  let step = resume(own, process);
  for (;;) {
    output.push(...step.output);
    if (step.exit) break;
    if (step.pending) step = resume(own, step.process, { answer: await step.pending });
    else if (step.wakeAt !== undefined && !step.steady && !step.follows) {
      time = Math.max(time, step.wakeAt);
      step = resume(own, step.process);
    } else break;
  }
  const text = (stream: OutputChunk['stream']) =>
    output
      .filter((chunk) => chunk.stream === stream)
      .map((chunk) => chunk.text)
      .join('');
  return { stdout: text('stdout'), stderr: text('stderr'), code: step.exit?.code ?? 130, output };
}

/**
 * One connection to a process that listens without being a server of its own (`nc -l`): it reads `sent` and answers with what
 * stands in its input. Undefined if nothing of that kind listens.
 */
export function converse(
  machine: Machine,
  process: ProcessState,
  port: number,
  sent: string,
): { received: string; step: StepResult } | undefined {
  const evaluation = open(machine, process);
  for (const task of evaluation.group.tasks) {
    const frame = task.frames.at(-1);
    if (frame?.kind !== 'program' || !(frame.memory.ports as number[] | undefined)?.includes(port) || frame.memory.http)
      continue;
    const { text } = evaluation.readable(task, 0);
    evaluation.consume(task, 0, text.length);
    frame.memory.served = sent;
    disturb(evaluation.group);
    run(evaluation, machine.now());
    return { received: text, step: resultOf(process, evaluation) };
  }
  return undefined;
}

/** The processes of a group, for `ps` and `top`: the first is the process itself. */
export function processesOf(
  process: ProcessState,
): { pid: number; ppid: number; user: string; command: string; started: number }[] {
  const group = process.machine as Group;
  return group.tasks
    .filter((task) => !task.exit)
    .map(({ pid, ppid, command, started }) => ({ pid, ppid, user: group.user, command, started }));
}

function open(machine: Machine, process: ProcessState): Evaluation {
  const evaluation = new Evaluation(copyJson(process.machine as Group), machine);
  evaluation.output.push(...(evaluation.group.unsent ?? []));
  delete evaluation.group.unsent;
  return evaluation;
}

/** What repeated itself may do something else from now on. */
function disturb(group: Group): void {
  delete group.period;
  delete group.snapshot;
}

function foreground(evaluation: Evaluation, task: Task): Task[] {
  const pids = task.frames.flatMap((frame) =>
    frame.kind === 'child' ? [frame.pid] : frame.kind === 'pipeline' ? (frame.pids ?? []) : [],
  );
  const inner = pids.flatMap((pid) => evaluation.task(pid) ?? []).flatMap((child) => foreground(evaluation, child));
  return [task, ...inner];
}

function resultOf(process: ProcessState, evaluation: Evaluation): StepResult {
  const { group, output, pending } = evaluation;
  const root = group.tasks[0]!;
  const { failure: _, ...state } = process as ProcessState & { failure?: string };
  const base = { process: { ...state, machine: group }, output };
  if (root.exit) return { ...base, exit: root.exit };
  const wakeAt = pending ? undefined : nextWake(group);
  return {
    ...base,
    ...(wakeAt !== undefined && { wakeAt }),
    ...(wakeAt !== undefined && onlyFollows(group) && { follows: true as const }),
    ...(group.period && { repeats: true as const }),
    ...demandOf(group),
    ...(isSteady(group) && {
      steady: { files: group.touched.files === true, network: group.touched.network === true },
    }),
    ...(pending && { pending: pending.result.then((result) => ({ pid: pending.pid, result })) }),
  };
}

/** What a client spends on a request of its own, ms of a core. */
const PER_CALL = 0.2;

/** What repeats itself without a pause, or asks again and again, keeps somebody busy. */
function demandOf({ spinning, period, tasks }: Group): Pick<StepResult, 'demand'> {
  const busy = tasks.filter((task) => {
    const frame = task.frames.at(-1);
    return !task.exit && frame?.kind === 'program' && frame.memory.busy;
  }).length;
  const each = Object.entries(period?.requests ?? {}).map(
    ([end, count]) => [end, (count * 1000) / period!.ms] as const,
  );
  const calls = each.reduce((sum, [, rate]) => sum + rate, 0);
  const cpu = (spinning === undefined ? 0 : 1000) + busy * 1000 + calls * PER_CALL;
  return cpu > 0 ? { demand: { cpu, ...(calls > 0 && { requests: Object.fromEntries(each) }) } } : {};
}

function run(evaluation: Evaluation, until: number, changed = false): void {
  const { group } = evaluation;
  let due = nextWake(group);
  for (;;) {
    if (!runUntilAsleep(evaluation)) return;
    evaluation.sweep();
    const wake = nextWake(group);
    // Who merely sleeps on was looked at when it fell asleep.
    if (wake !== undefined && wake !== due) watchForPeriod(group);
    due = undefined;
    if (wake === undefined || wake > until) break;
    skipRepetitions(group, until, changed);
    if (changed && group.period) group.period.since = group.now;
    group.now = Math.max(group.now, nextWake(group)!);
  }
}

/** Steps every task until none can go on. Answers false when the group has ended or waits for a command's answer. */
function runUntilAsleep(evaluation: Evaluation): boolean {
  const { group } = evaluation;
  let steps = 0;
  const most = group.period?.spins ? GLANCE.steps : STEPS_AT_ONCE;
  for (let moved = true; moved; ) {
    moved = false;
    for (const task of [...group.tasks]) {
      while (!task.exit && stepTask(evaluation, task) === 'moved') {
        moved = true;
        if (++steps > most) {
          watchForLap(group, GLANCE.every, () => !task.exit && stepTask(evaluation, task));
          group.spinning = group.now + (group.period?.spins ? GLANCE.every : SPIN);
          return true;
        }
        if (group.tasks[0]!.exit) return false;
      }
      if (evaluation.pending) return false;
    }
    if (group.tasks[0]!.exit) return false;
    forgetZombies(group);
  }
  delete group.spinning;
  if (group.period?.spins) disturb(group);
  return true;
}

function forgetZombies(group: Group): void {
  const ended = group.tasks.filter((task) => task.exit && !waitedFor(group, task));
  for (const task of ended.slice(0, Math.max(0, ended.length - ZOMBIES)))
    group.tasks.splice(group.tasks.indexOf(task), 1);
}

const waitedFor = (group: Group, { pid, ppid }: Task) =>
  group.tasks.some(
    (task) =>
      task.pid === ppid &&
      task.frames.some(
        (frame: Frame) => ('pid' in frame && frame.pid === pid) || ('pids' in frame && frame.pids?.includes(pid)),
      ),
  );

/** Frames during which a trap has to wait: what runs in the foreground ends first. */
const HOLDS_TRAPS = new Set<Frame['kind']>(['child', 'capture', 'tool', 'program', 'pipeline', 'simple']);

function stepTask(evaluation: Evaluation, task: Task): Progress {
  evaluation.standAt(task);
  const frame = task.frames.at(-1);
  if (
    task.pending.length > 0 &&
    (!frame || !HOLDS_TRAPS.has(frame.kind) || (frame.kind === 'simple' && !frame.words))
  ) {
    const action = task.traps[task.pending.shift()!];
    if (action) {
      runText(evaluation, task, action, { status: task.status });
      return 'moved';
    }
  }
  if (!frame) {
    leave(evaluation, task, task.status);
    return 'moved';
  }
  try {
    const handler = HANDLERS[frame.kind] as (evaluation: Evaluation, task: Task, frame: Frame) => Progress;
    return handler(evaluation, task, frame);
  } catch (error) {
    if (!(error instanceof ExpansionFailed)) throw error;
    const shell = task.frames[0];
    const code = evaluation.outside.flavour === 'bash' ? 1 : 2;
    if (shell?.kind === 'interactive') {
      task.frames = [shell];
      task.status = code;
    } else leave(evaluation, task, code);
    return 'moved';
  }
}

/** Who of the group sleeps, and until when. */
function sleepers(group: Group): { wake: number; follows: boolean }[] {
  return group.tasks.flatMap((task) => {
    const frame = task.frames.at(-1);
    const wake =
      frame?.kind === 'program'
        ? frame.memory.wake
        : frame?.kind === 'tool'
          ? frame.wake
          : frame?.kind === 'simple' && frame.memory && /^[0-9.]+$/.test(frame.memory)
            ? Number(frame.memory)
            : undefined;
    if (wake === undefined || wake <= group.now) return [];
    const follows = frame?.kind === 'program' ? frame.memory.follows === true : 'again' in frame! && !!frame.again;
    return [{ wake, follows }];
  });
}

/** See StepResult.follows. */
const onlyFollows = (group: Group): boolean =>
  group.spinning === undefined && sleepers(group).every(({ follows }) => follows);

/** When the first of the group's sleepers wakes. */
function nextWake(group: Group): number | undefined {
  if (group.spinning !== undefined) return group.spinning;
  return sleepers(group).reduce<number | undefined>(
    (first, { wake }) => (first === undefined || wake < first ? wake : first),
    undefined,
  );
}
