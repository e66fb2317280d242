import type { Command, Invocation } from '../command.ts';
import { cascadingStrategy, deleteOptions, FORCE_WARNING } from '../delete-options.ts';
import { addSource, asError, CommandError, throwCollected } from '../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  dryRunStrategy,
  FIELD_SELECTOR_FLAG,
  filenameFlags,
  rawUri,
  SELECTOR_FLAG,
  waitFlag,
} from '../flags/common.ts';
import { dryRunSuffix } from '../printers/print-flags.ts';
import type { BuilderOptions } from '../resource/builder.ts';
import { type Info, infoPath, objectName, typeName } from '../resource/info.ts';
import { deadlineFrom, untilDeleted } from '../wait/until.ts';

const command: Command = {
  name: 'delete',
  use: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  long: `Delete resources by file names, stdin, resources and names, or by resources and label selector.

JSON and YAML formats are accepted. Only one kind of argument may be given: file names, resources and names, or resources and a label selector.

Some resources, such as pods, end gracefully: they have a time of their own to do so before they are ended by force, which --grace-period changes. --force with a grace period of 0 does not wait for the confirmation that the pod has ended, and two pods of the same identity may run then.

The delete command checks no resource version: what somebody else changed meanwhile is lost with the object.`,
  examples: `
# Delete the pod that pod.json names
kubectl delete -f ./pod.json

# Delete the resources of a folder with a kustomization.yaml
kubectl delete -k dir

# Delete the pod that the JSON on stdin names
cat pod.json | kubectl delete -f -

# Delete the pod and the service named "baz" and "foo"
kubectl delete pod,service baz foo

# Delete pods and services with the label name=myLabel
kubectl delete pods,services -l name=myLabel

# Delete a pod with little delay
kubectl delete pod foo --now

# Delete a pod of a node that is gone
kubectl delete pod foo --force

# Delete all pods
kubectl delete pods --all`,
  flags: [
    ...filenameFlags('Files that hold the resources to delete.'),
    { name: 'all', type: 'bool', usage: 'Delete all resources of the types, in the namespace.' },
    ALL_NAMESPACES_FLAG,
    ...DELETE_FLAGS,
    DRY_RUN_FLAG,
    FIELD_SELECTOR_FLAG,
    {
      name: 'ignore-not-found',
      type: 'bool',
      usage: 'Treat "resource not found" as a successful delete. True by default with --all.',
    },
    { name: 'interactive', shorthand: 'i', type: 'bool', usage: 'Delete only after a confirmation.' },
    { name: 'now', type: 'bool', usage: 'Shut down at once (same as --grace-period=1).' },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'Output mode. "-o name" prints resource/name only.' },
    { name: 'raw', type: 'string', usage: 'URI to DELETE on the server, with the connection of the kubeconfig.' },
    SELECTOR_FLAG,
    waitFlag('true'),
  ],
  run: deleteResources,
};

export default command;

/** What the flags decide before anything is looked up. */
interface Plan {
  gracePeriod: number;
  options: BuilderOptions;
}

function plan({ flags, args }: Invocation): Plan {
  const selects = flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== '';
  let gracePeriod = flags.int('grace-period');
  if (flags.bool('now')) {
    if (gracePeriod !== -1) throw new CommandError('--now and --grace-period cannot be specified together');
    gracePeriod = 1;
  }
  // Grace period 0 deletes by force, which only --force may ask for.
  if (gracePeriod === 0 && !flags.bool('force')) gracePeriod = 1;
  if (flags.bool('force') && gracePeriod < 0) gracePeriod = 0;
  return {
    gracePeriod,
    options: {
      args,
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'),
      all: flags.bool('all'),
      allNamespaces: flags.bool('all-namespaces'),
      latest: false,
      continueOnError: true,
      ignoreNotFound: flags.changed('ignore-not-found') ? flags.bool('ignore-not-found') : selects,
    },
  };
}

