import type { V1APIService } from '@kubernetes/client-node';
import { METRICS_GROUP } from '../../api/metrics/group.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Endpoints, KubeObject, Resource, Service } from '../../types/objects.ts';

type APIService = Resource<V1APIService>;

interface Definition extends KubeObject {
  spec: { group: string; versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

const API_SERVICES = 'apiservices.apiregistration.k8s.io';
const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

interface Verdict {
  status: 'True' | 'False';
  reason: string;
  message: string;
}

const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

/** Whether the service behind an API can be reached, as far as its objects tell (AvailableConditionController.sync). */
function availabilityOf({ spec }: APIService, { client }: ActorWorld): Verdict {
  const target = spec?.service;
  if (!target) return { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
  const { name = '', namespace = '', port = 443 } = target;
  const service = client.get('services', namespace, name) as Service | undefined;
  const what = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!service) return no('ServiceNotFound', `${what} is not present`);
  if (service.spec?.type === 'ClusterIP') {
    const used = service.spec.ports?.find((one) => one.port === port);
    if (!used) return no('ServicePortError', `${what} is not listening on port ${port}`);
    const endpoints = client.get('endpoints', namespace, name) as Endpoints | undefined;
    if (!endpoints) return no('EndpointsNotFound', `cannot find endpoints for ${what}`);
    const reached = endpoints.subsets?.some(
      ({ addresses, ports }) => addresses?.length && ports?.some((one) => (one.name ?? '') === (used.name ?? '')),
    );
    if (!reached)
      return no(
        'MissingEndpoints',
        `endpoints for ${what} have no addresses with port name ${JSON.stringify(used.name ?? '')}`,
      );
  }
  // A metrics server is the one of whom something is known: it answers as soon as it runs.
  if (spec?.group === METRICS_GROUP) return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  const url = `https://${service.spec?.clusterIP}:${port}/apis/${spec?.group}/${spec?.version}`;
  // Nothing in this cluster serves an API of its own.
  return no(
    'FailedDiscoveryCheck',
    `failing or missing response from ${url}: Get ${JSON.stringify(url)}: dial tcp ${service.spec?.clusterIP}:${port}: connect: connection refused`,
  );
}

function judge(service: APIService, world: ActorWorld): void {
  const verdict = availabilityOf(service, world);
  const before = service.status?.conditions?.find(({ type }) => type === 'Available');
  if (before?.status === verdict.status && before.reason === verdict.reason && before.message === verdict.message)
    return;
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : formatTime(world.now());
  world.client.updateStatus(API_SERVICES, {
    ...service,
    status: { conditions: [{ type: 'Available', ...verdict, lastTransitionTime }] },
  } as KubeObject);
}

const isEstablished = ({ status }: Definition): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;

/** Whether custom resources are served under this group and version. */
const isServed = (group: string, version: string, { client }: ActorWorld): boolean =>
  (client.list(DEFINITIONS) as Definition[]).some(
    (definition) =>
      definition.spec.group === group &&
      isEstablished(definition) &&
      definition.spec.versions.some(({ name, served }) => served && name === version),
  );

/** Registers a group and version of custom resources, or takes it away (crdRegistrationController, autoregister). */
function register(name: string, existing: APIService | undefined, world: ActorWorld): void {
  const dot = name.indexOf('.');
  const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
  const served = group !== '' && isServed(group, version, world);
  if (served && !existing)
    world.client.create(API_SERVICES, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name, labels: { [MANAGED]: 'true' } },
      spec: { group, version, groupPriorityMinimum: 1000, versionPriority: 100 },
    } as KubeObject);
  else if (!served && existing?.metadata.labels?.[MANAGED] === 'true') world.client.delete(API_SERVICES, '', name);
}

const backedBy = (namespace: string | undefined, name: string | undefined, { client }: ActorWorld): string[] =>
  (client.list(API_SERVICES) as APIService[]).flatMap(({ spec, metadata }) =>
    spec?.service && spec.service.namespace === namespace && spec.service.name === name ? [metadata.name!] : [],
  );

/** The part of kube-apiserver that says which APIs there are, and whether they can be reached (kube-aggregator). */
export const apiServiceController: Actor = {
  name: 'apiservice-controller',
  user: 'system:apiserver',
  manager: 'kube-apiserver',
  latency: 5,
  watches: [
    { resource: API_SERVICES, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) },
    {
      resource: DEFINITIONS,
      keys: ({ object }) => {
        const { group, versions } = (object as Definition).spec;
        return versions.map(({ name }) => `${name}.${group}`);
      },
    },
    ...['services', 'endpoints'].map((resource) => ({
      resource,
      keys: ({ object: { metadata } }: { object: KubeObject }, world: ActorWorld) =>
        backedBy(metadata.namespace, metadata.name, world),
    })),
  ],
  reconcile(name, world) {
    const service = world.client.get(API_SERVICES, '', name) as APIService | undefined;
    register(name, service, world);
    const now = world.client.get(API_SERVICES, '', name) as APIService | undefined;
    if (now && !now.metadata.deletionTimestamp) judge(now, world);
  },
};
