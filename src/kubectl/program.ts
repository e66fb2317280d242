import { Command as Commander } from 'commander';
import { Factory } from './client/factory.ts';
import type { Command, Flag, Invocation } from './command.ts';
import { CommandError, ExitError } from './errors.ts';
import { isDisabled, isEnabled, withoutGated } from './feature-gates.ts';
import { FlagSet } from './flags/flag-set.ts';
import { globalFlags, HELP_FLAG } from './flags/global.ts';
import { helpText, rootHelp } from './help.ts';
import type { KubectlEnvironment } from './io.ts';
import { type CommandEntry, registry } from './registry.ts';

/** A line's words without the subcommand's name, as cobra takes it out: never a flag's value. */
interface Found {
  name: string;
  rest: string[];
}

/** cobra defines them only when it runs a command: while it looks for one they take a value, as unknown flags do. */
const HELP_ARGUMENTS = ['--help', '-h'];

/** Commander as registry and dispatcher; finding subcommands and reading flags follow cobra and pflag. */
export class CobraCommand extends Commander {
  /** What the command is, once its chunk is loaded; the root has none. */
  definition?: Command;
  flagSet!: FlagSet;
  /** Arguments of this command, as it was found. */
  private given: string[] = [];

  constructor(
    name: string,
    private readonly program: Program,
    readonly inherited: Flag[],
  ) {
    super(name);
    this.helpOption(false).helpCommand(false).allowExcessArguments();
    this.exitOverride();
    this.flagSet = this.newFlagSet([]);
    this.hook('preSubcommand', (_, sub) => this.program.load(sub as CobraCommand));
    this.action(() => this.program.execute(this, this.given));
  }

  get path(): string {
    return this.parent ? `${(this.parent as CobraCommand).path} ${this.name()}` : this.name();
  }

  /** Flags of this command that its subcommands have too. */
  get persistentFlags(): Flag[] {
    return [...this.inherited, ...(this.definition?.flags ?? []).filter((flag) => flag.persistent)];
  }

  define(definition: Command): void {
    this.adopt(definition);
    for (const sub of definition.subcommands ?? []) this.addNamed(sub).define(sub);
  }

  /** Makes this another name of a command, whose sub-commands stay its own. */
  standFor({ definition, commands }: CobraCommand): void {
    const { aliases: _, ...shared } = definition!;
    this.adopt({ ...shared, name: this.name(), use: this.name() });
    (this.commands as Commander[]).push(...commands);
  }

  private adopt(definition: Command): void {
    const flags = withoutGated(definition.flags ?? [], this.program.environment.host);
    this.definition = { ...definition, flags };
    this.flagSet = this.newFlagSet(flags);
  }

  addNamed({ name, aliases = [] }: { name: string; aliases?: string[] }): CobraCommand {
    const sub = new CobraCommand(name, this.program, this.persistentFlags).aliases(aliases);
    this.addCommand(sub);
    return sub;
  }

  override parseOptions(argv: string[]): { operands: string[]; unknown: string[] } {
    const found = this.commands.length > 0 ? this.find(argv) : undefined;
    if (found) return { operands: [found.name], unknown: found.rest };
    this.given = argv;
    return { operands: [], unknown: [] };
  }

  /** The first argument that is neither a flag nor a flag's value, when it names a subcommand (cobra's Find). */
  find(argv: string[]): Found | undefined {
    const at = this.firstArgument(argv);
    const sub = at < 0 ? undefined : this.subcommand(argv[at]!);
    return sub && { name: sub.name(), rest: argv.toSpliced(at, 1) };
  }

  /** A subcommand by its name or alias; the root makes its own when they are asked for. */
  subcommand(name: string): CobraCommand | undefined {
    const known = this.commands.find((sub) => sub.name() === name || sub.aliases().includes(name));
    if (known || this.parent) return known as CobraCommand | undefined;
    const entry = this.program.entries.find((each) => each.name === name || each.aliases?.includes(name));
    return entry && this.addNamed(entry);
  }

