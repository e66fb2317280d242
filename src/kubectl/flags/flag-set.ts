import { goQuote, goQuoteRune } from '../../base/go-quote.ts';
import type { Flag, FlagValues } from '../command.ts';
import { CommandError } from '../errors.ts';
import { defaultValue, type FlagValue, parseFlagValue } from './values.ts';

/** Gets a flag and the text that it is given. */
type Taker = (flag: Flag, text: string) => void;

/** pflag's FlagSet: the flags that a command knows, parsed by pflag's rules with pflag's words for what is wrong. */
export class FlagSet implements FlagValues {
  private readonly flags = new Map<string, Flag>();
  private readonly shorthands = new Map<string, Flag>();
  private readonly values = new Map<string, FlagValue>();
  /** Arguments that are no flags, in order. */
  args: string[] = [];
  /** How many of `args` stood before `--`; -1 without one. */
  argsLenAtDash = -1;

  /** `warn` gets the notices about deprecated flags. */
  constructor(
    flags: Iterable<Flag>,
    private readonly warn: (text: string) => void,
  ) {
    for (const flag of flags) {
      if (this.flags.has(flag.name)) continue;
      this.flags.set(flag.name, flag);
      if (flag.shorthand) this.shorthands.set(flag.shorthand, flag);
    }
  }

  /** Whether `arg` is a flag that takes the next argument as its value, as cobra guesses while it looks for the command. */
  takesNextArg(arg: string): boolean {
    if (!arg.startsWith('-') || arg.includes('=')) return false;
    if (arg.startsWith('--')) return !this.optionalValue(this.lookup(arg.slice(2)));
    return arg.length === 2 && !this.optionalValue(this.shorthands.get(arg[1]!));
  }

  /** Reads a command line; throws pflag's message for the first thing that is wrong. */
  parse(argv: string[]): void {
    const { args, dash } = this.read(argv, (flag, text) => this.assign(flag, text));
    this.args = args;
    this.argsLenAtDash = dash;
  }

  /** A command line's words, and its flags as `--name=value`, in order. */
  spelledOut(argv: string[]): string[] {
    const flags: string[] = [];
    const { args } = this.read(argv, ({ name }, text) => flags.push(`--${name}=${text}`));
    return [...args, ...flags];
  }

  /** The arguments that are no flags, and how many of them stand before `--`; `take` gets the flags with their values. */
  private read(argv: string[], take: Taker): { args: string[]; dash: number } {
    const args: string[] = [];
    const rest = [...argv];
    while (rest.length > 0) {
      const arg = rest.shift()!;
      if (arg === '--') return { args: [...args, ...rest], dash: args.length };
      if (arg.startsWith('--')) this.readLong(arg, rest, take);
      else if (arg.startsWith('-') && arg.length > 1) this.readShort(arg.slice(1), rest, take);
      else args.push(arg);
    }
    return { args, dash: -1 };
  }

  string(name: string): string {
    return this.get(name) as string;
  }

  bool(name: string): boolean {
    return this.get(name) as boolean;
  }

  int(name: string): number {
    return this.get(name) as number;
  }

  duration(name: string): number {
    return this.get(name) as number;
  }

  strings(name: string): string[] {
    return this.get(name) as string[];
  }

  map(name: string): Record<string, string> {
    return this.get(name) as Record<string, string>;
  }

  changed(name: string): boolean {
    return this.values.has(name);
  }

  has(name: string): boolean {
    return this.flags.has(name);
  }

  /** The flag of a long name, in which underscores are dashes. */
  lookup(name: string): Flag | undefined {
    return this.flags.get(name) ?? this.flags.get(name.replaceAll('_', '-'));
  }

  /** The values of other flags of the same names: what a command's own flag hides stays at its default. */
  select(flags: Flag[], hidden: Flag[]): FlagSet {
    const selected = new FlagSet(flags, this.warn);
    for (const { name } of flags) {
      const value = this.values.get(name);
      if (value !== undefined && !hidden.some((flag) => flag.name === name)) selected.values.set(name, value);
    }
    return selected;
  }

  private get(name: string): FlagValue {
    const flag = this.flags.get(name);
    if (!flag) throw new CommandError(`flag accessed but not defined: ${name}`);
    return this.values.get(name) ?? defaultValue(flag);
  }

  private optionalValue(flag: Flag | undefined): boolean {
    return flag !== undefined && noOptDefVal(flag) !== undefined;
  }

  private readLong(arg: string, rest: string[], take: Taker): void {
    if (/^--[-=]/.test(arg)) throw new CommandError(`bad flag syntax: ${arg}`);
    const at = arg.indexOf('=');
    const name = at < 0 ? arg.slice(2) : arg.slice(2, at);
    const flag = this.lookup(name);
    if (!flag) throw new CommandError(`unknown flag: --${name}`);
    const value = at < 0 ? (noOptDefVal(flag) ?? rest.shift()) : arg.slice(at + 1);
    if (value === undefined) throw new CommandError(`flag needs an argument: --${name}`);
    take(flag, value);
  }

  private readShort(group: string, rest: string[], take: Taker): void {
    for (let shorthands = group; shorthands !== ''; ) {
      const letter = shorthands[0]!;
      const flag = this.shorthands.get(letter);
      if (!flag) {
        // pflag takes a byte for a letter.
        const byte = String.fromCharCode(Buffer.from(shorthands)[0]!);
        throw new CommandError(`unknown shorthand flag: ${goQuoteRune(byte)} in -${shorthands}`);
      }
      const implied = noOptDefVal(flag);
      if (shorthands.length > 2 && shorthands[1] === '=') {
        take(flag, shorthands.slice(2));
        return;
      }
      if (implied !== undefined) {
        take(flag, implied);
        shorthands = shorthands.slice(1);
        continue;
      }
      const value = shorthands.length > 1 ? shorthands.slice(1) : rest.shift();
      if (value === undefined)
        throw new CommandError(`flag needs an argument: ${goQuoteRune(letter)} in -${shorthands}`);
      take(flag, value);
      return;
    }
  }

  /** Gives a flag a value, as the command line does; throws pflag's words for one that it cannot have. */
  assign(flag: Flag, text: string): void {
    try {
      flag.check?.(text);
      this.values.set(flag.name, parseFlagValue(flag.type, text, this.values.get(flag.name)));
    } catch (error) {
      const name = flag.shorthand ? `-${flag.shorthand}, --${flag.name}` : `--${flag.name}`;
      throw new CommandError(`invalid argument ${goQuote(text)} for "${name}" flag: ${(error as Error).message}`);
    }
    if (flag.deprecated) this.warn(`Flag --${flag.name} has been deprecated, ${flag.deprecated}\n`);
  }
}

/** The value that a flag has when it is given without one; undefined when it needs one. */
function noOptDefVal(flag: Flag): string | undefined {
  return flag.noValue ?? (flag.type === 'bool' ? 'true' : undefined);
}
