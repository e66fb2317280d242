import type { Command, Flag, Invocation } from '../command.ts';
import { completeArguments, completeFlagValue, type Offer } from '../completion/offers.ts';
import { asError, CommandError } from '../errors.ts';
import { globalFlags, HELP_FLAG } from '../flags/global.ts';
import { isShown } from '../flags/shown.ts';
import type { CobraCommand, Program } from '../program.ts';

const command: Command = {
  name: '__complete',
  use: '__complete [command-line]',
  short: '',
  hidden: true,
  rawArguments: true,
  run: (invocation) => complete(invocation, true),
};

export default command;

const DIRECTIVES: [number, string][] = [
  [1, 'ShellCompDirectiveError'],
  [2, 'ShellCompDirectiveNoSpace'],
  [4, 'ShellCompDirectiveNoFileComp'],
  [8, 'ShellCompDirectiveFilterFileExt'],
  [16, 'ShellCompDirectiveFilterDirs'],
  [32, 'ShellCompDirectiveKeepOrder'],
];

const NOTHING: Offer = { values: [], directive: 0 };

const directiveText = (bits: number): string =>
  DIRECTIVES.filter(([bit]) => bits & bit)
    .map(([, name]) => name)
    .join(', ') || 'ShellCompDirectiveDefault';

/** What may stand at the end of the command line, a line each, then what the shell should do besides. */
export async function complete({ args, environment, program }: Invocation, described: boolean): Promise<void> {
  if (args.length === 0) throw new CommandError('requires at least 1 arg(s), only received 0');
  const words = args.slice(0, -1);
  const toComplete = args.at(-1) ?? '';
  const { command: found, rest } = await program.lookup(words);
  const { values, directive } = namesNone(found, rest)
    ? await offersOfNone(words, environment, program)
    : found.path === 'kubectl help'
      ? await helpTopics(program, rest, toComplete)
      : await offersFor(found, rest, toComplete, environment);
  const shown = values.map((value) => value.split(described ? '\n' : /[\n\t]/)[0]);
  environment.io.out(shown.map((value) => `${value}\n`).join(''));
  environment.io.out(`:${directive}\n`);
  environment.io.err(`Completion ended with directive: ${directiveText(directive)}\n`);
}

/** Whether the first of the words is no command. */
const namesNone = (found: CobraCommand, rest: string[]): boolean => !found.parent && found.firstArgument(rest) >= 0;

/** A command that nobody knows could be a plugin, which takes none of kubectl's flags. */
async function offersOfNone(words: string[], environment: Invocation['environment'], program: Program): Promise<Offer> {
  const { rootPlugins } = await import('../plugins.ts');
  const plugin = rootPlugins(environment, program.entries).some(({ name }) => name === words[0]);
  if (!words[0]!.startsWith('-')) environment.io.err('[Debug] Cleared global flags for plugin completion\n');
  if (!plugin) {
    environment.io.err(`[Debug] [Error] unable to find a command for arguments: [${words.join(' ')}]\n`);
  }
  return NOTHING;
}

/** Commands below the one that the words name. */
async function helpTopics(program: Program, words: string[], prefix: string): Promise<Offer> {
  const { command } = await program.lookup(words);
  return { values: subcommandOffers(command, prefix), directive: 4 };
}

/** Reads what is typed so far; tells of flags that there are none, and whether all was well. */
function understands(command: CobraCommand, rest: string[], { io }: Invocation['environment']): boolean {
  try {
    command.flagSet.parse(rest);
    return true;
  } catch (error) {
    io.err(`[Debug] [Error] Error while parsing flags from args [${rest.join(' ')}]: ${asError(error).message}\n`);
    return false;
  }
}

async function offersFor(
  command: CobraCommand,
  rest: string[],
  toComplete: string,
  environment: Invocation['environment'],
): Promise<Offer> {
  const own = command.definition?.flags ?? [];
  const inherited = command.parent ? command.inherited : globalFlags(environment.host);
  const dashed = rest.includes('--');
  if (!dashed && toComplete.startsWith('-')) {
    const at = toComplete.indexOf('=');
    if (at < 0) return { values: flagNames(command, inherited, own, toComplete), directive: 4 };
    const name = toComplete.slice(0, at).replace(/^-+/, '');
    if (!understands(command, rest, environment)) return NOTHING;
    return completeFlagValue(command, findFlag([...own, ...inherited], name), toComplete.slice(at + 1), environment);
  }
  const last = rest.at(-1);
  if (!dashed && last !== undefined && command.flagSet.takesNextArg(last)) {
    const flag = findFlag([...own, ...inherited], last.replace(/^-+/, ''));
    if (!understands(command, flag ? rest.slice(0, -1) : rest, environment)) return NOTHING;
    return completeFlagValue(command, flag, toComplete, environment);
  }
  const subcommands = subcommandOffers(command, toComplete);
  if (subcommands.length > 0 && command.firstArgument([...rest, '', '']) < 0) {
    return { values: subcommands, directive: 4 };
  }
  if (!command.definition?.run) return { values: [], directive: 4 };
  if (!understands(command, rest, environment)) return NOTHING;
  return completeArguments(command, toComplete, environment);
}

const findFlag = (flags: Flag[], name: string): Flag | undefined =>
  flags.find((flag) => flag.name === name || flag.shorthand === name);

function subcommandOffers(command: CobraCommand, prefix: string): string[] {
  return command
    .visibleSubcommands()
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short }) => (short ? `${name}\t${short}` : name));
}

/** Names of flags that begin so: inherited ones first, each by its long and its short name. */
function flagNames(command: CobraCommand, inherited: Flag[], own: Flag[], prefix: string): string[] {
  const help = { ...HELP_FLAG, usage: `help for ${command.name()}` };
  const sorted = (flags: Flag[]) => flags.filter(isShown).sort((a, b) => (a.name < b.name ? -1 : 1));
  const hides = (flag: Flag) => own.some(({ name }) => name === flag.name);
  return [...sorted(inherited.filter((flag) => !hides(flag))), ...sorted([...own, help])].flatMap((flag) => {
    const names = [`--${flag.name}`, ...(flag.shorthand ? [`-${flag.shorthand}`] : [])];
    return names.filter((name) => name.startsWith(prefix)).map((name) => `${name}\t${flag.usage}`);
  });
}
