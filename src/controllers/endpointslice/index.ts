import { internalError } from '../../api/errors.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { EndpointSlice, Pod, Service } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { byCreation, sameJson } from '../shared/objects.ts';
import { controllerRef, ownKeys } from '../shared/owners.ts';
import { isPodReady } from '../shared/pods.ts';
import { selectedBy, servicesOfPods, targetPort, withAddress } from '../shared/services.ts';
import { forgetTriggerTimes, lastTriggerTime } from '../shared/trigger-times.ts';
import { forgetHints, overloadedServices, type Placed, withHints } from './topology.ts';

type Endpoint = EndpointSlice['endpoints'][number];
type Ports = NonNullable<EndpointSlice['ports']>;

const NAME = 'endpointslice-controller';
const COMPONENT = 'endpoint-slice-controller';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
/** How long a sync that failed waits (defaultSyncBackOff and maxSyncBackOff), ms. */
const RETRY = { base: 1_000, limit: 1_000_000 };
/** --max-endpoints-per-slice */
const MAX_ENDPOINTS = 100;

const nodeOf = ({ spec }: Pod, { client }: ActorWorld) =>
  spec?.nodeName ? client.get('nodes', '', spec.nodeName) : undefined;

function endpointOf(service: Service, pod: Pod, world: ActorWorld): Endpoint {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec!;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = (service.spec?.publishNotReadyAddresses ?? false) || (serving && !terminating);
  const zone = nodeOf(pod, world)?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [pod.status!.podIP!],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName,
    ...(zone && { zone }),
  };
}

function portsOf(service: Service, pod: Pod): Ports {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, protocol, port: number, ...(appProtocol && { appProtocol }) }];
  });
}

/** The slices that there should be: those that exist keep the endpoints that stay in their places, new ones fill them up. */
function fill(slices: EndpointSlice[], wanted: { ports: Ports; endpoint: Endpoint }[]): EndpointSlice[][] {
  const groups = new Map<string, { ports: Ports; endpoints: Endpoint[] }>();
  for (const { ports, endpoint } of wanted) {
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, { ports, endpoints: [...group.endpoints, endpoint] });
  }
  const filled: EndpointSlice[] = [];
  const free = [...slices];
  for (const { ports, endpoints } of groups.values()) {
    const left = new Map(endpoints.map((endpoint) => [endpoint.targetRef!.uid!, endpoint]));
    const own = free.filter((slice) => sameJson(slice.ports, ports));
    if (own.length === 0 && free.length > 0) own.push(free.find((slice) => !slice.ports?.length) ?? free[0]!);
    for (const slice of own) free.splice(free.indexOf(slice), 1);
    const kept = own.map((slice) => ({
      ...slice,
      ports,
      endpoints: (slice.endpoints ?? []).flatMap(({ targetRef }) => {
        const endpoint = left.get(targetRef?.uid ?? '');
        left.delete(targetRef?.uid ?? '');
        return endpoint ? [endpoint] : [];
      }),
    }));
    const rest = [...left.values()];
    for (const slice of kept) slice.endpoints.push(...rest.splice(0, MAX_ENDPOINTS - slice.endpoints.length));
    const used = kept.filter((slice) => slice.endpoints.length > 0);
    free.push(...own.filter((_, index) => kept[index]!.endpoints.length === 0));
    filled.push(...used);
    while (rest.length > 0)
      filled.push({ ports, endpoints: rest.splice(0, MAX_ENDPOINTS) } as unknown as EndpointSlice);
  }
  if (filled.length === 0) {
    // A service without endpoints has one slice that says so.
    const placeholder = free.shift() ?? {};
    filled.push({ ...placeholder, endpoints: null, ports: null } as unknown as EndpointSlice);
  }
  return [filled, free];
}

