import type { Factory } from './client/factory.ts';
import type { FeatureGate } from './feature-gates.ts';
import type { KubectlEnvironment } from './io.ts';
import type { Program } from './program.ts';

/** The pflag types that kubectl's flags have; each has its own words in help and in errors. */
export type FlagType =
  | 'bool'
  | 'string'
  | 'int'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'duration'
  | 'stringSlice'
  | 'stringArray'
  | 'stringToString';

export interface Flag {
  name: string;
  shorthand?: string;
  type: FlagType;
  /** As help prints it after "=": `'default'` for strings, `false`, `0`, `0s`, `[]`. */
  default?: string;
  /** The value of `--name` without a value (pflag's NoOptDefVal): `dry-run` has 'unchanged', every bool has 'true'. */
  noValue?: string;
  usage: string;
  hidden?: boolean;
  /** The variable that has to be set for the flag to be there at all. */
  gate?: FeatureGate;
  /** Throws what the flag's own type says of a text that it does not understand. */
  check?(text: string): void;
  /** Subcommands have the flag too, and help lists it with none of them. */
  persistent?: boolean;
  /** The message pflag prints after "Flag --x has been deprecated, ". */
  deprecated?: string;
}

/** The flags of one run, by name: defaults filled in. */
export interface FlagValues {
  string(name: string): string;
  bool(name: string): boolean;
  int(name: string): number;
  /** Milliseconds. */
  duration(name: string): number;
  strings(name: string): string[];
  map(name: string): Record<string, string>;
  /** Whether the command line set it. */
  changed(name: string): boolean;
  /** Whether the command has the flag at all. */
  has(name: string): boolean;
}

export interface Invocation {
  flags: FlagValues;
  args: string[];
  /** Index in `args` of the first argument after `--`; -1 without one. */
  argsLenAtDash: number;
  environment: KubectlEnvironment;
  /** Kubeconfig, namespace, REST client, mapper and resource builder of this run; each made on first use. */
  factory: Factory;
  /** The command that runs, for usage errors: `kubectl rollout undo`. */
  commandPath: string;
  /** The command line as --record keeps it: its words, then its flags by their long names. */
  commandLine(): string;
  /** The tree of commands, for help and completion. */
  program: Program;
}

/**
 * A kubectl verb: one file each under commands/, whose default export this is; registry.ts lists them and loads them lazily.
 * `run` resolves with the exit code (nothing means 0) or throws: describeFailure (errors.ts) says how each error prints.
 * A command without `run` but with subcommands shows its help on standard error and fails, as kubectl's groups do.
 * See commands/get.ts for a whole one: flags as a table (shared groups stand in flags/common.ts), then validate, then run.
 */
export interface Command {
  name: string;
  aliases?: string[];
  /** cobra's Use: `get [(-o|--output=)json|yaml|…] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]` */
  use: string;
  short: string;
  long?: string;
  examples?: string;
  flags?: Flag[];
  hidden?: boolean;
  deprecated?: string;
  subcommands?: Command[];
  /** Whether the usage line gets "[flags]" (cobra adds it unless DisableFlagsInUseLine is set, as kubectl's verbs do). */
  flagsInUseLine?: boolean;
  /** Where a group shows its help when no subcommand is named: standard error unless set. */
  groupHelp?: 'stdout';
  /** What --help writes to standard error instead of help. */
  ownHelp?: string;
  /** Gets every argument unparsed, flags too. */
  rawArguments?: boolean;
  /** What a flag that it does not know ends with, in place of the hint that others give. */
  flagError?(message: string, path: string): Error;
  run?(invocation: Invocation): Promise<number | void>;
}
