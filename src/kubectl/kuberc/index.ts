import { asError, CommandError, ExitError } from '../errors.ts';
import type { CobraCommand, Program } from '../program.ts';
import { loadPreference } from './load.ts';
import { type Alias, type FlagDefault, type Preference, validatePreference } from './preference.ts';

/** How a message begins when a flag has no such name, and when it has no such value. */
interface Words {
  unknown(flag: string): string;
  refused(flag: FlagDefault): string;
}

/** cobra and klog define these only when the program runs. */
const LATE_FLAGS = ['help', 'v', 'vmodule', 'log-flush-frequency'];

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Whether a command line says a flag, in any of the ways in which it may be written. */
function says(argv: string[], name: string, shorthand = ''): boolean {
  return argv.some((arg) => {
    if (arg === `--${name}` || arg.startsWith(`--${name}=`)) return true;
    if (shorthand === '') return false;
    return arg.startsWith(`-${shorthand}`) || (/^-[a-zA-Z]+$/.test(arg) && arg.includes(shorthand));
  });
}

/** Sets the flags of a command that the command line does not say. */
function setDefaults({ flagSet }: CobraCommand, defaults: FlagDefault[], argv: string[], tell: Words): void {
  for (const each of defaults) {
    const flag = flagSet.lookup(each.name);
    if (!flag || LATE_FLAGS.includes(flag.name)) throw new CommandError(tell.unknown(each.name));
    if (says(argv, flag.name, flag.shorthand)) continue;
    try {
      flagSet.assign(flag, each.default);
    } catch (error) {
      throw new CommandError(`${tell.refused(each)} err: ${asError(error).message}`);
    }
  }
}

/** What a kuberc makes of a command line, and of the commands that it may name. */
class Preferences {
  private readonly aliases = new Set<string>();

  constructor(
    private readonly program: Program,
    private readonly preference: Preference,
  ) {}

  /** The command line with the arguments of the alias that it names, which is a command from now on. */
  async applyAlias(argv: string[]): Promise<string[]> {
    const at = argv.findIndex((arg) => !arg.startsWith('-'));
    const alias = at < 0 || (await this.program.known(argv)) ? undefined : this.aliasNamed(argv[at]!);
    const command = alias && (await this.commandOf(alias));
    if (!command) return argv;
    // Of the program itself there is no other name: what follows stands for itself.
    if (!command.parent) return argv.toSpliced(at, 1);
    const added = this.program.addAlias(alias.name, command);
    setDefaults(added, alias.flags, argv, {
      unknown: (flag) => `invalid alias flag ${flag} in alias kubectl`,
      refused: (flag) => `could not apply value ${flag.default} to flag ${flag.name} in alias kubectl`,
    });
    return [...argv.slice(0, at + 1), ...alias.prependArgs, ...argv.slice(at + 1), ...alias.appendArgs];
  }

  /** Gives the flags of the command that a command line names their own defaults. */
  async applyOverrides(argv: string[]): Promise<void> {
    const command = await this.program.known(argv);
    if (!command) return;
    for (const { command: name, flags } of this.preference.overrides) {
      const overridden = await this.program.known(words(name));
      if (!overridden) this.warn(`command ${JSON.stringify(name)} not found to set kuberc override`);
      if (overridden?.name() !== command.name()) continue;
      if (this.aliases.has(command.name())) throw new CommandError(`alias ${command.name()} can not be overridden`);
      setDefaults(command, flags, argv, {
        unknown: (flag) => `invalid flag ${flag} for command ${name}`,
        refused: (flag) => `could not apply override value ${flag.default} to flag ${flag.name} in command ${name}`,
      });
    }
  }

  private aliasNamed(name: string): Alias | undefined {
    return this.preference.aliases.find((alias) => {
      this.aliases.add(alias.name);
      return alias.name === name;
    });
  }

  /** The command that an alias stands for; undefined when it has the name of a command itself. */
  private async commandOf({ name, command }: Alias): Promise<CobraCommand | undefined> {
    if (await this.program.known([name])) {
      this.warn(`Setting alias ${JSON.stringify(name)} to a built-in command is not supported`);
      return undefined;
    }
    const found = await this.program.known(words(command));
    if (found) return found;
    const quoted = [command, name].map((text) => JSON.stringify(text));
    throw new CommandError(`command ${quoted[0]} not found to set alias ${quoted[1]}: [${words(command).join(' ')}]`);
  }

  private warn(text: string): void {
    this.program.environment.io.err(`Warning: ${text}\n`);
  }
}

/** The command line that is meant by one, with the preferences of its kuberc. */
export async function applyPreferences(program: Program, argv: string[]): Promise<string[]> {
  if (argv.length === 0) return argv;
  try {
    const preference = loadPreference(program.environment, argv);
    if (!preference) return argv;
    validatePreference(preference);
    const preferences = new Preferences(program, preference);
    const meant = await preferences.applyAlias(argv);
    await preferences.applyOverrides(meant);
    return meant;
  } catch (error) {
    throw new ExitError(1, `error occurred while applying preferences ${asError(error).message}\n`);
  }
}
