import type { CommandContext } from '../../sh/process.ts';
import type { ToolResult } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';

/** A flag of urfave/cli, as help lists it. */
export interface CliFlag {
  name: string;
  alias?: string;
  type: 'bool' | 'string' | 'int' | 'strings';
  usage: string;
  /** What help calls its value; `value` unless it says. */
  value?: string;
  /** As help shows it: `"table"`, `0`. Booleans show `false` by themselves. */
  default?: string;
}

export interface CliValues {
  has(name: string): boolean;
  text(name: string): string | undefined;
  int(name: string): number | undefined;
  all(name: string): string[];
}

export interface CliCommand {
  name: string;
  aliases?: string[];
  summary: string;
  /** What follows `[command options]` on the usage line. */
  arguments?: string;
  description?: string[];
  flags: CliFlag[];
  /** Commands of its own, which its help lists. */
  subcommands?: [name: string, summary: string][];
  /** Which of the runtime's services it asks; the runtime's own unless it says. */
  service?: 'image' | 'none';
  run(call: {
    host: NodeHost;
    context: CommandContext;
    flags: CliValues;
    args: string[];
  }): ToolResult | Promise<ToolResult>;
}

export const CRICTL_VERSION = 'v1.33.0';
export const HELP_COMMAND: [string, string] = ['help, h', 'Shows a list of commands or help for one command'];
export const HELP: CliFlag = { name: 'help', alias: 'h', type: 'bool', usage: 'show help' };

/** A message as logrus writes it to standard error. */
export const logLine = (now: number, message: string, level = 'error'): string =>
  `time="${new Date(Math.floor(now)).toISOString().slice(0, 19)}Z" level=${level} msg=${JSON.stringify(message)}\n`;

/** What klog writes of a failed call to the runtime. */
export function rpcLine(now: number, source: string, what: string, error: string, details: string): string {
  const t = new Date(Math.floor(now)).toISOString();
  return `E${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 23)}000   10519 ${source}] ${JSON.stringify(what)} err=${JSON.stringify(error)}${details && ` ${details}`}\n`;
}

/** The klog line of a container whose status could not be had. */
export const statusFailed = (now: number, id: string, error: string): string =>
  rpcLine(
    now,
    'remote_runtime.go:569',
    'ContainerStatus from runtime service failed',
    error,
    `containerID=${JSON.stringify(id)}`,
  );

export class UsageError extends Error {}

/** Names of a flag as typed: `--all, -a`; a list shows its form twice. */
function flagForm(flag: CliFlag): string {
  const value = flag.type === 'bool' ? '' : ` ${flag.value ?? 'value'}`;
  const aliases = (flag.alias?.split(' ') ?? []).map((alias) => `${alias.length > 1 ? '--' : '-'}${alias}${value}`);
  const names = [`--${flag.name}${value}`, ...aliases].join(', ');
  return flag.type === 'strings' ? `${names} [ ${names} ]` : names;
}

function flagUsage(flag: CliFlag): string {
  if (flag === HELP) return flag.usage;
  const value = flag.default ?? (flag.type === 'bool' ? 'false' : undefined);
  return value === undefined ? flag.usage : `${flag.usage} (default: ${value})`;
}

/** Two columns, the first as wide as its longest. */
export function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `   ${left.padEnd(width)}  ${right}`.trimEnd());
}

/** Flags as help lists them. */
export const flagLines = (flags: CliFlag[]): string[] =>
  columns(flags.map((flag) => [flagForm(flag), flagUsage(flag)]));

/** The help of one command; `withCommands` when it is printed by the command itself rather than by `help NAME`. */
export function commandHelp(command: CliCommand, withCommands: boolean): string {
  const flags = [...command.flags].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = [
    ['NAME:', `   crictl ${command.name} - ${command.summary}`],
    ['USAGE:', `   crictl ${command.name} [command options]${command.arguments ? ` ${command.arguments}` : ''}`],
    ...(command.description
      ? [['DESCRIPTION:', ...command.description.map((line) => (line ? `   ${line}` : ''))]]
      : []),
    ...(withCommands || command.subcommands
      ? [['COMMANDS:', ...columns([...(command.subcommands ?? []), HELP_COMMAND])]]
      : []),
    ['OPTIONS:', ...flagLines([...flags, HELP])],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** `-aq` as `-a -q`, where every letter is a flag of its own (urfave/cli's short option handling). */
function shortOptions(words: string[], flags: CliFlag[]): string[] {
  const isShort = (letter: string) => flags.some((flag) => flag.alias === letter);
  return words.flatMap((word) =>
    /^-[a-zA-Z]{2,}$/.test(word) && [...word.slice(1)].every(isShort)
      ? [...word.slice(1)].map((letter) => `-${letter}`)
      : [word],
  );
}

/** Go's flag syntax: `-x v`, `--x=v`, flags end at the first argument or at `--`. Throws UsageError in Go's words. */
export function parseFlags(given: string[], flags: CliFlag[]): { values: CliValues; args: string[] } {
  const end = given.findIndex((word) => !word.startsWith('-'));
  const words =
    end < 0 ? shortOptions(given, flags) : [...shortOptions(given.slice(0, end), flags), ...given.slice(end)];
  const found = new Map<string, string[]>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--' || !/^-{1,2}[^-]/.test(word)) break;
    const [name = '', inline] = word.replace(/^--?/, '').split(/=(.*)/s);
    const flag = [...flags, HELP].find((f) => f.name === name || f.alias?.split(' ').includes(name));
    if (!flag) throw new UsageError(`flag provided but not defined: -${name}`);
    let value = inline;
    if (value === undefined && flag.type === 'bool') value = 'true';
    if (value === undefined) value = words[++at];
    if (value === undefined) throw new UsageError(`flag needs an argument: -${name}`);
    if (flag.type === 'int' && !/^-?\d+$/.test(value))
      throw new UsageError(`invalid value "${value}" for flag -${name}: parse error`);
    found.set(flag.name, flag.type === 'strings' ? [...(found.get(flag.name) ?? []), value] : [value]);
  }
  if (words[at] === '--') at++;
  const text = (name: string) => found.get(name)?.at(-1);
  return {
    args: words.slice(at),
    values: {
      has: (name) => (text(name) ?? 'false') !== 'false',
      text,
      int: (name) => (text(name) === undefined ? undefined : Number(text(name))),
      all: (name) => found.get(name) ?? [],
    },
  };
}