  /** Index of the first argument proper, by what is known of this command's flags; -1 without one. */
  firstArgument(argv: string[]): number {
    for (let at = 0; at < argv.length; at++) {
      const arg = argv[at]!;
      if (arg === '--') return -1;
      if (HELP_ARGUMENTS.includes(arg) || this.flagSet.takesNextArg(arg)) {
        // cobra gives up when the flag's value would be the last argument.
        if (argv.length - at - 1 <= 1) return -1;
        at++;
      } else if (arg !== '' && !arg.startsWith('-')) {
        return at;
      }
    }
    return -1;
  }

  /** Subcommands that help and completion show, with their short descriptions. */
  visibleSubcommands(): { name: string; short: string }[] {
    if (!this.definition) return this.program.entries.filter(({ short }) => short !== '');
    return (this.definition.subcommands ?? []).filter(({ hidden }) => !hidden);
  }

  private newFlagSet(own: Flag[]): FlagSet {
    return new FlagSet([...own, ...this.inherited, HELP_FLAG], this.program.environment.io.err);
  }
}

/** cobra adds these when it runs. */
const LATE_COMMANDS = ['help', '__complete', '__completeNoDesc'];

/** What --profile may name. */
const PROFILES = ['none', 'cpu', 'heap', 'goroutine', 'threadcreate', 'block', 'mutex', 'allocs'];

/** One run of kubectl. */
export class Program {
  readonly entries: CommandEntry[] = registry();
  private readonly root: CobraCommand;
  private code = 0;
  private typed: string[] = [];

  constructor(readonly environment: KubectlEnvironment) {
    this.root = new CobraCommand('kubectl', this, globalFlags(environment.host));
  }

  async run(typed: string[]): Promise<number> {
    this.typed = typed;
    const argv = await this.preferred(typed);
    const found = this.root.find(argv);
    const plugin = found ? await this.createPlugin(found) : await this.unknownCommand(argv);
    if (plugin !== undefined) return plugin;
    await this.root.parseAsync(argv, { from: 'user' });
    return this.code;
  }

  /** Fills in a verb from its chunk, before its arguments are read. */
  async load(sub: CobraCommand): Promise<void> {
    if (sub.definition) return;
    const entry = this.entries.find(({ name }) => name === sub.name())!;
    sub.define((await entry.load()).default);
  }

  /** The command that `words` name, loaded; the words that name none are left over. */
  async lookup(words: string[]): Promise<{ command: CobraCommand; rest: string[] }> {
    let command = this.root;
    let rest = words;
    for (let found = command.find(rest); found; found = command.find(rest)) {
      const sub = command.subcommand(found.name)!;
      await this.load(sub);
      command = sub;
      rest = found.rest;
    }
    return { command, rest };
  }

  /** The command that `words` name before the program runs (cobra's Find); undefined when the first of them names none. */
  async known(words: string[]): Promise<CobraCommand | undefined> {
    const { command, rest } = await this.lookup(words);
    if (command === this.root) return this.root.firstArgument(rest) < 0 ? command : undefined;
    return LATE_COMMANDS.includes(command.name()) ? undefined : command;
  }

  /** Lets a name at the root stand for a command. */
  addAlias(name: string, command: CobraCommand): CobraCommand {
    const alias = this.root.addNamed({ name });
    alias.standFor(command);
    return alias;
  }

  /** Help of a command that was loaded, by its path. */
  helpOf(path: string): string {
    const [, ...words] = path.split(' ');
    const found = words.reduce<CobraCommand>((command, word) => command.subcommand(word) ?? command, this.root);
    return found.definition ? helpText({ path, command: found.definition }) : rootHelp(this.entries);
  }

  async showRootHelp(): Promise<void> {
    this.environment.io.out(rootHelp(this.entries, await this.plugins()));
  }

  showHelp(path: string, command: Command): void {
    const { io } = this.environment;
    if (command.ownHelp === undefined) io.out(helpText({ path, command }));
    else io.err(command.ownHelp);
  }

  async execute(command: CobraCommand, argv: string[]): Promise<void> {
    const { definition, flagSet, path } = command;
    const { io } = this.environment;
    if (definition?.deprecated) io.err(`Command "${definition.name}" is deprecated, ${definition.deprecated}\n`);
    if (definition?.rawArguments) flagSet.args = argv;
    else this.parseFlags(command, argv);
    if (!definition) {
      await this.showRootHelp();
      return;
    }
    if (flagSet.bool('help')) {
      this.showHelp(path, definition);
      return;
    }
    this.code = (await this.runDefinition(command, definition, flagSet)) ?? 0;
  }

