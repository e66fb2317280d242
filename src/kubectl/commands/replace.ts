import type { KubeObject } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { cascadingStrategy, deleteOptions } from '../delete-options.ts';
import { addSource, asError, CommandError, isNotFound } from '../errors.ts';
import {
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  rawUri,
  requireFilenames,
  SAVE_CONFIG_FLAG,
  subresourceFlag,
  VALIDATE_FLAG,
  validationDirective,
  waitFlag,
} from '../flags/common.ts';
import { type ObjectPrinter, type Printable, printerFor } from '../printers/print-flags.ts';
import { collectionPath, type Info, infoPath, objectName, typeName, unversioned } from '../resource/info.ts';
import { temporaryName } from '../temporary.ts';
import { deadlineFrom, untilDeleted } from '../wait/until.ts';
import { recorded } from './create/index.ts';

const DEFAULT_TIMEOUT_MS = 300_000;

const command: Command = {
  name: 'replace',
  use: 'replace -f FILENAME',
  short: 'Replace a resource by file name or stdin',
  long: `Replace a resource by file name or stdin.

JSON and YAML formats are accepted. To replace an existing resource, its complete spec must be given. It can be had with

$ kubectl get TYPE NAME -o yaml`,
  examples: `
# Replace the pod with the one in pod.json
kubectl replace -f ./pod.json

# Replace the pod with the one on stdin
cat pod.json | kubectl replace -f -

# Set the image tag of a pod with one container to v4
kubectl get pod mypod -o yaml | sed 's/\\(image: myimage\\):.*$/\\1:v4/' | kubectl replace -f -

# Delete the resource, then create it again
kubectl replace --force -f ./pod.json`,
  flags: [
    ...filenameFlags('The files that hold the configurations to replace with.'),
    ...PRINT_FLAGS,
    ...DELETE_FLAGS,
    waitFlag('false'),
    VALIDATE_FLAG,
    SAVE_CONFIG_FLAG,
    DRY_RUN_FLAG,
    fieldManagerFlag('kubectl-replace'),
    { name: 'raw', type: 'string', usage: 'URI to PUT to on the server, with the connection of the kubeconfig.' },
    subresourceFlag('Replace this subresource of the object.'),
  ],
  run: replace,
};

export default command;

async function replace(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  validationDirective(invocation);
  const dryRun = dryRunStrategy(invocation);
  const print = await printerFor(invocation, 'replaced', { dryRun });
  cascadingStrategy(flags, environment.io.err);
  requireFilenames(invocation);
  await factory.restConfig();
  validate(invocation);
  if (flags.string('raw')) {
    await replaceRaw(invocation);
    return;
  }
  const stdin =
    flags.bool('force') && flags.strings('filename').includes('-') ? await keepStdin(invocation) : undefined;
  const filenames = flags.strings('filename').map((name) => (name === '-' ? (stdin?.file ?? name) : name));
  try {
    if (flags.bool('force')) await deleteFirst(invocation, filenames);
    await replaceAll(invocation, filenames, print);
  } finally {
    stdin?.remove();
  }
}

/** Standard input as a file, since what comes in is read twice. */
async function keepStdin({ environment }: Invocation): Promise<{ file: string; remove(): void }> {
  const { host, io } = environment;
  const folder = temporaryName(environment, 'kubectl_replace_');
  const file = `${folder}/resource.stdin`;
  host.makeDir(folder);
  host.writeFile(file, await io.readStdin());
  const remove = () => {
    for (const path of [file, folder]) host.remove(path);
  };
  return { file, remove };
}

async function replaceAll(invocation: Invocation, filenames: string[], print: ObjectPrinter): Promise<void> {
  const { flags, factory, environment } = invocation;
  const fieldValidation = validationDirective(invocation);
  const dryRun = dryRunStrategy(invocation);
  const client = await factory.client();
  const query = { fieldManager: flags.string('field-manager'), fieldValidation, ...dryRunQuery(dryRun) };
  const send = async (info: Info, object: KubeObject): Promise<KubeObject> => {
    if (flags.bool('force')) return client.request('POST', collectionPath(info), { body: unversioned(object), query });
    const body = object.metadata.resourceVersion ? object : await withLatestVersion(info, object);
    return client.request('PUT', infoPath(info, flags.string('subresource')), { body, query });
  };
  const withLatestVersion = async (info: Info, object: KubeObject): Promise<KubeObject> => {
    const live = await client.request<KubeObject>('GET', infoPath(info, flags.string('subresource'))).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!live) return object;
    return { ...object, metadata: { ...object.metadata, resourceVersion: live.metadata.resourceVersion } };
  };
  await factory.builder(builderOptions(invocation, filenames)).visit(async (info) => {
    const object = recorded(info.object!, flags.bool('save-config'));
    try {
      const result = dryRun === 'client' ? object : await send(info, object);
      environment.io.out(print(result as unknown as Printable));
    } catch (error) {
      throw flags.bool('force') ? error : addSource('replacing', info.source ?? '', asError(error));
    }
  });
}

const builderOptions = ({ flags }: Invocation, filenames: string[]) => ({
  filenames,
  kustomize: flags.string('kustomize'),
  recursive: flags.bool('recursive'),
  validate: validationDirective({ flags }),
  continueOnError: true,
});

function validate({ flags }: Invocation): void {
  const force = flags.bool('force');
  if (flags.int('grace-period') >= 0 && !force) throw new CommandError('--grace-period must have --force specified');
  if (flags.duration('timeout') !== 0 && !force) throw new CommandError('--timeout must have --force specified');
  if (force && flags.string('dry-run') !== 'none') {
    throw new CommandError('--dry-run can not be used when --force is set');
  }
}

async function deleteFirst(invocation: Invocation, filenames: string[]): Promise<void> {
  const { flags, factory, environment } = invocation;
  const client = await factory.client();
  const grace = flags.int('grace-period') === 0 ? 1 : flags.int('grace-period');
  const body = deleteOptions(grace, cascadingStrategy(flags));
  const gone: Info[] = [];
  await factory
    .builder({
      ...builderOptions(invocation, filenames),
      args: invocation.args,
      validate: 'Ignore',
      ignoreNotFound: true,
    })
    .visit(async (info) => {
      try {
        await client.request('DELETE', infoPath(info), { body });
      } catch (error) {
        throw addSource('deleting', info.source ?? '', asError(error));
      }
      gone.push(info);
      environment.io.out(
        flags.string('output') === 'name'
          ? `${objectName(info)}\n`
          : `${typeName(info.type)} ${JSON.stringify(info.name)} deleted\n`,
      );
    });
  const timeout = flags.duration('timeout') || DEFAULT_TIMEOUT_MS;
  for (const info of gone) await untilDeleted(factory, info, deadlineFrom(client.transport.now(), timeout));
}

async function replaceRaw({ flags, factory, environment }: Invocation): Promise<void> {
  const [file, ...others] = flags.strings('filename');
  if (file === undefined || others.length > 0)
    throw new CommandError('--raw can only use a single local file or stdin');
  if (/^https?:/.test(file)) throw new CommandError('--raw cannot read from a url');
  if (flags.bool('recursive')) throw new CommandError('--raw and --recursive are mutually exclusive');
  if (flags.string('output')) throw new CommandError('--raw and --output are mutually exclusive');
  const uri = rawUri({ flags });
  const body = file === '-' ? await environment.io.readStdin() : environment.host.readFile(file);
  environment.io.out((await (await factory.client()).send('PUT', uri, { body })).text());
}
