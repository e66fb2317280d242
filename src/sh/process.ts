import type { DnsOutcome, DnsType } from '../network/dns/message.ts';

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
  /**
   * It repeats itself: until a file or an answer of the network that it looks at changes, all it will do is write the same kind of
   * lines again. Nobody needs to wake it; whoever wants its output resumes it, and only its last lines are then computed.
   */
  steady?: { files: boolean; network: boolean };
  /** It repeats itself, whether somebody still waits for something else or not. */
  repeats?: true;
  demand?: Demand;
  /** All who sleep only look on at what others make happen: nobody's time needs to be moved for them. */
  follows?: true;
  /** A command owes its answer: await this, then resume with `answer`. */
  pending?: Promise<CommandAnswer>;
  /** Set when it has ended: exit code, and the signal's number when one ended it (128 + n is then the code). */
  exit?: { code: number; signal?: number };
}

/** A terminal's window. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** What a process keeps busy. */
export interface Demand {
  /** Thousandths of a core. */
  cpu?: number;
  /** Bytes. */
  memory?: number;
  /** Requests over HTTP each second, by `HOST:PORT`. */
  requests?: Record<string, number>;
  /** What answering one takes, ms of a core. */
  perRequest?: number;
}

/** What a command that takes its time has answered, and which process asked. */
export interface CommandAnswer {
  pid: number;
  result: CommandResult;
}

/** What a new process begins with. */
export interface SpawnOptions {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  user: string;
  /** 1 unless given: PID 1 ignores signals that it has no handler for. */
  pid?: number;
  /** All of its input, or the beginning of it when `stdinOpen`. Without it: nothing to read. */
  stdin?: string;
  stdinOpen?: boolean;
  /** Prompts are written, ^C does not end the shell. */
  tty?: boolean;
  /** The terminal's window; 80 by 24 unless its variables say otherwise. */
  size?: TerminalSize;
}

export interface ResumeOptions {
  /** More input. */
  stdin?: string;
  /** No input will follow. */
  stdinEnds?: boolean;
  answer?: CommandAnswer;
  /** The terminal's window is that wide now. */
  size?: TerminalSize;
  /** What it looks at, on the network or in files, is not what it was: see StepResult.steady. */
  changed?: boolean;
}

/** A file system as a process sees it: the image's files below, mounts and changes above. Paths are absolute. Errors are thrown as FsError. */
export interface FileSystem {
  read(path: string): string;
  /** `size`: bytes that the file is said to have when only its beginning is given. */
  write(path: string, text: string, options?: WriteOptions): void;
  list(path: string): string[];
  stat(path: string): FileStat | undefined;
  makeDir(path: string, owner?: Owner): void;
  remove(path: string, options?: { recursive?: boolean }): void;
  symlink(target: string, path: string, owner?: Owner): void;
  chmod(path: string, mode: number): void;
  /** Where it is missing, everything is root's and stays so. */
  chown?(path: string, owner: Partial<Owner>): void;
}

export interface WriteOptions {
  append?: boolean;
  mode?: number;
  owner?: Owner;
  size?: number;
}

/** Whose a file is, by number. */
export interface Owner {
  uid: number;
  gid: number;
}

export interface FileStat {
  type: 'file' | 'directory' | 'symlink';
  size: number;
  mode: number;
  mtime: number;
  target?: string;
  /** Root's unless given. */
  uid?: number;
  gid?: number;
}

export class FsError extends Error {
  constructor(
    readonly code: 'ENOENT' | 'EISDIR' | 'ENOTDIR' | 'EACCES' | 'EROFS' | 'EEXIST' | 'ENOTEMPTY' | 'ENOSPC' | 'EPERM',
    readonly path: string,
  ) {
    super(`${code}: ${path}`);
  }
}

/** A port of the machine's own that leads elsewhere for as long as a command goes on. */
export interface Forward {
  port: number;
  host: string;
  to: number;
}

/** What a command answers when it runs to its end at once (all but the evaluator's own sleep, read, wait …). */
export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
  /** The same text in the order in which it was written, where that matters. */
  written?: Pick<OutputChunk, 'stream' | 'text'>[];
  /** Characters of its input that it has used, when it says so late. */
  read?: number;
  /** ms that it takes: what it writes shows only then. */
  after?: number;
  /** It goes on: it is asked again after so many ms, with this memory (plain JSON) in its context, and until it is interrupted. */
  again?: { after: number; memory: unknown; forwards?: Forward[] };
}

export interface CommandContext {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  user: string;
  stdin: string;
  machine: Machine;
  /** What it kept when it was asked before: see CommandResult.again. */
  memory?: unknown;
  /** The terminal's width and height when there is one. */
  columns?: number;
  rows?: number;
}

/** A program of the machine by its name: `crictl`, `systemctl`, `wget`. */
export type Command = (context: CommandContext) => CommandResult | Promise<CommandResult>;

export type ConnectFailure = 'refused' | 'timeout' | 'no-route' | 'bad-address';

