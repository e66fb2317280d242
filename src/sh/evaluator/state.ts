import type { Forward, OutputChunk, TerminalSize } from '../process.ts';
import type { ToolResult } from '../tools/tool.ts';

/** Where a descriptor leads. */
export type Descriptor =
  | { kind: 'stdin' | 'stdout' | 'stderr' | 'null' }
  | { kind: 'pipe'; id: number; end: 'read' | 'write' }
  /** An entry of `Group.files`: duplicates share its position. */
  | { kind: 'file'; id: number };

export interface OpenFile {
  path: string;
  position: number;
  write: boolean;
}

export interface Variable {
  value: string;
  exported?: boolean;
  readonly?: boolean;
  /** An array whose keys are words. */
  words?: true;
}

/** A node of a script by its text's place in `Group.sources` and its own in the script. */
export type Place = [source: number, node: number];

/** Values that expansion is waiting for, in the order in which it meets them. */
interface Expanding {
  /** Output of command substitutions done so far. */
  results?: string[];
}

/** What is left to do: each kind has a handler in frames.ts, commands.ts or programs. */
export type Frame =
  | { kind: 'list'; at: Place; next: number }
  | { kind: 'andor'; at: Place; next: number }
  | ({ kind: 'pipeline'; at: Place; pids?: number[]; started?: true } & Expanding)
  | ({
      kind: 'simple';
      at: Place;
      words?: string[];
      environment?: Record<string, string>;
      saved?: Record<number, Descriptor | null>;
      /** A builtin's own memory while it blocks. */
      memory?: string;
      /** Something else runs for it: what comes back is its status. */
      ran?: true;
    } & Expanding)
  | { kind: 'if'; at: Place; clause: number; stage: 'condition' | 'body' }
  | { kind: 'while'; at: Place; stage: 'condition' | 'body'; status: number; broken?: boolean }
  | ({ kind: 'for'; at: Place; words?: string[]; next: number; broken?: boolean; status?: number } & Expanding)
  | ({
      kind: 'for-arithmetic';
      at: Place;
      stage: 'init' | 'condition' | 'update';
      broken?: boolean;
      status?: number;
    } & Expanding)
  | ({ kind: 'case'; at: Place; next?: number } & Expanding)
  | ({ kind: 'expression'; at: Place } & Expanding)
  /** Runs a compound command with its redirections, and undoes them. */
  | ({ kind: 'scope'; at: Place; saved?: Record<number, Descriptor | null> } & Expanding)
  /** Waits for a child in the foreground. */
  | { kind: 'child'; pid: number }
  /** Collects what a child writes into a pipe. */
  | { kind: 'capture'; pid: number; pipe: number; text: string; file?: true }
  | {
      kind: 'call';
      /** The function's. */
      name?: string;
      args: string[];
      saved: Record<string, Variable | null>;
      descriptors?: Record<number, Descriptor | null>;
      environment?: Record<string, Variable | null>;
    }
  /** Text run by eval, `.` or a trap. `status` is put back at its end. */
  | { kind: 'text'; status?: number; source?: boolean }
  /** A shell that reads its commands from standard input. */
  | { kind: 'interactive'; text: string; prompted?: boolean }
  /** A command that runs to its end at once, as soon as its input is there. */
  | {
      kind: 'tool';
      argv: string[];
      environment: Record<string, string>;
      asked?: boolean;
      result?: ToolResult;
      wake?: number;
      /** It was asked before, and goes on: see CommandResult.again. */
      again?: { memory: unknown; forwards?: Forward[] };
      /** Lines of its input have gone through, and how it ended for the best of them. */
      passed?: { code: number };
    }
  /** A program that lasts: see programs/. */
  | { kind: 'program'; name: string; argv: string[]; environment: Record<string, string>; memory: Memory };

export type FrameOf<K extends Frame['kind']> = Extract<Frame, { kind: K }>;

/** A program's own memory: `wake`, `started` and `deadline` are cluster times. */
export interface Memory {
  wake?: number;
  started?: number;
  deadline?: number;
  /** It keeps a core busy. */
  busy?: true;
  /** It wakes only to look whether others have made something happen. */
  follows?: true;
  [key: string]: unknown;
}

/** A process of the group: the shell itself, a subshell, a job, a program. */
export interface Task {
  pid: number;
  ppid: number;
  /** What `$$` says: the pid of the shell that this is, or is a subshell of. */
  shell: number;
  command: string;
  started: number;
  frames: Frame[];
  variables: Record<string, Variable>;
  functions: Record<string, Place>;
  aliases?: Record<string, string>;
  /** `$0`, `$1` … */
  args: string[];
  descriptors: Record<number, Descriptor>;
  cwd: string;
  /** How a shell got its commands: it decides what its error messages begin with. */
  mode: 'command' | 'script' | 'interactive';
  /** Letters of `set`: e, x, u, f, n. */
  options: string;
  /** By the signal's name without SIG, or EXIT; '' ignores it. */
  traps: Record<string, string>;
  status: number;
  substitutionStatus?: number;
  background?: number;
  children: number[];
  /** Signals that wait for their trap. */
  pending: string[];
  /** A subshell whose failure does not end it under `set -e`. */
  lenient?: boolean;
  /** Who it runs as, where that is not who the group was started as. */
  user?: string;
  /** It has left the container: the command that did, which says where it is. */
  departed?: string[];
  /** A command of its own runs: it waits for its promise. */
  awaits?: boolean;
  exit?: { code: number; signal?: number };
}

/** What the evaluator repeats, once it has found out. */
export interface Period {
  ms: number;
  /** What each counting variable grows by: `task index/name`. */
  counters: Record<string, number>;
  /** When it was found. */
  since?: number;
  /** It takes no time: the group is busy for ever. */
  spins?: true;
  /** How many requests each repetition sends over HTTP, by `HOST:PORT`. */
  requests?: Record<string, number>;
}

/** A state seen before, to compare later ones with (Brent's algorithm for cycles). */
export interface Snapshot {
  hash: string;
  counters: Record<string, number>;
  at: number;
  /** Comparisons until it is taken anew. */
  left: number;
  power: number;
  /** The growth seen in the cycle before: a period must show itself twice. */
  seen?: Period;
}

/** Which parts of the world have been looked at or changed since the snapshot. */
export interface Touched {
  files?: boolean;
  network?: boolean;
  /** Requests over HTTP, by `HOST:PORT`. */
  requests?: Record<string, number>;
}

/** Everything that a process and its children are: plain JSON. */
export interface Group {
  /** Cluster time up to which it has run, ms. */
  now: number;
  tasks: Task[];
  pipes: Record<number, string>;
  files: Record<number, OpenFile>;
  /** What `<( … )` stand for, by path; `depth`: how many frames its task has while the command runs that named it. */
  outputs?: Record<string, { text: string; task: number; depth: number }>;
  sources: string[];
  nextPid: number;
  user: string;
  input: {
    text: string;
    open: boolean /** ^D was typed: the program that reads now is at its end, the next one is not. */;
    ended?: true;
  };
  terminal?: boolean;
  size?: TerminalSize;
  /** A bash was started where the machine's own sh is another. */
  bash?: boolean;
  /** Output from before the first resume. */
  unsent?: OutputChunk[];
  draws: number;
  /** Set while it takes steps without end: when it may go on. */
  spinning?: number;
  snapshot?: Snapshot;
  period?: Period;
  touched: Touched;
}

/** The smallest number that is not a key yet. */
export function freeId(table: Record<number, unknown>): number {
  let id = 1;
  while (id in table) id++;
  return id;
}
