import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';

export interface CtrCall {
  host: NodeHost;
  context: CommandContext;
  namespace: string;
  args: string[];
  /** Whether a flag was given: `quiet`. */
  flag(name: string): boolean;
  value(name: string): string | undefined;
}

export interface CtrFlag {
  /** `quiet, q`. */
  names: string;
  usage: string;
  valued?: boolean;
}

/** A command of ctr: its group's name and its own. */
export interface CtrCommand {
  /** `list, ls`: the first is its name. */
  names: string;
  summary: string;
  arguments?: string;
  flags?: CtrFlag[];
  run?(call: CtrCall): CommandResult | Promise<CommandResult>;
  /** Of a group. */
  commands?: CtrCommand[];
}

/** A failure as ctr ends with it. */
export class CtrError extends Error {}

export const namesOf = (names: string): string[] => names.split(', ');

const dashed = (name: string): string => (name.length > 1 ? `--${name}` : `-${name}`);

export const flagRow = ({ names, usage, valued }: CtrFlag): [string, string] => [
  namesOf(names)
    .map((name) => `${dashed(name)}${valued ? ' value' : ''}`)
    .join(', '),
  usage,
];

export function rows(list: [string, string][]): string[] {
  const width = Math.max(...list.map(([left]) => left.length));
  return list.map(([left, right]) => `   ${left.padEnd(width)}  ${right}`);
}

const HELP: [string, string] = ['--help, -h', 'show help'];

/** Help of a group of commands, or of one. `path`: `images list`. */
export function ctrHelp(path: string, command: CtrCommand): string {
  const sections = command.commands
    ? [
        ['USAGE:', `   ctr ${path} command [command options] [arguments...]`],
        ['COMMANDS:', ...rows(command.commands.map(({ names, summary }) => [names, summary]))],
        ['OPTIONS:', ...rows([HELP])],
      ]
    : [
        ['USAGE:', `   ctr ${path} [command options] ${command.arguments ?? '[arguments...]'}`],
        ...(command.flags ? [['OPTIONS:', ...rows(command.flags.map(flagRow))]] : []),
      ];
  const text = [['NAME:', `   ctr ${path} - ${command.summary}`], ...sections].map((lines) => lines.join('\n'));
  return `${text.join('\n\n')}\n   \n`;
}

/** Takes flags from the front of a command line, as urfave/cli does; throws CtrError for those it does not know. */
export function takeFlags(words: string[], flags: CtrFlag[]): { args: string[]; found: Map<string, string> } {
  const found = new Map<string, string>();
  let at = 0;
  for (; at < words.length && words[at]!.startsWith('-') && words[at] !== '-'; at++) {
    if (words[at] === '--') {
      at++;
      break;
    }
    const [name = '', inline] = words[at]!.replace(/^--?/, '').split(/=(.*)/s);
    const flag = flags.find(({ names }) => namesOf(names).includes(name));
    if (!flag) throw new CtrError(`flag provided but not defined: -${name}`);
    const value = inline ?? (flag.valued ? words[++at] : 'true');
    if (value === undefined) throw new CtrError(`flag needs an argument: -${name}`);
    found.set(namesOf(flag.names)[0]!, value);
  }
  return { args: words.slice(at), found };
}
