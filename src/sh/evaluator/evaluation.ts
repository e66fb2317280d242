import { type Departure, FsError, type Machine, type OutputChunk } from '../process.ts';
import { lookUp } from '../resolver.ts';
import { type Node, type NodeOf, type Redirection, type Script, ShellSyntaxError } from '../syntax/ast.ts';
import { parseScript } from '../syntax/parser.ts';
import { ERRORS } from '../tools/network/failures.ts';
import { asHandedOn } from './environment-order.ts';
import { FS_MESSAGES } from './messages.ts';
import { outputAt } from './outputs.ts';
import { SIGNALS } from './signals.ts';
import type { Descriptor, Frame, Group, Place, Task, Variable } from './state.ts';
import { freeId } from './state.ts';

/** Whether a step changed anything; a task that is blocked is tried again when others have moved. */
export type Progress = 'moved' | 'blocked';

/** An answer that a command still owes: see StepResult.pending. */
export interface PendingCommand {
  pid: number;
  result: Promise<{ stdout: string; stderr: string; code: number }>;
}

/** Text that a program leaves unread in a pipe before its writer has to wait. */
const PIPE_CAPACITY = 65_536;

/** Debian 12's. */
const BASH_VERSION = '5.2.15(1)-release';

const scripts = new Map<string, Script>();

/** The script of a text, parsed once. Throws ShellSyntaxError. */
export function scriptOf(text: string): Script {
  let script = scripts.get(text);
  if (!script) {
    script = parseScript(text);
    if (scripts.size > 500) scripts.clear();
    scripts.set(text, script);
  }
  return script;
}

export const fsMessage = (error: unknown): string =>
  error instanceof FsError ? FS_MESSAGES[error.code] : error instanceof Error ? error.message : String(error);

