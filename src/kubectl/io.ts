import type { Transport } from './transport.ts';

/** Where a verb reads and writes: never `process` itself, so that a test, a transcript and a lab can run any verb. */
export interface IOStreams {
  out(text: string): void;
  err(text: string): void;
  /** All of standard input as text; '' when there is none. */
  readStdin(): Promise<string>;
  /** Standard input as it comes, for exec -i and attach; `raw`: key by key, and nothing of it is shown. */
  stdin(options?: { raw: boolean }): AsyncIterable<Uint8Array>;
  /** Lets out at once what was printed: what is typed is seen as it is typed. */
  flush?(): void;
  /** Whether standard input / output is a terminal, and its width. */
  stdinIsTerminal: boolean;
  stdoutIsTerminal: boolean;
  columns: number;
  /** Its height, and whoever is to know when the window changes. */
  rows?: number;
  onResize?(tell: () => void): void;
}

/** The machine that kubectl itself runs on: the user's files, variables and programs. A transcript gives a virtual one. */
export interface HostMachine {
  env: Record<string, string | undefined>;
  cwd: string;
  home: string;
  /** Throw errors with a Go-like message: "open x.yaml: no such file or directory". */
  readFile(path: string): string;
  readBytes(path: string): Uint8Array;
  writeFile(path: string, data: string | Uint8Array, mode?: number): void;
  readDir(path: string): { name: string; directory: boolean }[];
  stat(path: string): { directory: boolean; size: number; mode: number } | undefined;
  /** Where a symbolic link points; undefined for what is none. */
  readLink?(path: string): string | undefined;
  makeDir(path: string): void;
  remove(path: string): void;
  /** Runs an editor or a diff program with the terminal; resolves with its exit code and output when captured. */
  spawn(argv: string[], options: { capture?: boolean }): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** Everything a verb gets besides its arguments. */
export interface KubectlEnvironment {
  io: IOStreams;
  host: HostMachine;
  /** The clock of the machine that kubectl runs on, ms: for the headers of log lines. */
  now(): number;
  /** Characters of a generated name (util/rand): seeded on a manual clock. */
  randomSuffix(length: number): string;
  /** Opens the cluster that a kubeconfig's server URL names; refuses servers that are not kubemu's. Called on first use. */
  connect(target: ConnectionTarget): Promise<Transport>;
  /** The kubeconfig used when neither --kubeconfig nor KUBECONFIG names one. */
  defaultKubeconfig(): Promise<string>;
}

export interface ConnectionTarget {
  server: string;
  user: {
    name?: string;
    token?: string;
    clientCertificateData?: string;
    impersonate?: string;
    impersonateGroups?: string[];
    impersonateUid?: string;
  };
  /** `kubectl/v1.33.13 …`, whose first word becomes the field manager. */
  userAgent: string;
  insecureSkipTlsVerify?: boolean;
}
