import { parseDuration } from '../../base/duration.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { FLAGS, GLOBAL_FLAGS } from './flags.ts';

/** What a command works with, and where it writes. */
export interface Call {
  host: NodeHost;
  context: CommandContext;
  args: string[];
  given(flag: string): boolean;
  text(flag: string): string | undefined;
  list(flag: string): string[] | undefined;
  out(line: string): void;
  err(line: string): void;
  /** A question: the line does not end. */
  ask(text: string): void;
  /** It takes so long, ms. */
  wait(ms: number): void;
}

export interface Command {
  name: string;
  aliases?: string[];
  short: string;
  /** After the path on the usage line: `[token]`; `[flags]` unless it says. */
  use?: string;
  flags?: string[];
  /** Flags of this command and of all below it. */
  persistent?: string[];
  commands?: Command[];
  /** How many arguments it takes at the most; any unless it says. */
  maxArgs?: number;
  /** Help does not name it. */
  hidden?: boolean;
  /** A group that answers with help and no complaint. */
  plain?: boolean;
  run?(call: Call): void | Promise<void>;
}

/** A failure that ends kubeadm; invalid values end with 3. */
export class KubeadmError extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

const HINT = 'To see the stack trace of this error execute with --v=5 or higher\n';

function flagLines(names: string[], command: string): string[] {
  const rows = [...names].sort().map((name) => {
    const flag = FLAGS[name]!;
    const left =
      name === 'v'
        ? '  -v, --v Level'
        : `${flag.short ? `  -${flag.short}, ` : '      '}--${name}${flag.type ? ` ${flag.type}` : ''}`;
    const usage = flag.usage.replace('{command}', command);
    return [left, flag.default ? `${usage} (default ${flag.default})` : usage] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}   ${right}`);
}

const aliasLines = ({ name, aliases }: Command): string[] =>
  aliases ? ['', 'Aliases:', `  ${[name, ...aliases].join(', ')}`] : [];

/** Help of a command; `path`: its ancestors and itself. */
export function help(path: Command[]): string {
  const command = path.at(-1)!;
  const line = path.map(({ name }) => name).join(' ');
  const sections: string[] = [`\n${command.short}\n`, 'Usage:'];
  if (command.run || (command.commands && !command.plain))
    sections.push(`  ${line}${command.use ? ` ${command.use}` : ' [flags]'}`);
  if (command.commands) {
    sections.push(`  ${line} [command]`, ...aliasLines(command));
    const shown = command.commands.filter(({ hidden }) => !hidden);
    const width = Math.max(11, ...shown.map(({ name }) => name.length));
    sections.push('', 'Available Commands:', ...shown.map(({ name, short }) => `  ${name.padEnd(width)} ${short}`));
  }
  if (!command.commands) sections.push(...aliasLines(command));
  const own = [...(command.flags ?? []), ...(command.persistent ?? []), 'help'];
  sections.push('', 'Flags:', ...flagLines(own, command.name));
  const inherited = path.slice(0, -1).flatMap(({ persistent = [] }) => persistent);
  const globals = path.length > 1 ? [...new Set([...GLOBAL_FLAGS, ...inherited])] : [];
  if (globals.length > 0)
    sections.push(
      '',
      'Global Flags:',
      ...flagLines(
        globals.filter((name) => !own.includes(name)),
        command.name,
      ),
    );
  if (command.commands) sections.push('', `Use "${line} [command] --help" for more information about a command.`);
  return `${sections.join('\n')}\n`;
}

interface Parsed {
  args: string[];
  flags: Map<string, string[]>;
}

/** pflag's syntax, its words for what is wrong with it. */
function parseFlags(words: string[], names: string[]): Parsed {
  const flags = new Map<string, string[]>();
  const args: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') return { args: [...args, ...words.slice(at + 1)], flags };
    if (!word.startsWith('-') || word === '-') {
      args.push(word);
      continue;
    }
    const long = word.startsWith('--');
    const [given = '', inline] = word.replace(/^--?/, '').split(/=(.*)/s);
    const name = long ? names.find((one) => one === given) : names.find((one) => FLAGS[one]!.short === given[0]);
    if (!name) {
      throw new KubeadmError(long ? `unknown flag: --${given}` : `unknown shorthand flag: '${given[0]}' in ${word}`);
    }
    const { type } = FLAGS[name]!;
    const attached = long ? inline : given.slice(1) || inline;
    const value = attached ?? (type ? words[++at] : 'true');
    if (value === undefined)
      throw new KubeadmError(`flag needs an argument: ${long ? `--${name}` : `'${given[0]}' in ${word}`}`);
    check(name, value);
    flags.set(name, [...(flags.get(name) ?? []), ...(type === 'strings' ? value.split(',') : [value])]);
  }
  return { args, flags };
}

function check(name: string, value: string): void {
  const { type } = FLAGS[name]!;
  const bad = (why: string) =>
    new KubeadmError(`invalid argument ${JSON.stringify(value)} for "--${name}" flag: ${why}`);
  if (type === 'duration' && value !== '0') {
    try {
      parseDuration(value);
    } catch {
      throw bad(`time: invalid duration ${JSON.stringify(value)}`);
    }
  }
  if (type === 'int32' && !/^-?\d+$/.test(value))
    throw bad(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** Runs a command line below `root`. */
export async function execute(root: Command, host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const result: CommandResult = { stdout: '', stderr: '', code: 0 };
  const path = [root];
  let words = context.argv.slice(1);
  if (words[0] === 'help') words = [...words.slice(1), '--help'];
  for (;;) {
    const at = words.findIndex((word) => !word.startsWith('-'));
    const next =
      at < 0
        ? undefined
        : path.at(-1)!.commands?.find(({ name, aliases = [] }) => [name, ...aliases].includes(words[at]!));
    if (!next) break;
    path.push(next);
    words = words.toSpliced(at, 1);
  }
  const command = path.at(-1)!;
  const names = [
    ...GLOBAL_FLAGS,
    'help',
    ...(command.flags ?? []),
    ...path.flatMap(({ persistent = [] }) => persistent),
  ];
  try {
    const { args, flags } = parseFlags(words, names);
    if (flags.has('help')) return { ...result, stdout: help(path) };
    const line = path.map(({ name }) => name).join(' ');
    if (command.commands && (!command.run || command.maxArgs === 0) && args[0])
      throw new KubeadmError(`unknown command ${JSON.stringify(args[0])} for ${JSON.stringify(line)}`);
    if (!command.run) {
      result.stdout = help(path);
      if (command.plain) return result;
      throw new KubeadmError('\nerror: subcommand is required');
    }
    if (command.maxArgs !== undefined && args.length > command.maxArgs)
      throw new KubeadmError(
        command.maxArgs === 0
          ? `unknown command ${JSON.stringify(args[0])} for ${JSON.stringify(line)}`
          : `accepts at most ${command.maxArgs} arg(s), received ${args.length}`,
      );
    await command.run({
      host,
      context,
      args,
      given: (flag) => flags.has(flag),
      text: (flag) => flags.get(flag)?.at(-1),
      list: (flag) => flags.get(flag),
      out: (text) => {
        result.stdout += `${text}\n`;
      },
      ask: (text) => {
        result.stdout += text;
      },
      wait: (ms) => {
        result.after = (result.after ?? 0) + ms;
      },
      err: (text) => {
        result.stderr += `${text}\n`;
      },
    });
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    result.stderr += `${error.message}\n${HINT}`;
    result.code = error.code;
  }
  return result;
}
