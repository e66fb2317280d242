import type { KubeObject } from '../../../types/objects.ts';
import type { Factory } from '../../client/factory.ts';
import { groupVersionText, type ResourceType, resourcePath } from '../../client/mapper.ts';
import type { Invocation } from '../../command.ts';
import { cascadingStrategy, deleteOptions } from '../../delete-options.ts';
import { CommandError } from '../../errors.ts';
import { dryRunStrategy } from '../../flags/common.ts';
import { klogHeader } from '../../log/klog.ts';
import { lastApplied } from './annotation.ts';

/** What --prune looks at unless --prune-allowlist says otherwise, in the order in which it deletes. */
const DEFAULT_ALLOWLIST = [
  'core/v1/ConfigMap',
  'core/v1/Endpoints',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/ReplicationController',
  'core/v1/Secret',
  'core/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'core/v1/Namespace',
  'core/v1/PersistentVolume',
];

/** The types that --prune-allowlist names, or the default ones. */
export async function allowedTypes({ flags, factory, environment }: Invocation): Promise<ResourceType[]> {
  const given = flags.strings('prune-allowlist');
  if (given.length === 0) {
    environment.io.err(
      `${klogHeader(environment.now())} prune.go:71] Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.\n`,
    );
  }
  return parseAllowlist(factory, given.length > 0 ? given : DEFAULT_ALLOWLIST);
}

/** The types of `<group/version/kind>` entries; throws for what is no such entry and for kinds that the server lacks. */
export async function parseAllowlist(factory: Factory, entries: string[]): Promise<ResourceType[]> {
  const types: ResourceType[] = [];
  for (const entry of entries) {
    const parts = entry.split('/');
    if (parts.length !== 3) {
      throw new CommandError(`invalid GroupVersionKind format: ${entry}, please follow <group/version/kind>`);
    }
    const [group = '', version = '', kind = ''] = parts;
    const type = await factory.mapper.typeOfKind(group === 'core' || !group ? version : `${group}/${version}`, kind);
    if (!type)
      throw new CommandError(
        `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(group === 'core' || !group ? version : `${group}/${version}`)}`,
      );
    types.push(type);
  }
  return types;
}

/** The objects that a command named, and the namespaces that they are in. */
export interface Visited {
  uids: Set<string>;
  namespaces: Set<string>;
}

/** What an earlier apply made, and a command did not name. */
export async function* prunable(
  { flags, factory }: Invocation,
  types: ResourceType[],
  visited: Visited,
): AsyncGenerator<{ type: ResourceType; object: KubeObject }> {
  const client = await factory.client();
  const places = [
    ...[...visited.namespaces].flatMap((namespace) =>
      types.filter(({ namespaced }) => namespaced).map((type) => ({ type, namespace })),
    ),
    ...types.filter(({ namespaced }) => !namespaced).map((type) => ({ type, namespace: '' })),
  ];
  for (const { type, namespace } of places) {
    const objects = await client.list<KubeObject>(
      resourcePath(type, namespace),
      { labelSelector: flags.string('selector') },
      0,
    );
    for (const object of objects) {
      if (!lastApplied(object) || visited.uids.has(object.metadata.uid ?? '')) continue;
      yield { type, object: { ...object, apiVersion: groupVersionText(type), kind: type.kind } };
    }
  }
}

/** Deletes objects that an earlier apply made and this one did not name. */
export async function prune(
  invocation: Invocation,
  visited: Visited,
  print: (object: KubeObject) => Promise<void>,
): Promise<void> {
  const { flags, factory } = invocation;
  const client = await factory.client();
  const dryRun = dryRunStrategy(invocation);
  for await (const { type, object } of prunable(invocation, await allowedTypes(invocation), visited)) {
    if (dryRun !== 'client') {
      const { namespace = '', name } = object.metadata;
      await client.request('DELETE', resourcePath(type, namespace, name), {
        body: {
          ...deleteOptions(flags.int('grace-period'), cascadingStrategy(flags)),
          ...(dryRun === 'server' && { dryRun: ['All'] }),
        },
      });
    }
    await print(object);
  }
}
