import type { KubeObject } from '../../types/objects.ts';
import { groupVersionText } from '../client/mapper.ts';
import type { Command, Invocation } from '../command.ts';
import { describerFor } from '../describe/index.ts';
import type { DescribeSource } from '../describe/source.ts';
import { AggregateFailure, CommandError, isNotFound, throwVisited } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, chunkSizeFlag, filenameFlags, SELECTOR_FLAG } from '../flags/common.ts';
import { type Info, infoPath } from '../resource/info.ts';

async function sourceOf({ flags, factory }: Invocation): Promise<DescribeSource> {
  const client = await factory.client();
  return {
    get: (path) => client.get(path) as never,
    list: (path, selectors = {}, { whole } = { whole: false }) =>
      client.list(path, selectors, whole ? 0 : flags.int('chunk-size')) as never,
    now: () => client.transport.now(),
    showEvents: flags.bool('show-events'),
  };
}

async function describe({ factory }: Invocation, info: Info, source: DescribeSource): Promise<string> {
  const describer = await describerFor(info.type.kind, info.type.group);
  const fromFile = info.source !== undefined;
  if (!fromFile) await factory.askForLog(infoPath(info));
  const object = fromFile ? await source.get<KubeObject>(infoPath(info)) : (info.object as KubeObject);
  // Lists leave out the kind and version of their items.
  const whole = { ...object, kind: info.type.kind, apiVersion: groupVersionText(info.type) };
  return describer(whole, source);
}

/** A name that is not there may be the beginning of others. */
async function describeMatching(invocation: Invocation, [type, prefix]: string[], notFound: Error): Promise<void> {
  const builder = invocation.factory.builder({
    args: [type!],
    allowEmptySelector: true,
    flatten: true,
    chunkSize: invocation.flags.int('chunk-size'),
  });
  const { infos } = await builder.infos();
  const matching = infos.filter((info) => info.name.startsWith(prefix!));
  if (!matching.length) throw notFound;
  const source = await sourceOf(invocation);
  for (const info of matching) invocation.environment.io.out(`${await describe(invocation, info, source)}\n`);
}

const command: Command = {
  name: 'describe',
  use: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  short: 'Show details of a specific resource or group of resources',
  long: `Show what there is to know about an object and what belongs to it: its own fields, related objects, and events.

A name that does not exist is taken as the beginning of names.

Use "kubectl api-resources" for a complete list of supported resources.`,
  examples: `
# A node
kubectl describe node node-1

# All pods whose names begin with web
kubectl describe pods web`,
  flags: [
    ...filenameFlags('Files with the resources to describe'),
    SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    { name: 'show-events', type: 'bool', default: 'true', usage: 'Show the events about the described object.' },
    chunkSizeFlag,
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    const filenames = flags.strings('filename');
    await factory.namespace();
    if (!args.length && !filenames.length && !flags.string('kustomize'))
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    const builder = factory.builder({
      args,
      allowEmptySelector: true,
      filenames,
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      allNamespaces: flags.bool('all-namespaces'),
      chunkSize: flags.int('chunk-size'),
      continueOnError: true,
      flatten: true,
    });
    const { infos, errors, retrieving } = await builder.infos();
    const notFound = errors.find(isNotFound);
    if (notFound && errors.length === 1 && args.length === 2) return describeMatching(invocation, args, notFound);
    const failures = errors.length > 1 ? [new AggregateFailure(errors)] : [...errors];
    const source = infos.length ? await sourceOf(invocation) : undefined;
    let first = true;
    for (const info of infos) {
      try {
        const text = await describe(invocation, info, source!);
        environment.io.out(first ? text : `\n\n${text}`);
        first = false;
      } catch (error) {
        if (!failures.some((known) => known.message === (error as Error).message)) failures.push(error as Error);
      }
    }
    if (!infos.length && !failures.length) {
      const { namespace } = await factory.namespace();
      environment.io.err(
        flags.bool('all-namespaces') ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`,
      );
    }
    const [only] = failures;
    if (failures.length === 1 && only instanceof AggregateFailure) throwVisited(only.errors);
    throwVisited(failures, retrieving);
  },
};

export default command;
