import { FS_MESSAGES } from '../evaluator/messages.ts';
import { type CommandContext, type CommandResult, FsError } from '../process.ts';

/** Thrown by reading `stdin` when more of it may come: the tool is run again once it is complete. */
export class NeedsInput extends Error {}

export interface ToolContext extends CommandContext {
  /** A file's absolute path. */
  path(file: string): string;
  /** The processes of this shell. */
  processes(): { pid: number; ppid: number; user: string; command: string; started: number }[];
  kill(pid: number, signal: string): boolean;
}

export interface ToolResult extends CommandResult {
  /** What the tool turns into: a program and its arguments. */
  run?: string[];
  environment?: Record<string, string>;
  cwd?: string;
  /** Who it runs as. */
  user?: string;
  /** ms that it takes: the result shows itself only then. */
  after?: number;
}

/** A program that runs to its end at once. A thrown FsError or Error becomes its message. */
export type Tool = (context: ToolContext) => ToolResult | Promise<ToolResult>;

export const ok = (stdout = '', stderr = ''): ToolResult => ({ stdout, stderr, code: 0 });

export const fail = (stderr: string, code = 1): ToolResult => ({ stdout: '', stderr, code });

/** What reading a command line needs of its context. */
type Called = Pick<CommandContext, 'argv' | 'machine'>;

/** Whether a tool is the applet of busybox, and not the real thing. */
export const isBusybox = ({ machine, argv }: Called): boolean =>
  machine.flavour === 'busybox' && !machine.packages?.includes(argv[0]!.split('/').at(-1)!);

/** Ends a tool with a message of its own. */
export class ToolError extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** GNU programs whose status for wrong usage is 2. */
const TROUBLE_IS_2 = new Set(['ls', 'dir', 'grep', 'egrep', 'fgrep', 'sort', 'diff']);

const usageCode = (context: Called) => (!isBusybox(context) && TROUBLE_IS_2.has(context.argv[0]!) ? 2 : 1);

export interface Options {
  /** Letters and long names given. */
  has(...names: string[]): boolean;
  value(...names: string[]): string | undefined;
  values(...names: string[]): string[];
  rest: string[];
}

const misused = (context: Called, message: string): ToolError =>
  new ToolError(
    isBusybox(context) ? message : `${message}\nTry '${context.argv[0]} --help' for more information.`,
    usageCode(context),
  );

/** A long option by its beginning, as getopt_long finds it. */
function wholeOption(context: Called, typed: string, long: string[]): string {
  const names = long.map((option) => option.replace(/:$/, ''));
  const begun = names.includes(typed) ? [typed] : names.filter((name) => name.startsWith(typed));
  if (begun.length < 2) return begun[0] ?? typed;
  const possible = begun.map((name) => `'--${name}'`).join(' ');
  throw misused(context, `option '--${typed}' is ambiguous; possibilities: ${possible}`);
}

/**
 * Reads options as getopt does. `flags`: the letters known; a letter followed by `:` takes a value. `long`: names known, `name:`
 * with a value. Throws ToolError for others.
 */
export function parseOptions(
  context: Called,
  flags: string,
  long: string[] = [],
  stopAtOperand = false,
  given = context.argv.slice(1),
): Options {
  const name = context.argv[0]!;
  const found: [string, string][] = [];
  const rest: string[] = [];
  const args = [...given];
  while (args.length > 0) {
    const arg = args.shift()!;
    if (arg === '--') {
      rest.push(...args);
      break;
    }
    if (arg.startsWith('--')) {
      const [typed, ...value] = arg.slice(2).split('=') as [string, ...string[]];
      const key = wholeOption(context, typed, long);
      if (long.includes(`${key}:`)) {
        if (value.length === 0 && args.length === 0) throw misused(context, `option '--${key}' requires an argument`);
        found.push([key, value.length > 0 ? value.join('=') : args.shift()!]);
      } else if (long.includes(key)) found.push([key, value.join('=')]);
      else
        throw new ToolError(
          isBusybox(context)
            ? `unrecognized option: ${key}`
            : `unrecognized option '${arg}'\nTry '${name} --help' for more information.`,
          usageCode(context),
        );
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let i = 1; i < arg.length; i++) {
        const letter = arg[i]!;
        const place = flags.indexOf(letter);
        if (place < 0 || letter === ':')
          throw new ToolError(
            isBusybox(context)
              ? `unrecognized option: ${letter}`
              : `invalid option -- '${letter}'\nTry '${name} --help' for more information.`,
            usageCode(context),
          );
        if (flags[place + 1] !== ':') found.push([letter, '']);
        else {
          if (i + 1 === arg.length && args.length === 0)
            throw misused(
              context,
              isBusybox(context)
                ? `option requires an argument: ${letter}`
                : `option requires an argument -- '${letter}'`,
            );
          found.push([letter, i + 1 < arg.length ? arg.slice(i + 1) : args.shift()!]);
          break;
        }
      }
    } else {
      rest.push(arg);
      if (stopAtOperand) {
        rest.push(...args);
        break;
      }
    }
  }
  return {
    has: (...names) => found.some(([key]) => names.includes(key)),
    value: (...names) => found.findLast(([key]) => names.includes(key))?.[1],
    values: (...names) => found.filter(([key]) => names.includes(key)).map(([, value]) => value),
    rest,
  };
}

/** Does something for each file; failures become messages, and status 1. */
export function forEachFile(
  files: string[],
  context: ToolContext,
  message: (file: string, reason: string) => string,
  work: (file: string) => string | undefined,
): ToolResult {
  let stdout = '';
  let stderr = '';
  for (const file of files) {
    try {
      stdout += work(file) ?? '';
    } catch (error) {
      if (!(error instanceof FsError) && !(error instanceof ToolError)) throw error;
      stderr += `${context.argv[0]}: ${error instanceof FsError ? message(file, FS_MESSAGES[error.code]) : error.message}\n`;
    }
  }
  return { stdout, stderr, code: stderr ? 1 : 0 };
}

/** The text of each operand, or standard input. */
export function inputs(context: ToolContext, files: string[]): { name: string; text: string }[] {
  return (files.length > 0 ? files : ['-']).map((name) => ({
    name,
    text: name === '-' || name === '/dev/stdin' ? context.stdin : context.machine.files.read(context.path(name)),
  }));
}

/** Lines without their ends. */
export const linesOf = (text: string): string[] => {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

export const unlines = (lines: string[]): string => lines.map((line) => `${line}\n`).join('');

/** Runs a text filter over its files, with each flavour's message for those that cannot be opened. */
export function filter(
  context: ToolContext,
  files: string[],
  work: (text: string, name: string) => string,
): ToolResult {
  const message = (file: string, reason: string) => {
    if (!isBusybox(context))
      return context.argv[0] === 'head' || context.argv[0] === 'tail'
        ? `cannot open '${file}' for reading: ${reason}`
        : `${file}: ${reason}`;
    return reason === 'Is a directory'
      ? `read error: ${reason}`
      : context.argv[0] === 'head' || context.argv[0] === 'tail'
        ? `${file}: ${reason}`
        : `${file}: ${reason}`;
  };
  return forEachFile(files.length > 0 ? files : ['-'], context, message, (file) => {
    const [input] = inputs(context, [file]);
    return work(input!.text, file);
  });
}