/** `path` as seen from `cwd`. */
export function absolute(cwd: string, path: string): string {
  if (/^(?:\/[^/.][^/]*)+$/.test(path)) return path;
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export const isBash = (command: string): boolean => /(^|\/)bash$/.test(command);

const inBash = (outside: Machine): Machine =>
  Object.assign(Object.create(outside) as Machine, { flavour: 'bash' as const });

/** One run of a group of processes, up to the moment at which all of them sleep, wait or have ended. */
export class Evaluation {
  readonly output: OutputChunk[] = [];
  pending?: PendingCommand;
  /** How often the network was asked. */
  calls = 0;
  /** Where the group is at home, and where its processes are that have left. */
  #home: Surroundings;
  readonly #elsewhere = new Map<string, Surroundings>();
  #here: Surroundings;

  constructor(
    readonly group: Group,
    outside: Machine,
  ) {
    this.#home = this.#at(group.bash ? inBash(outside) : outside);
    this.#here = this.#home;
  }

  #at(outside: Machine): Surroundings {
    return { outside, machine: watched(outside, this) };
  }

  /** The group's first process has become a bash, by a script's first line. */
  turnIntoBash(): void {
    if (this.#here !== this.#home || this.outside.flavour === 'bash') return;
    this.group.bash = true;
    this.#home = this.#at(inBash(this.outside));
    this.#here = this.#home;
  }

  /** The machine at the group's own time, noting what is looked at. */
  get machine(): Machine {
    return this.#here.machine;
  }

  get outside(): Machine {
    return this.#here.outside;
  }

  /** From here on the machine is the one that this task is on. */
  standAt({ departed }: Task): void {
    this.#here = departed ? this.#around(departed) : this.#home;
  }

  /** Where a command goes that leaves its container, if it does. */
  departure(task: Task, argv: string[]): Departure | undefined {
    return task.departed ? undefined : this.#home.outside.leave?.(argv);
  }

  #around(argv: string[]): Surroundings {
    const key = argv.join(' ');
    const known = this.#elsewhere.get(key);
    if (known) return known;
    const outside = this.#home.outside.leave?.(argv)?.machine ?? this.#home.outside;
    const found = this.#at(outside);
    this.#elsewhere.set(key, found);
    return found;
  }

  get now(): number {
    return this.group.now;
  }

  get busybox(): boolean {
    return this.outside.flavour === 'busybox';
  }

  task(pid: number): Task | undefined {
    return this.group.tasks.find((task) => task.pid === pid);
  }

  node([source, node]: Place): Node {
    return scriptOf(this.group.sources[source]!).nodes[node]!;
  }

  nodeOf<K extends Node['kind']>(place: Place): NodeOf<K> {
    return this.node(place) as NodeOf<K>;
  }

  /** Keeps a script's text and returns the place of its root. Throws ShellSyntaxError. */
  intern(text: string): Place {
    const script = scriptOf(text);
    if (script.bashOnly && this.outside.flavour !== 'bash')
      throw new ShellSyntaxError(script.bashOnly.token, script.bashOnly.line);
    let source = this.group.sources.indexOf(text);
    if (source < 0) source = this.group.sources.push(text) - 1;
    return [source, script.root];
  }

  /** A child process that shares nothing with its parent but what it inherits. */
  fork(parent: Task, frames: Frame[], descriptors: Record<number, Descriptor> = {}): Task {
    const child: Task = {
      ...parent,
      // Variables are replaced, never changed: the child's table is its own, what is in it is shared.
      variables: { ...parent.variables },
      functions: { ...parent.functions },
      args: [...parent.args],
      descriptors: { ...parent.descriptors, ...descriptors },
      pid: this.group.nextPid++,
      ppid: parent.pid,
      started: this.now,
      frames,
      children: [],
      pending: [],
      traps: Object.fromEntries(
        Object.entries(parent.traps).filter(([name, action]) => action === '' && name !== 'EXIT'),
      ),
      lenient: parent.lenient || this.isLenient(parent),
    };
    delete child.exit;
    delete child.substitutionStatus;
    parent.children.push(child.pid);
    this.group.tasks.push(child);
    return child;
  }

  /** Whether a failure in this task is being tested and so does not end it. */
  isLenient(task: Task): boolean {
    return (
      task.lenient === true ||
      task.frames.some((frame) => {
        if (frame.kind === 'if' || frame.kind === 'while') return frame.stage === 'condition';
        if (frame.kind === 'andor') return frame.next < this.nodeOf<'andor'>(frame.at).items.length;
        return frame.kind === 'pipeline' && this.nodeOf<'pipeline'>(frame.at).negated;
      })
    );
  }

  /** Ends a task; its parent finds the status. */
  end(task: Task, code: number, signal?: number): void {
    task.exit = { code: code & 255, ...(signal !== undefined && { signal }) };
    task.frames = [];
    task.descriptors = {};
    for (const child of this.group.tasks) if (child.ppid === task.pid) child.ppid = 1;
  }

  /** Removes a child that has ended, and answers its status. */
  reap(parent: Task, pid: number): number | undefined {
    const child = this.task(pid);
    if (!child) return 127;
    if (!child.exit) return undefined;
    this.group.tasks.splice(this.group.tasks.indexOf(child), 1);
    parent.children = parent.children.filter((other) => other !== pid);
    return child.exit.code;
  }

  signalNumber(name: string): number {
    return SIGNALS[name] ?? 0;
  }

  // Descriptors

  write(task: Task, fd: number, text: string): void {
    if (text === '') return;
    const descriptor = task.descriptors[fd];
    if (!descriptor || task.exit || descriptor.kind === 'null' || descriptor.kind === 'stdin') return;
    if (descriptor.kind === 'pipe') {
      if (!this.group.tasks.some((other) => reads(other, descriptor.id))) this.brokenPipe(task);
      else this.group.pipes[descriptor.id] = (this.group.pipes[descriptor.id] ?? '') + text;
    } else if (descriptor.kind === 'file') {
      try {
        this.machine.files.write(this.group.files[descriptor.id]!.path, text, { append: true });
      } catch (error) {
        this.write(
          { ...task, descriptors: { 2: task.descriptors[2] ?? { kind: 'null' } } },
          2,
          `${task.command}: write error: ${fsMessage(error)}\n`,
        );
      }
    } else this.output.push({ stream: this.group.terminal ? 'stdout' : descriptor.kind, text, at: this.now });
  }

  brokenPipe(task: Task): void {
    if (task.traps.PIPE !== '') this.end(task, 128 + SIGNALS.PIPE!, SIGNALS.PIPE);
  }

  /** Whether a write would have to wait for a reader. */
  isFull(task: Task, fd: number): boolean {
    const descriptor = task.descriptors[fd];
    if (descriptor?.kind !== 'pipe' || (this.group.pipes[descriptor.id] ?? '').length < PIPE_CAPACITY) return false;
    return this.group.tasks.some((other) => reads(other, descriptor.id));
  }

  /** What can be read now, and whether nothing will follow it. */
  readable(task: Task, fd: number): { text: string; ended: boolean } {
    const descriptor = task.descriptors[fd];
    if (!descriptor) return { text: '', ended: true };
    switch (descriptor.kind) {
      case 'stdin':
        return { text: this.group.input.text, ended: !this.group.input.open || this.group.input.ended === true };
      case 'pipe': {
        const open = this.group.tasks.some((other) => !other.exit && hasPipe(other, descriptor.id, 'write'));
        return { text: this.group.pipes[descriptor.id] ?? '', ended: !open };
      }
      case 'file': {
        const file = this.group.files[descriptor.id]!;
        try {
          return { text: file.write ? '' : this.machine.files.read(file.path).slice(file.position), ended: true };
        } catch {
          return { text: '', ended: true };
        }
      }
      default:
        return { text: '', ended: true };
    }
  }

  /** Takes `length` characters of what `readable` showed. */
  consume(task: Task, fd: number, length: number): void {
    const descriptor = task.descriptors[fd];
    if (descriptor?.kind === 'stdin') this.group.input.text = this.group.input.text.slice(length);
    if (descriptor?.kind === 'pipe')
      this.group.pipes[descriptor.id] = (this.group.pipes[descriptor.id] ?? '').slice(length);
    if (descriptor?.kind === 'file') this.group.files[descriptor.id]!.position += length;
  }

  /** Opens a pipe. */
  pipe(): number {
    const id = freeId(this.group.pipes);
    this.group.pipes[id] = '';
    return id;
  }

  /** Forgets pipes and files that no descriptor leads to. */
  sweep(): void {
    const used = { pipe: new Set<number>(), file: new Set<number>() };
    const note = (table: Record<number, Descriptor | null> | undefined) => {
      for (const descriptor of Object.values(table ?? {}))
        if (descriptor && 'id' in descriptor) used[descriptor.kind].add(descriptor.id);
    };
    for (const task of this.group.tasks) {
      note(task.descriptors);
      for (const frame of task.frames) {
        if ('saved' in frame && frame.kind !== 'call') note(frame.saved);
        if (frame.kind === 'call') note(frame.descriptors);
        if (frame.kind === 'capture') used.pipe.add(frame.pipe);
      }
    }
    for (const id of Object.keys(this.group.pipes)) if (!used.pipe.has(Number(id))) delete this.group.pipes[Number(id)];
    for (const id of Object.keys(this.group.files)) if (!used.file.has(Number(id))) delete this.group.files[Number(id)];
  }

  /**
   * Points descriptors elsewhere; `targets` are the redirections' expanded words. Answers what they were, or undefined after
   * a failure, which is then written already.
   */
  redirect(task: Task, redirections: Redirection[], targets: string[]): Record<number, Descriptor | null> | undefined {
    const saved: Record<number, Descriptor | null> = {};
    for (const [index, { fd, operator }] of redirections.entries()) {
      if (!(fd in saved)) saved[fd] = task.descriptors[fd] ?? null;
      const failure = this.#open(task, fd, operator, targets[index]!);
      if (failure) {
        this.restore(task, saved);
        this.complain(task, failure);
        return undefined;
      }
    }
    return saved;
  }

  restore(task: Task, saved: Record<number, Descriptor | null>): void {
    for (const [fd, descriptor] of Object.entries(saved)) {
      if (descriptor) task.descriptors[Number(fd)] = descriptor;
      else delete task.descriptors[Number(fd)];
    }
  }

  #open(task: Task, fd: number, operator: Redirection['operator'], target: string): string | undefined {
    if (operator === '<<' || operator === '<<<') {
      const id = this.pipe();
      this.group.pipes[id] = operator === '<<<' ? `${target}\n` : target;
      task.descriptors[fd] = { kind: 'pipe', id, end: 'read' };
      return undefined;
    }
    if (operator === '>&' || operator === '<&') {
      if (target === '-') delete task.descriptors[fd];
      else if (!/^[0-9]+$/.test(target)) return this.#file(task, fd, '>', target);
      else if (!task.descriptors[Number(target)])
        return `${target}: ${this.busybox ? 'Bad file descriptor' : 'Bad file descriptor'}`;
      else task.descriptors[fd] = task.descriptors[Number(target)]!;
      return undefined;
    }
    return this.#file(task, fd, operator, target);
  }

  #file(task: Task, fd: number, operator: string, target: string): string | undefined {
    const device = /^\/dev\/(null|zero|stdin|stdout|stderr|tty|fd\/[0-9]+)$|^\/proc\/(?:1|self)\/fd\/([0-9])$/.exec(
      target,
    );
    if (device && !outputAt(this.group, target)) {
      const name = device[1] ?? `fd/${device[2]}`;
      const number =
        { stdin: 0, stdout: 1, stderr: 2 }[name] ?? (name.startsWith('fd/') ? Number(name.slice(3)) : undefined);
      const main: Descriptor[] = [{ kind: 'stdin' }, { kind: 'stdout' }, { kind: 'stderr' }];
      const direct = target.startsWith('/proc/1/') ? main[number ?? 0] : undefined;
      task.descriptors[fd] =
        number === undefined ? { kind: 'null' } : (direct ?? task.descriptors[number] ?? { kind: 'null' });
      return undefined;
    }
    const socket = /^\/dev\/tcp\/([^/]+)\/([0-9]+)$/.exec(target);
    if (socket && this.outside.flavour === 'bash') {
      const found = lookUp(this.machine, socket[1]!);
      if ('failure' in found) return `${socket[1]}: Name or service not known`;
      const answer = this.machine.network.connect(found.addresses[0]!, Number(socket[2]));
      if (answer !== 'open') return `connect: ${ERRORS[answer as keyof typeof ERRORS]}`;
      task.descriptors[fd] = { kind: 'null' };
      return undefined;
    }
    const path = absolute(task.cwd, target);
    const files = this.machine.files;
    const id = freeId(this.group.files);
    try {
      if (operator === '<') {
        files.read(path);
        this.group.files[id] = { path, position: 0, write: false };
      } else {
        files.write(path, '', { append: operator === '>>' || operator === '<>' });
        this.group.files[id] = { path, position: 0, write: true };
      }
    } catch (error) {
      return this.#openFailure(operator, target, error);
    }
    task.descriptors[fd] = { kind: 'file', id };
    return undefined;
  }

  #openFailure(operator: string, target: string, error: unknown): string {
    const message = fsMessage(error);
    if (this.outside.flavour === 'bash') return `${target}: ${message}`;
    const reading = operator === '<';
    const missing = error instanceof FsError && error.code === 'ENOENT';
    const reason = missing
      ? reading
        ? this.busybox
          ? 'no such file'
          : 'No such file'
        : this.busybox
          ? 'nonexistent directory'
          : 'Directory nonexistent'
      : message;
    return this.busybox
      ? `can't ${reading ? 'open' : 'create'} ${target}: ${reason}`
      : `cannot ${reading ? 'open' : 'create'} ${target}: ${reason}`;
  }

  // Messages

  /** Writes a shell's own error message. `line`: of the command. */
  complain(task: Task, message: string, line = 1): void {
    const name = task.args[0] ?? 'sh';
    const place = {
      busybox: task.mode === 'script' ? `line ${line}: ` : '',
      dash: task.mode === 'interactive' ? `${line}: ` : `${line}: `,
      bash: task.mode === 'interactive' ? '' : `line ${line}: `,
    };
    this.write(task, 2, `${name}: ${place[this.outside.flavour]}${message}\n`);
  }

  // Variables

  get(task: Task, name: string): string | undefined {
    switch (name) {
      case '?':
        return String(task.status);
      case '$':
        return String(task.shell);
      case '!':
        return task.background === undefined ? '' : String(task.background);
      case '#':
        return String(task.args.length - 1);
      case '-':
        return task.options;
      case 'RANDOM':
        return this.outside.flavour === 'dash' ? task.variables[name]?.value : String(this.#draw() % 32768);
      case 'SECONDS':
        return this.outside.flavour === 'dash'
          ? task.variables[name]?.value
          : String(Math.floor((this.now - this.group.tasks[0]!.started) / 1000));
      case 'BASH_VERSION':
        return this.outside.flavour === 'bash' ? BASH_VERSION : task.variables[name]?.value;
      case 'FUNCNAME':
        return this.outside.flavour === 'bash'
          ? task.frames.findLast((frame) => frame.kind === 'call')?.name
          : task.variables[name]?.value;
      case 'PPID':
        return String(task.ppid);
      default:
        return task.variables[name]?.value;
    }
  }

  #draw(): number {
    let h =
      Math.imul(this.group.draws++ + 1, 0x9e3779b1) ^
      Math.floor(this.now / 1000) ^
      Math.imul(this.group.tasks[0]!.started % 0x7fffffff, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
    return (h ^ (h >>> 16)) >>> 0;
  }

  set(task: Task, name: string, value: string): void {
    const old = task.variables[name];
    task.variables[name] = { ...old, value, ...(task.options.includes('a') && { exported: true }) };
  }

  environment(task: Task): Record<string, string> {
    const exported = Object.entries(task.variables).filter(([, variable]) => variable.exported);
    return Object.fromEntries(asHandedOn(this.outside.flavour, exported).map(([name, { value }]) => [name, value]));
  }
}

