import type { KubectlEnvironment } from './io.ts';

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
  | 'stringToString'
  | 'tristate';

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
}

export interface Invocation {
  flags: FlagValues;
  args: string[];
  /** Index in `args` of the first argument after `--`; -1 without one. */
  argsLenAtDash: number;
  environment: KubectlEnvironment;
  /** The command that runs, for usage errors: `kubectl rollout undo`. */
  commandPath: string;
}

/**
 * A kubectl verb: one file each under commands/, whose default export this is; registry.ts lists them and loads them lazily.
 * `run` resolves with the exit code (nothing means 0) or throws: CommandError and usage errors print as kubectl prints them.
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
  /** cobra's DisableFlagsInUseLine: whether the usage line leaves out "[flags]"; kubectl sets it nearly everywhere. */
  flagsInUseLine?: boolean;
  run?(invocation: Invocation): Promise<number | void>;
}