async function deleteResources(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const propagation = cascadingStrategy(flags, environment.io.err);
  const { explicit } = await factory.namespace();
  await factory.restConfig();
  const { gracePeriod, options } = plan(invocation);
  const dryRun = dryRunStrategy(invocation);
  const output = flags.string('output');
  if (flags.string('raw')) {
    await deleteRaw(invocation);
    return;
  }
  const builder = factory.builder(options);
  await builder.check();
  if (output && output !== 'name') {
    throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
  if (gracePeriod > 0 && flags.bool('force')) {
    throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
  }
  if (gracePeriod === 0) factory.warn(FORCE_WARNING);
  if (flags.bool('interactive') && !(await confirmed(invocation, options))) return;

  const operation = `${gracePeriod === 0 ? 'force deleted' : 'deleted'}${dryRunSuffix(dryRun)}`;
  const deleted: { info: Info; uid?: string }[] = [];
  let found = 0;
  let warnClusterScope = explicit && !options.allNamespaces;
  await builder.visit(async (info) => {
    found++;
    if (warnClusterScope && !info.type.namespaced) {
      factory.warn('deleting cluster-scoped resources, not scoped to the provided namespace');
      warnClusterScope = false;
    }
    const uid =
      dryRun === 'client' ? undefined : await deleteOne(invocation, info, deleteOptions(gracePeriod, propagation));
    deleted.push({ info, ...(uid && { uid }) });
    environment.io.out(
      output === 'name'
        ? `${objectName(info)}\n`
        : `${typeName(info.type)} ${JSON.stringify(info.name)} ${operation}\n`,
    );
  });
  if (found === 0) environment.io.out('No resources found\n');
  if (found > 0 && flags.bool('wait') && dryRun === 'none') await waitForAll(invocation, deleted);
}

/** Sends one delete; resolves with the uid of what is going away. */
async function deleteOne(invocation: Invocation, info: Info, options: object): Promise<string | undefined> {
  const client = await invocation.factory.client();
  // Options in the query count only where there is no body.
  const body = dryRunStrategy(invocation) === 'server' ? { ...options, dryRun: ['All'] } : options;
  try {
    const answer = await client.request('DELETE', infoPath(info), { body });
    const { details, metadata } = answer as { details?: { uid?: string }; metadata?: { uid?: string } };
    return details?.uid ?? metadata?.uid;
  } catch (error) {
    throw addSource('deleting', info.source ?? '', asError(error));
  }
}

async function waitForAll({ flags, factory }: Invocation, deleted: { info: Info; uid?: string }[]): Promise<void> {
  const { transport } = await factory.client();
  const deadline = deadlineFrom(transport.now(), flags.duration('timeout') || -1);
  const errors: Error[] = [];
  for (const { info, uid } of deleted) {
    await untilDeleted(factory, info, deadline, uid).catch((error: unknown) => {
      errors.push(asError(error));
    });
  }
  throwCollected(errors);
}

/** Shows what would be deleted and asks. */
async function confirmed({ factory, environment }: Invocation, options: BuilderOptions): Promise<boolean> {
  const { io } = environment;
  const { infos, errors } = await factory.builder(options).infos();
  throwCollected(errors);
  if (infos.length === 0) {
    io.out('No resources found\n');
    return false;
  }
  io.out(`You are about to delete the following ${infos.length} resource(s):\n`);
  for (const info of infos) io.out(`${objectName(info)}\n`);
  io.out('Do you want to continue? (y/n): ');
  const [answer = ''] = (await io.readStdin()).trim().split(/\s+/);
  if (answer.toLowerCase() === 'y') return true;
  io.out('deletion is cancelled\n');
  return false;
}

async function deleteRaw({ flags, factory, environment }: Invocation): Promise<void> {
  const [file] = flags.strings('filename');
  if (flags.bool('interactive')) throw new CommandError('--interactive can not be used with --raw');
  if (flags.strings('filename').length > 1) throw new CommandError('--raw can only use a single local file or stdin');
  if (file && /^https?:\/\//.test(file)) throw new CommandError('--raw cannot read from a url');
  if (flags.bool('recursive')) throw new CommandError('--raw and --recursive are mutually exclusive');
  if (flags.string('output')) throw new CommandError('--raw and --output are mutually exclusive');
  const body = file === '-' ? await environment.io.readStdin() : file && environment.host.readFile(file);
  const uri = rawUri({ flags });
  const response = await (await factory.client()).send('DELETE', uri, body ? { body } : {});
  environment.io.out(response.text());
}
