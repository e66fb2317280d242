import { changeCausePatch, RECORD_FLAG } from '../change-cause.ts';
import type { Command, Invocation } from '../command.ts';
import { AggregateFailure, CommandError, isConflict } from '../errors.ts';
import {
  DRY_RUN_FLAG,
  type DryRun,
  dryRunQuery,
  dryRunStrategy,
  filenameFlags,
  PRINT_FLAGS,
  requireFlags,
  SELECTOR_FLAG,
} from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import { type Info, infoPath } from '../resource/info.ts';

interface Scale {
  metadata: { resourceVersion?: string };
  spec: { replicas?: number };
  status: { replicas?: number };
}

const RETRY_MS = 1000;
const RETRIES = 300;

/** One attempt: a merge patch of the scale, or an update when something must be so before. */
async function scaleOnce({ flags, factory }: Invocation, info: Info, replicas: number, dryRun: DryRun): Promise<void> {
  const client = await factory.client();
  const path = infoPath(info, 'scale');
  const query = dryRunQuery(dryRun);
  const [size, version] = [flags.int('current-replicas'), flags.string('resource-version')];
  if (size === -1 && !version) {
    await client.request('PATCH', path, {
      query,
      body: { spec: { replicas } },
      contentType: 'application/merge-patch+json',
    });
    return;
  }
  const scale = await client.get<Scale>(path);
  const expect = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted !== actual) throw new CommandError(`Expected ${what} to be ${wanted}, was ${actual}`);
  };
  if (size !== -1) expect('replicas', size, scale.spec.replicas ?? 0);
  if (version) expect('resource version', version, scale.metadata.resourceVersion);
  await client.request('PUT', path, { query, body: { ...scale, spec: { ...scale.spec, replicas } } });
}

/** Tries again each second for five minutes while somebody else changes the object. */
async function scaleWithRetries(invocation: Invocation, info: Info, replicas: number, dryRun: DryRun): Promise<void> {
  const { transport } = await invocation.factory.client();
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    try {
      return await scaleOnce(invocation, info, replicas, dryRun);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await transport.sleep(RETRY_MS, 'drives');
    }
  }
  throw new CommandError('timed out waiting for the condition');
}

async function waitForReplicas({ factory }: Invocation, info: Info, replicas: number, timeout: number): Promise<void> {
  const client = await factory.client();
  const end = client.transport.now() + timeout;
  for (;;) {
    const { spec, status } = await client.get<Scale>(infoPath(info, 'scale'));
    if ((spec.replicas ?? 0) !== replicas || (status.replicas ?? 0) === replicas) return;
    if (client.transport.now() >= end)
      throw new CommandError(`timed out waiting for ${JSON.stringify(info.name)} to be synced`);
    await client.transport.sleep(RETRY_MS, 'drives');
  }
}

/** Tells a scaled object what scaled it, even in a server's dry run; that this fails does not matter. */
async function record(invocation: Invocation, info: Info): Promise<void> {
  const body = changeCausePatch(invocation, info.object!);
  if (!body) return;
  const client = await invocation.factory.client();
  const options = { body, contentType: 'application/merge-patch+json' };
  await client.request('PATCH', infoPath(info), options).catch(() => undefined);
}

const command: Command = {
  name: 'scale',
  use: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  long: 'Set how many replicas a deployment, replica set, replication controller or stateful set has. The current size or the resource version can be made a condition of the change.',
  examples: `
# Three replicas of a deployment
kubectl scale --replicas=3 deployment/web

# Only if there are two now
kubectl scale --current-replicas=2 --replicas=3 deployment/web`,
  flags: [
    ...PRINT_FLAGS,
    RECORD_FLAG,
    { name: 'all', type: 'bool', usage: 'Select all resources of the given types in the namespace' },
    { name: 'resource-version', type: 'string', usage: 'Resource version that the object must have to be scaled.' },
    {
      name: 'current-replicas',
      type: 'int',
      default: '-1',
      usage: 'Size that the resource must have to be scaled; -1 (the default) for no condition.',
    },
    { name: 'replicas', type: 'int', usage: 'The new desired number of replicas. Required.' },
    {
      name: 'timeout',
      type: 'duration',
      usage:
        'How long to wait for the new size, zero does not wait. Other values need a time unit (such as 1s, 2m, 3h).',
    },
    ...filenameFlags('identifying the resource to set a new size'),
    DRY_RUN_FLAG,
    SELECTOR_FLAG,
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    requireFlags(invocation, ['replicas']);
    const dryRun = dryRunStrategy(invocation);
    const print = await printerFor(invocation, 'scaled', { dryRun });
    const replicas = flags.int('replicas');
    await factory.namespace();
    if (replicas < 0)
      throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    if (flags.int('current-replicas') < -1)
      throw new CommandError('The --current-replicas must specify an integer of -1 or greater');
    const builder = factory.builder({
      args,
      allowEmptySelector: flags.bool('all'),
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      continueOnError: true,
      flatten: true,
    });
    const { infos, errors } = await builder.infos();
    if (flags.string('resource-version') && infos.length > 1)
      throw new CommandError('cannot use --resource-version with multiple resources');
    if (!infos.length)
      throw new CommandError(
        errors.length
          ? `no objects passed to scale ${new AggregateFailure(errors).message}`
          : 'no objects passed to scale',
      );
    for (const info of infos) {
      if (dryRun !== 'client') {
        await scaleWithRetries(invocation, info, replicas, dryRun);
        if (flags.duration('timeout') && dryRun === 'none')
          await waitForReplicas(invocation, info, replicas, flags.duration('timeout'));
        await record(invocation, info);
      }
      environment.io.out(print(info.object as unknown as Printable));
    }
    if (errors.length) throw errors[0];
  },
};

export default command;
