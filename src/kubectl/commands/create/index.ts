import type { KubeObject } from '../../../types/objects.ts';
import { RECORD_FLAG, withChangeCause } from '../../change-cause.ts';
import type { Command, Invocation } from '../../command.ts';
import { addSource, asError, CommandError } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  rawUri,
  requireFilenames,
  SAVE_CONFIG_FLAG,
  SELECTOR_FLAG,
  usageError,
  VALIDATE_FLAG,
  validationDirective,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { collectionPath, unversioned } from '../../resource/info.ts';
import { lastApplied, withLastApplied } from '../apply/annotation.ts';
import { createSubcommands } from './subcommands.ts';

const command: Command = {
  name: 'create',
  use: 'create -f FILENAME',
  short: 'Create a resource from a file or from stdin',
  long: `Create a resource from a file or from stdin.

JSON and YAML formats are accepted.`,
  examples: `
# Create the pod in pod.json
kubectl create -f ./pod.json

# Create the pod that the JSON on stdin describes
cat pod.json | kubectl create -f -

# Edit registry.yaml as JSON, then create what it became
kubectl create -f registry.yaml --edit -o json`,
  flags: [
    ...filenameFlags('File, folder or URL of the resources to create'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    VALIDATE_FLAG,
    DRY_RUN_FLAG,
    SAVE_CONFIG_FLAG,
    SELECTOR_FLAG,
    fieldManagerFlag('kubectl-create'),
    { name: 'edit', type: 'bool', usage: 'Edit the resource before it is created' },
    { name: 'raw', type: 'string', usage: 'URI to POST to on the server, with the connection of the kubeconfig.' },
    {
      name: 'windows-line-endings',
      type: 'bool',
      usage: "Only with --edit=true. The platform's own line endings by default.",
    },
  ],
  subcommands: createSubcommands(),
  run: create,
};

export default command;

/** The object as --save-config wants it; one that was ever applied keeps its record up to date. */
export const recorded = (object: KubeObject, saveConfig: boolean): KubeObject =>
  saveConfig || lastApplied(object) !== undefined ? withLastApplied(object) : object;

async function create(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  if (args.length > 0) throw usageError(invocation, `Unexpected args: [${args.join(' ')}]`);
  const dryRun = dryRunStrategy(invocation);
  const fieldValidation = validationDirective(invocation);
  const print = await printerFor(invocation, 'created', { dryRun });
  requireFilenames(invocation);
  if (flags.string('raw')) {
    await createRaw(invocation);
    return;
  }
  if (flags.bool('edit')) {
    const { edit } = await import('../../editor/edit.ts');
    await edit(invocation, 'create');
    return;
  }
  await factory.restConfig();
  let count = 0;
  await factory
    .builder({
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      validate: fieldValidation,
      continueOnError: true,
    })
    .visit(async (info) => {
      const object = withChangeCause(invocation, recorded(info.object!, flags.bool('save-config')));
      const query = { fieldManager: flags.string('field-manager'), fieldValidation, ...dryRunQuery(dryRun) };
      let created = object;
      if (dryRun !== 'client') {
        const client = await factory.client();
        try {
          created = await client.request<KubeObject>('POST', collectionPath(info), {
            body: unversioned(object),
            query,
          });
        } catch (error) {
          throw addSource('creating', info.source ?? '', asError(error));
        }
      }
      count++;
      environment.io.out(print(created as unknown as Printable));
    });
  if (count === 0) throw new CommandError('no objects passed to create');
}

async function createRaw({ flags, factory, environment }: Invocation): Promise<void> {
  const [file, ...others] = flags.strings('filename');
  if (flags.bool('edit')) throw new CommandError('--raw and --edit are mutually exclusive');
  if (file === undefined || others.length > 0)
    throw new CommandError('--raw can only use a single local file or stdin');
  if (/^https?:/.test(file)) throw new CommandError('--raw cannot read from a url');
  if (flags.bool('recursive')) throw new CommandError('--raw and --recursive are mutually exclusive');
  const uri = rawUri({ flags });
  if (flags.string('selector')) throw new CommandError('--raw and --selector (-l) are mutually exclusive');
  if (flags.string('output')) throw new CommandError('--raw and --output are mutually exclusive');
  const body = file === '-' ? await environment.io.readStdin() : environment.host.readFile(file);
  environment.io.out((await (await factory.client()).send('POST', uri, { body })).text());
}