export const toVariables = (environment: Record<string, string>): Record<string, Variable> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, { value, exported: true }]));

/** Whether a task reads a pipe, by a descriptor or to collect a substitution's output. */
const reads = (task: Task, id: number) =>
  hasPipe(task, id, 'read') || task.frames.some((frame) => frame.kind === 'capture' && frame.pipe === id);

const hasPipe = (task: Task, id: number, end: 'read' | 'write') =>
  Object.values(task.descriptors).some(
    (descriptor) => descriptor.kind === 'pipe' && descriptor.id === id && descriptor.end === end,
  );

interface Surroundings {
  machine: Machine;
  outside: Machine;
}

/** The machine at the group's own time; what its files and its network are asked is noted. */
function watched(outside: Machine, evaluation: Evaluation): Machine {
  const { group } = evaluation;
  const note = (what: 'files' | 'network') => {
    group.touched[what] = true;
    if (what === 'network') evaluation.calls++;
  };
  const proxy = <T extends object>(target: T, what: 'files' | 'network'): T =>
    new Proxy(target, {
      get(object, key) {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const own = what === 'files' && (key === 'read' || key === 'stat') && outputAt(group, args[0]);
          if (own) return key === 'read' ? own.text : own.stat;
          note(what);
          return value.apply(object, args);
        };
      },
    });
  return Object.assign(Object.create(outside) as Machine, {
    files: proxy(outside.files, 'files'),
    network: proxy(forwarded(counting(outside.network, group), evaluation), 'network'),
    now: () => group.now,
  });
}

