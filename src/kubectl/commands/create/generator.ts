import type { Command, Flag, FlagValues, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunStrategy,
  fieldManagerFlag,
  PRINT_FLAGS,
  requireFlags,
  SAVE_CONFIG_FLAG,
  usageError,
  VALIDATE_FLAG,
  validationDirective,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { withTypedLastApplied } from '../apply/annotation.ts';

export interface GeneratorInput {
  name: string;
  /** What follows the name: the command of a container. */
  command: string[];
  flags: FlagValues;
  /** Of the new object: set only when -n or the context chose one explicitly. */
  namespace?: string;
  invocation: Invocation;
}

/** A subcommand of `create` that makes one object from flags. */
export interface Generator {
  name: string;
  aliases?: string[];
  use: string;
  short: string;
  long?: string;
  examples?: string;
  flags: Flag[];
  /** Flags without which cobra refuses to run. */
  required?: string[];
  /** Collection below its group version: `/apis/apps/v1`, `deployments`; `cluster` for what has no namespace. */
  api: { prefix: string; resource: string; cluster?: boolean };
  /** What stands before the server's error: `failed to create deployment: `. */
  failure?: string | ((input: GeneratorInput) => string);
  flagsInUseLine?: boolean;
  /** The object, its fields in Go's order; throws CommandError for what its flags may not be. */
  generate(input: GeneratorInput): Printable | Promise<Printable>;
}

/** NameFromCommandArgs: one name before `--`. */
export function nameFromArgs(invocation: Invocation): string {
  const count = invocation.argsLenAtDash === -1 ? invocation.args.length : invocation.argsLenAtDash;
  if (count !== 1) throw usageError(invocation, `exactly one NAME is required, got ${count}`);
  return invocation.args[0]!;
}

/** metadata of an object that is about to be created: Go prints its creationTimestamp as null. */
export const newMetadata = (
  { name, namespace }: { name: string; namespace?: string },
  more: { labels?: Record<string, string>; annotations?: Record<string, string>; ownerReferences?: unknown[] } = {},
): Record<string, unknown> => ({
  name,
  ...(namespace && { namespace }),
  creationTimestamp: null,
  ...(more.labels && Object.keys(more.labels).length && { labels: more.labels }),
  ...(more.annotations && Object.keys(more.annotations).length && { annotations: more.annotations }),
  ...(more.ownerReferences && { ownerReferences: more.ownerReferences }),
});

/** Sends an object that a generator made, unless it is a client's dry run. */
async function send(
  generator: Generator,
  input: GeneratorInput,
  object: Printable,
  dryRun: string,
): Promise<Printable> {
  const { invocation, flags } = input;
  const { namespace } = await invocation.factory.namespace();
  const { prefix, resource, cluster } = generator.api;
  const client = await invocation.factory.client();
  try {
    return await client.request<Printable>(
      'POST',
      cluster ? `${prefix}/${resource}` : `${prefix}/namespaces/${namespace}/${resource}`,
      {
        query: {
          fieldManager: flags.string('field-manager'),
          fieldValidation: validationDirective(invocation),
          dryRun: dryRun === 'server' ? 'All' : undefined,
        },
        body: object,
      },
    );
  } catch (error) {
    const failure = typeof generator.failure === 'function' ? generator.failure(input) : generator.failure;
    if (!failure) throw error;
    throw new CommandError(`${failure}${(error as Error).message}`);
  }
}

/** A subcommand of `create` around a generator: flags, name, dry run, request and printing are the same for all. */
export function generatorCommand(generator: Generator): Command {
  return {
    ...generator,
    flags: [
      ...PRINT_FLAGS,
      SAVE_CONFIG_FLAG,
      VALIDATE_FLAG,
      DRY_RUN_FLAG,
      fieldManagerFlag('kubectl-create'),
      ...generator.flags,
    ],
    async run(invocation) {
      requireFlags(invocation, generator.required ?? []);
      const name = nameFromArgs(invocation);
      await invocation.factory.restConfig();
      const dryRun = dryRunStrategy(invocation);
      const { namespace, explicit } = await invocation.factory.namespace();
      const print = await printerFor(invocation, 'created', { dryRun, typed: true });
      validationDirective(invocation);
      const input: GeneratorInput = {
        name,
        command: invocation.args.slice(1),
        flags: invocation.flags,
        ...(explicit && !generator.api.cluster && { namespace }),
        invocation,
      };
      const made = await generator.generate(input);
      const object = invocation.flags.bool('save-config') ? withTypedLastApplied(made) : made;
      invocation.environment.io.out(print(dryRun === 'client' ? object : await send(generator, input, object, dryRun)));
    },
  };
}
