import type { Command, Invocation } from '../../command.ts';
import { addSource, asError, CommandError } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  requireFilenames,
  SAVE_CONFIG_FLAG,
  SELECTOR_FLAG,
  usageError,
  VALIDATE_FLAG,
  validationDirective,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { collectionPath, type Info } from '../../resource/info.ts';
import { withLastApplied } from '../apply/annotation.ts';
import { createSubcommands } from './subcommands.ts';

/** --raw posts one file as it is. */
async function postRaw({ flags, factory, environment }: Invocation): Promise<void> {
  const files = flags.strings('filename');
  const refuse = (wrong: boolean, message: string) => {
    if (wrong) throw new CommandError(message);
  };
  refuse(flags.bool('edit'), '--raw and --edit are mutually exclusive');
  refuse(files.length !== 1, '--raw can only use a single local file or stdin');
  refuse(/^https?:\/\//.test(files[0] ?? ''), '--raw cannot read from a url');
  refuse(flags.bool('recursive'), '--raw and --recursive are mutually exclusive');
  refuse(flags.string('selector') !== '', '--raw and --selector (-l) are mutually exclusive');
  refuse(flags.string('output') !== '', '--raw and --output are mutually exclusive');
  const text = files[0] === '-' ? await environment.io.readStdin() : environment.host.readFile(files[0]!);
  const client = await factory.client();
  const answer = await client.send('POST', flags.string('raw'), { body: text });
  environment.io.out(answer.text());
}

async function createOne(invocation: Invocation, info: Info): Promise<void> {
  const { flags, factory, environment } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const print = await printerFor(invocation, 'created', { dryRun });
  const object = flags.bool('save-config') ? withLastApplied(info.object!) : info.object!;
  if (dryRun === 'client') {
    environment.io.out(print(object as unknown as Printable));
    return;
  }
  try {
    const client = await factory.client();
    const query = {
      ...dryRunQuery(dryRun),
      fieldManager: flags.string('field-manager'),
      fieldValidation: validationDirective(invocation),
    };
    environment.io.out(print(await client.request<Printable>('POST', collectionPath(info), { query, body: object })));
  } catch (error) {
    throw addSource('creating', info.source ?? '', asError(error));
  }
}

const command: Command = {
  name: 'create',
  use: 'create -f FILENAME',
  short: 'Create a resource from a file or from stdin',
  long: 'Create a resource from a file or from stdin.\n\nJSON and YAML formats are accepted.',
  examples: `
# Create what pod.json describes
kubectl create -f ./pod.json

# Create a pod from what comes in on stdin
cat pod.json | kubectl create -f -`,
  flags: [
    ...PRINT_FLAGS,
    ...filenameFlags('Files with the resources to create'),
    VALIDATE_FLAG,
    { name: 'edit', type: 'bool', usage: 'Edit the API resource before creating' },
    { name: 'windows-line-endings', type: 'bool', usage: 'With --edit, use the line endings of Windows.' },
    SAVE_CONFIG_FLAG,
    DRY_RUN_FLAG,
    SELECTOR_FLAG,
    { name: 'raw', type: 'string', usage: 'URI to POST the file to, as it is; with the transport of the kubeconfig.' },
    fieldManagerFlag('kubectl-create'),
  ],
  subcommands: createSubcommands(),
  async run(invocation) {
    const { flags, args, factory } = invocation;
    if (args.length) throw usageError(invocation, `Unexpected args: [${args.join(' ')}]`);
    requireFilenames(invocation);
    dryRunStrategy(invocation);
    if (flags.string('raw')) return postRaw(invocation);
    if (flags.bool('edit'))
      throw new CommandError(
        'kubemu does not have "kubectl create --edit" yet: write the file first, then create it with -f',
      );
    const directive = validationDirective(invocation);
    const builder = factory.builder({
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      validate: directive !== 'Ignore',
      continueOnError: true,
      flatten: true,
    });
    let count = 0;
    await builder.visit(async (info) => {
      await createOne(invocation, info);
      count++;
    });
    if (!count) throw new CommandError('no objects passed to create');
  },
};

export default command;