function reconcile(key: string, world: ActorWorld): void {
  const { client } = world;
  const [namespace, name] = splitKey(key);
  const service = client.get('services', namespace, name);
  if (!service) {
    forgetHints(world, key);
    return forgetTriggerTimes(world, NAME, key);
  }
  if (!service.spec?.selector || service.spec.type === 'ExternalName' || service.metadata.deletionTimestamp) return;
  const slices = client
    .list('endpointslices.discovery.k8s.io', namespace)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === name && metadata.labels[MANAGED_BY] === MANAGER)
    .sort(byCreation);
  const selected = selectedBy(service, client.list('pods', namespace));
  const pods = withAddress(selected);
  const lost = service.spec.publishNotReadyAddresses ? [] : pods.filter((pod) => !nodeOf(pod, world));
  const known = pods.filter((pod) => !lost.includes(pod));
  const wanted = known.map((pod) => ({ ports: portsOf(service, pod), endpoint: endpointOf(service, pod, world) }));
  const triggered = lastTriggerTime(world, NAME, service, selected);
  const [filled = [], surplus = []] = fill(slices, wanted);
  const placed = filled.map((slice) => placedAmong(slice, slices, service));
  for (const slice of withHints(service, placed, familyOf(service), world))
    write(slice, slices, service, triggered, world);
  for (const { metadata } of surplus) client.delete('endpointslices.discovery.k8s.io', namespace, metadata.name!);
  if (lost.length > 0) complain(service, lost, world);
}

/** Pods of nodes that are gone are left out; it is tried again, for the node may come. */
function complain(service: Service, lost: Pod[], { events }: ActorWorld): never {
  const of = `Service ${service.metadata.namespace}/${service.metadata.name}`;
  const errors = lost.map(
    ({ metadata, spec }) => `skipping Pod ${metadata.name} for ${of}: Node ${spec!.nodeName} Not Found`,
  );
  const text = errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
  const message = `Error updating Endpoint Slices for ${of}: ${text}`;
  events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message, { component: COMPONENT });
  throw internalError(text);
}

const MANAGER = 'endpointslice-controller.k8s.io';

function labelsOf(service: Service): Record<string, string> {
  const { 'service.kubernetes.io/headless': _, ...own } = service.metadata.labels ?? {};
  const headless = service.spec?.clusterIP === 'None';
  return {
    ...own,
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: service.metadata.name!,
    ...(headless && { 'service.kubernetes.io/headless': '' }),
  };
}

const familyOf = ({ spec }: Service): EndpointSlice['addressType'] =>
  (spec?.ipFamilies?.[0] ?? 'IPv4') as EndpointSlice['addressType'];

/** A slice with what is said of its endpoints now, if but for hints it stays as it is. */
function placedAmong(slice: EndpointSlice, existing: EndpointSlice[], service: Service): Placed {
  const old = existing.find(({ metadata }) => metadata.uid === slice.metadata?.uid);
  const plain = old?.endpoints?.map(({ hints: _, ...endpoint }) => endpoint) ?? null;
  const same =
    old && sameJson([plain, old.ports, old.metadata.labels], [slice.endpoints, slice.ports, labelsOf(service)]);
  return { slice, ...(same && { unchanged: old.endpoints ?? [] }) };
}

function write(
  slice: EndpointSlice,
  existing: EndpointSlice[],
  service: Service,
  triggered: string | undefined,
  world: ActorWorld,
): void {
  const { name, namespace } = service.metadata;
  const labels = labelsOf(service);
  const old = existing.find(({ metadata }) => metadata.uid === slice.metadata?.uid);
  if (old && sameJson([old.endpoints, old.ports, old.metadata.labels], [slice.endpoints, slice.ports, labels])) return;
  const { [TRIGGER_TIME]: _, ...others } = old?.metadata.annotations ?? {};
  const annotations = { ...others, ...(triggered && { [TRIGGER_TIME]: triggered }) };
  const metadata = {
    ...(old?.metadata ?? { generateName: `${name}-`, namespace, ownerReferences: [controllerRef(service)] }),
    labels,
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
  };
  const next = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: familyOf(service),
    endpoints: slice.endpoints,
    ports: slice.ports,
  } as EndpointSlice;
  if (old) world.client.update('endpointslices.discovery.k8s.io', next);
  else world.client.create('endpointslices.discovery.k8s.io', next);
}

export const endpointSliceController: Actor = controller({
  name: NAME,
  retry: RETRY,
  watches: [
    ownKeys('services'),
    servicesOfPods,
    {
      resource: 'endpointslices.discovery.k8s.io',
      keys({ object: { metadata } }) {
        const service = metadata.labels?.[SERVICE_NAME];
        return service ? [`${metadata.namespace}/${service}`] : [];
      },
    },
    { resource: 'nodes', keys: (_, world) => overloadedServices(world) },
  ],
  reconcile,
});