/** What a process can reach over the network; `network/` stands behind it. Hosts are addresses: sh/resolver.ts has the names. */
export interface NetworkAccess {
  /** Asks the name server at an address for records of a whole name. */
  query(server: string, name: string, type: DnsType): DnsOutcome;
  /** Whether a connection opens. */
  connect(host: string, port: number, protocol?: 'TCP' | 'UDP'): 'open' | ConnectFailure;
  /** Whether an echo request is answered. */
  ping(host: string): 'open' | ConnectFailure;
  /** One HTTP exchange, or how it failed; `no-http`: what listens speaks something else. */
  http(request: {
    method: string;
    host: string;
    port: number;
    path: string;
    headers: Record<string, string>;
    body?: string;
    tls?: boolean;
    /** The client's certificate, PEM. */
    certificate?: string;
  }):
    | {
        status: number;
        reason: string;
        headers: Record<string, string>;
        body: string;
        tls?: boolean;
        /** Its certificate is one that everybody trusts. */
        trusted?: boolean;
        /** Who signed its certificate (PEM), and the names in it. */
        signedBy?: { authority: string; names: string[] };
        /** The certificate that it shows, PEM. */
        certificate?: string;
        /** It speaks HTTP/2. */
        h2?: boolean;
        /** Why it ends the connection instead of answering, in TLS' words. */
        alert?: string;
      }
    | { failure: ConnectFailure | 'no-http' };
  /** What a server that speaks no HTTP answers to what it is sent. */
  talk(host: string, port: number, text: string): { text: string } | { failure: ConnectFailure };
}

/** A port that a program has open. */
export interface Socket {
  protocol: 'tcp' | 'udp';
  /** `0.0.0.0` */
  address: string;
  port: number;
  pid: number;
  program: string;
}

/** The machine or container around a process. */
export interface Machine {
  hostname: string;
  files: FileSystem;
  /** Its address on its network, where the hosts file does not have it by its name. */
  address?: string;
  /** Cluster time, ms. */
  now(): number;
  network: NetworkAccess;
  /** Programs beyond the text tools that every image with a shell has. */
  commands: Record<string, Command>;
  /** What is open on this network, for netstat and ss. */
  sockets?(): Socket[];
  /** The version of busybox, where the programs are its applets: `1.28.4`. */
  busybox?: string;
  /** Programs that are not busybox's, although the rest are. */
  packages?: string[];
  /** busybox says "sh: x: not found", bash says "bash: x: command not found". */
  flavour: 'busybox' | 'dash' | 'bash';
  /** Other processes, for ps and kill. */
  processes?(): { pid: number; ppid: number; user: string; command: string; started: number }[];
  kill?(pid: number, signal: number): boolean;
  /** What a program of this machine runs that leaves it for the machine around it (chroot, nsenter), and where. */
  leave?(argv: string[]): Departure | undefined;
  /** What the image's own servers do, by the name of their program. */
  daemons?: Record<string, Daemon>;
}

/** Where a program goes that leaves its container, and how it goes on there. */
export interface Departure {
  machine: Machine;
  argv: string[];
  env: Record<string, string>;
  /** `/` unless given. */
  cwd?: string;
  /** Who it is there; who it was unless given. */
  user?: string;
}

/** One line that a server writes. `{date}` and its like stand for the time: see sh/programs/daemon.ts. */
export interface DaemonLine {
  text: string;
  stream?: 'stdout' | 'stderr';
  /** ms after the line before. */
  after?: number;
}

/** How a server of an image behaves: data of fixtures/images. */
export interface Daemon {
  logs?: DaemonLine[];
  /** TCP ports that it opens once it has written its lines. */
  ports?: number[];
  /** What reads its configuration and answers, where data does not say it all: one of sh/servers. */
  server?: string;
  /** What an HTTP request gets; without it the ports are open and speak no HTTP. */
  http?: DaemonHttp;
  /** By the signal's name: what it ends with. What is not named is left to the kernel's default. */
  signals?: Record<string, { code: number; logs?: DaemonLine[] }>;
  /** Ends by itself after so many ms, with a last word. */
  exit?: { after: number; code: number; text?: string };
  /** Answers to arguments, by the arguments joined with blanks: `-v`. */
  answers?: Record<string, { stdout?: string; stderr?: string; code?: number }>;
  /** Bytes of memory that it uses. */
  memory?: number;
  /** What an HTTP request costs it, ms of a core. */
  perRequest?: number;
}

export interface DaemonHttp {
  /** Whether it speaks HTTPS. */
  tls?: boolean;
  /** The folder whose files are served. */
  root?: string;
  /** A folder without an index shows what is in it. */
  listing?: boolean;
  server?: string;
  /** Fixed answers by path; `*` for any other. `{host}` and its like are filled in. */
  paths?: Record<string, { status?: number; type?: string; body: string }>;
  /** The page for what is not there. */
  notFound?: string;
  /** A line of the log for each request. */
  access?: string;
}