/** The network, where requests over HTTP are counted. */
const counting = (network: Machine['network'], group: Group): Machine['network'] =>
  Object.assign(Object.create(network) as Machine['network'], {
    http(request: Parameters<Machine['network']['http']>[0]) {
      group.touched.requests ??= {};
      const { requests } = group.touched;
      const end = `${request.host}:${request.port}`;
      requests[end] = (requests[end] ?? 0) + 1;
      return network.http(request);
    },
  });

const OWN_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** The network, where ports of the machine's own may lead elsewhere: see CommandResult.again. */
function forwarded(network: Machine['network'], evaluation: Evaluation): Machine['network'] {
  const led = (host: string, port: number): [host: string, port: number] => {
    if (!OWN_ADDRESS.test(host)) return [host, port];
    for (const task of evaluation.group.tasks) {
      const frame = task.frames.at(-1);
      if (task.exit || frame?.kind !== 'tool') continue;
      const forward = frame.again?.forwards?.find((one) => one.port === port);
      if (!forward) continue;
      evaluation.write(task, 1, `Handling connection for ${port}\n`);
      return [forward.host, forward.to];
    }
    return [host, port];
  };
  return Object.assign(Object.create(network) as Machine['network'], {
    connect: (host: string, port: number, protocol?: 'TCP' | 'UDP') => network.connect(...led(host, port), protocol),
    http(request: Parameters<Machine['network']['http']>[0]) {
      const [host, port] = led(request.host, request.port);
      return network.http({ ...request, host, port });
    },
    talk: (host: string, port: number, text: string) => network.talk(...led(host, port), text),
  });
}
