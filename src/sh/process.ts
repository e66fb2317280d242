/**
 * A process in a container or on a node: plain data, so that it lives in the state file from command to command.
 * The evaluator steps it until it sleeps, waits for input or ends; virtual time passes only between steps.
 */
export interface ProcessState {
  pid: number;
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  user: string;
  /** The evaluator's own: its stack, variables, jobs, traps. Plain JSON. */
  machine: unknown;
}

/** What came out of a step, in order. */
export interface OutputChunk {
  stream: 'stdout' | 'stderr';
  text: string;
  /** Cluster time of the write, ms. */
  at: number;
}

export interface StepResult {
  process: ProcessState;
  output: OutputChunk[];
  /** When to step again (ms); absent when it waits for input or a signal only, or has ended. */
  wakeAt?: number;
  /** Set when it has ended: exit code, and the signal's number when one ended it (128 + n is then the code). */
  exit?: { code: number; signal?: number };
}

/** A file system as a process sees it: the image's files below, mounts and changes above. Paths are absolute. Errors are thrown as FsError. */
export interface FileSystem {
  read(path: string): string;
  write(path: string, text: string, options?: { append?: boolean; mode?: number }): void;
  list(path: string): string[];
  stat(path: string): FileStat | undefined;
  makeDir(path: string): void;
  remove(path: string, options?: { recursive?: boolean }): void;
  symlink(target: string, path: string): void;
  chmod(path: string, mode: number): void;
}

export interface FileStat {
  type: 'file' | 'directory' | 'symlink';
  size: number;
  mode: number;
  mtime: number;
  target?: string;
}

export class FsError extends Error {
  constructor(
    readonly code: 'ENOENT' | 'EISDIR' | 'ENOTDIR' | 'EACCES' | 'EROFS' | 'EEXIST' | 'ENOTEMPTY' | 'ENOSPC',
    readonly path: string,
  ) {
    super(`${code}: ${path}`);
  }
}

/** What a command answers when it runs to its end at once (all but the evaluator's own sleep, read, wait …). */
export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

export interface CommandContext {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  user: string;
  stdin: string;
  machine: Machine;
  /** The terminal's width when there is one. */
  columns?: number;
}

/** A program of the machine by its name: `crictl`, `systemctl`, `wget`. */
export type Command = (context: CommandContext) => CommandResult | Promise<CommandResult>;

/** What a process can reach over the network; `network/` stands behind it. */
export interface NetworkAccess {
  resolve(name: string): string[];
  /** One HTTP exchange, or how it failed. */
  http(request: {
    method: string;
    host: string;
    port: number;
    path: string;
    headers: Record<string, string>;
    body?: string;
  }):
    | { status: number; reason: string; headers: Record<string, string>; body: string }
    | { failure: 'refused' | 'timeout' | 'no-route' | 'bad-address' };
  /** Whether a TCP connection opens. */
  connect(host: string, port: number): 'open' | 'refused' | 'timeout' | 'no-route' | 'bad-address';
}

/** The machine or container around a process. */
export interface Machine {
  hostname: string;
  files: FileSystem;
  /** Cluster time, ms. */
  now(): number;
  network: NetworkAccess;
  /** Programs beyond the text tools that every image with a shell has. */
  commands: Record<string, Command>;
  /** busybox says "sh: x: not found", bash says "bash: x: command not found". */
  flavour: 'busybox' | 'dash' | 'bash';
  /** Other processes, for ps and kill. */
  processes?(): { pid: number; ppid: number; user: string; command: string; started: number }[];
  kill?(pid: number, signal: number): boolean;
}
