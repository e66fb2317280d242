import type { Command, Flag } from './command.ts';
import { isShown } from './flags/shown.ts';
import { defaultText } from './flags/values.ts';
import { COMMAND_GROUPS, type CommandEntry } from './registry.ts';

/** A command with its place in the tree: what help, usage errors and `kubectl help x y` speak of. */
export interface HelpSubject {
  /** `kubectl rollout undo` */
  path: string;
  command: Command;
}

const ROOT_LONG = `kubectl controls the Kubernetes cluster manager.

Find more information at: https://kubernetes.io/docs/reference/kubectl/`;

/** Paragraphs after the first are set in by a space, as kubectl's LongDesc leaves them. */
const layoutLong = (text: string): string => text.trim().replaceAll(/\n\n(?=\S)/g, '\n\n ');

const indent = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');

/** One flag as help lists it. */
function flagUsage(flag: Flag): string {
  const shorthand = flag.shorthand ? `-${flag.shorthand}, ` : '';
  const value = flag.type === 'string' ? `'${defaultText(flag)}'` : defaultText(flag);
  return `    ${shorthand}--${flag.name}=${value}:\n\t${flag.usage}\n`;
}

/** The flags that are shown, by name. */
export const flagUsages = (flags: Flag[]): string =>
  flags
    .filter((flag) => isShown(flag) && flag.name !== 'help')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(flagUsage)
    .join('\n');

function commandTable(commands: { name: string; short: string }[], minimumPadding = 11): string[] {
  const width = Math.max(minimumPadding, ...commands.map(({ name }) => name.length));
  return commands.map(({ name, short }) => `  ${name.padEnd(width)}   ${short}`);
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

/** cobra's NamePadding spans all commands of a parent, hidden ones too. */
const NAME_PADDING = 13;

/** What `kubectl` alone prints after its description; `plugins` are the names found on the PATH. */
export function rootUsage(entries: CommandEntry[], plugins: { name: string; short: string }[] = []): string {
  const sections = COMMAND_GROUPS.map((group) => {
    const members = entries.filter((entry) => entry.group === group);
    if (group === 'Other Commands:') members.sort(byName);
    const listed = group === 'Subcommands provided by plugins:' ? plugins : members;
    return [group, ...commandTable(listed, NAME_PADDING)].join('\n');
  });
  return `\n\n${sections.join('\n\n')}

Usage:
  kubectl [flags] [options]

Use "kubectl <command> --help" for more information about a given command.
Use "kubectl options" for a list of global command-line options (applies to all commands).
`;
}

export const rootHelp = (entries: CommandEntry[], plugins?: { name: string; short: string }[]): string =>
  layoutLong(ROOT_LONG) + rootUsage(entries, plugins);

/** cobra's UseLine with kubectl's " [options]". */
export function usageLine({ path, command }: HelpSubject): string {
  const parent = path.slice(0, path.lastIndexOf(' '));
  const line = `${parent} ${command.use}${command.flagsInUseLine && !command.use.includes('[flags]') ? ' [flags]' : ''}`;
  return line.includes('[options]') ? line : `${line} [options]`;
}

/** Everything after a command's description. */
export function usageText(subject: HelpSubject): string {
  const { path, command } = subject;
  const subcommands = (command.subcommands ?? []).filter((each) => !each.hidden).sort(byName);
  const sections: string[] = [];
  if (command.aliases?.length) sections.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`);
  if (command.examples) sections.push(`Examples:\n${indent(command.examples)}`);
  if (subcommands.length > 0) {
    sections.push(['Available Commands:', ...commandTable(subcommands)].join('\n'));
  }
  const flags = flagUsages((command.flags ?? []).filter((flag) => !flag.persistent));
  if (flags) sections.push(`Options:\n${flags.trimEnd()}`);
  sections.push(`Usage:\n  ${usageLine(subject)}`);
  const more =
    subcommands.length > 0 ? `Use "${path} <command> --help" for more information about a given command.\n` : '';
  return `\n\n${sections.join('\n\n')}\n\n${more}Use "kubectl options" for a list of global command-line options (applies to all commands).\n`;
}

export const helpText = (subject: HelpSubject): string =>
  layoutLong(subject.command.long ?? subject.command.short) + usageText(subject);