  private async runDefinition(command: CobraCommand, definition: Command, flags: FlagSet): Promise<number | void> {
    if (!definition.run) return this.refuseGroup(command, definition);
    const globals = flags.select(command.inherited, definition.flags ?? []);
    if (globals.has('profile') && !PROFILES.includes(globals.string('profile'))) {
      throw new CommandError(`unknown profile '${globals.string('profile')}'`);
    }
    const factory = new Factory(globals, this.environment, command.path);
    const invocation: Invocation = {
      flags,
      args: flags.args,
      argsLenAtDash: flags.argsLenAtDash,
      environment: this.environment,
      factory,
      commandPath: command.path,
      commandLine: () => ['kubectl', ...flags.spelledOut(this.typed)].join(' '),
      program: this,
    };
    const code = await definition.run(invocation).catch(async (thrown: unknown) => {
      if (flags.int('v') < 4 && !flags.changed('vmodule')) throw thrown;
      const { tellFailure } = await import('./log/failure.ts');
      throw tellFailure(factory, thrown);
    });
    if (!code && flags.bool('warnings-as-errors') && factory.warningCount > 0) {
      throw new CommandError(`${factory.warningCount} warning${factory.warningCount === 1 ? '' : 's'} received`);
    }
    return code;
  }

  /** The command line as the preferences of a kuberc have it. */
  private async preferred(argv: string[]): Promise<string[]> {
    if (!isEnabled(this.environment.host, 'KUBECTL_KUBERC')) return argv;
    const { applyPreferences } = await import('./kuberc/index.ts');
    return applyPreferences(this, argv);
  }

  private parseFlags(command: CobraCommand, argv: string[]): void {
    try {
      command.flagSet.parse(argv);
    } catch (error) {
      const { message } = error as Error;
      throw (
        command.definition?.flagError?.(message, command.path) ??
        new CommandError(`${message}\nSee '${command.path} --help' for usage.`)
      );
    }
  }

  /** A group without a subcommand: its help, and failure. */
  private refuseGroup(command: CobraCommand, definition: Command): never {
    const { args } = command.flagSet;
    const help = helpText({ path: command.path, command: definition });
    if (args.length === 0 && definition.groupHelp === 'stdout') {
      this.environment.io.out(help);
      throw new ExitError(1);
    }
    if (args.length === 0) throw new ExitError(1, help);
    throw new CommandError(
      `unknown command ${JSON.stringify(args.join(' '))}\nSee '${command.path} -h' for help and examples`,
    );
  }

  /** A plugin's exit code, a failure with suggestions, or nothing when the line names no command at all. */
  private async unknownCommand(argv: string[]): Promise<number | undefined> {
    const at = this.root.firstArgument(argv);
    if (at < 0) return undefined;
    const { runPlugin } = await import('./plugins.ts');
    const code = await runPlugin(this.environment, argv, 1);
    if (code !== undefined) return code;
    const { suggestions } = await import('./suggestions.ts');
    throw new CommandError(
      `unknown command ${JSON.stringify(argv[at])} for "kubectl"${suggestions(argv[at]!, this.entries)}`,
    );
  }

  /** `kubectl create foo` may be a plugin, kubectl-create-foo. */
  private async createPlugin({ name, rest }: Found): Promise<number | undefined> {
    if (name !== 'create' || !rest[0] || rest[0].startsWith('-')) return undefined;
    if (isDisabled(this.environment.host, 'KUBECTL_ENABLE_CMD_SHADOW')) return undefined;
    const create = this.root.subcommand(name)!;
    await this.load(create);
    if (create.commands.some((sub) => sub.name() === rest[0] || sub.aliases().includes(rest[0]!))) return undefined;
    const { runPlugin } = await import('./plugins.ts');
    return runPlugin(this.environment, [name, ...rest], 2);
  }

  private async plugins(): Promise<{ name: string; short: string }[]> {
    const { rootPlugins } = await import('./plugins.ts');
    return rootPlugins(this.environment, this.entries);
  }
}
