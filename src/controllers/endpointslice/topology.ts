import { Quantity } from '../../base/quantity.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { EndpointSlice, Service } from '../../types/objects.ts';

type Endpoint = EndpointSlice['endpoints'][number];
type Zones = Record<string, number>;

/** A slice as it is to be, and the endpoints of its kind that it has now if nothing else about it changes. */
export interface Placed {
  slice: EndpointSlice;
  unchanged?: Endpoint[];
}

const COMPONENT = 'endpoint-slice-controller';
/** endpointslice/topologycache: how much more than its share a zone may have to bear. */
const OVERLOAD = 0.2;
/** Section: how many endpoints each zone was given, by service. */
const HINTS = 'endpointslice-controller/hints';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;
const pointTo = (endpoint: Endpoint, zone: string): Endpoint => ({
  ...endpoint,
  hints: { forZones: [{ name: zone }] },
});

/** Whether the zones' shares of CPU decide: the older annotation counts before the newer. */
function wantsTopology({ metadata: { annotations = {} } }: Service): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

/** The shares of the cluster's CPU that its zones have; undefined while they cannot be told, or there is but one. */
function sharesOfZones({ client }: ActorWorld): Zones | undefined {
  const milli: Zones = {};
  for (const { metadata, status } of client.list('nodes')) {
    const isUp = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
    if (EXCLUDED.some((label) => metadata.labels?.[label] !== undefined) || !isUp) continue;
    const zone = metadata.labels?.['topology.kubernetes.io/zone'];
    const cpu = Number(Quantity.parse(status?.allocatable?.cpu ?? '0').milliValue());
    if (!zone || cpu === 0) return undefined;
    milli[zone] = (milli[zone] ?? 0) + cpu;
  }
  const zones = Object.entries(milli).sort(([a], [b]) => (a < b ? -1 : 1));
  const total = zones.reduce((sum, [, cpu]) => sum + cpu, 0);
  return zones.length < 2 ? undefined : Object.fromEntries(zones.map(([zone, cpu]) => [zone, cpu / total]));
}

interface Allocation {
  minimum: number;
  desired: number;
  maximum: number;
}

/** How many of the endpoints each zone should have; a text when they cannot be shared. */
function allocate(shares: Zones | undefined, count: number): Record<string, Allocation> | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const zones = Object.entries(shares);
  const scale = `(${count} endpoints, ${zones.length} zones)`;
  if (zones.length > count) return `Insufficient number of endpoints ${scale}`;
  const minima = zones.map(([, share]) => Math.ceil(share * count * (1 / (1 + OVERLOAD))));
  const least = minima.reduce((sum, minimum) => sum + minimum, 0);
  if (least > count)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${scale}`;
  return Object.fromEntries(
    zones.map(([zone, share], index) => {
      const minimum = minima[index]!;
      return [zone, { minimum, desired: Math.max(share * count, minimum), maximum: minimum + count - least }];
    }),
  );
}

/** The zones that the hints of a slice name, with their numbers; undefined if they may not stay. */
function hintsThatStay(
  endpoints: Endpoint[],
  given: Zones,
  allocations: Record<string, Allocation>,
): Zones | undefined {
  const zones: Zones = {};
  for (const endpoint of endpoints.filter(isReady)) {
    const hinted = endpoint.hints?.forZones ?? [];
    if (hinted.length === 0 || hinted.some(({ name }) => !allocations[name])) return undefined;
    for (const { name } of hinted) zones[name] = (zones[name] ?? 0) + 1;
  }
  const fits = Object.entries(zones).every(([zone, count]) => count + (given[zone] ?? 0) <= allocations[zone]!.maximum);
  return fits ? zones : undefined;
}

const most = (zones: Zones): [string, number] =>
  Object.entries(zones).reduce<[string, number]>((best, one) => (one[1] > best[1] ? one : best), ['', 0]);

/** How many endpoints each zone gives to others, and how many it takes. */
function exchange(allocations: Record<string, Allocation>, given: Zones): { giving: Zones; receiving: Zones } {
  const spare: Zones = {};
  const lacking: Zones = {};
  for (const [zone, { desired }] of Object.entries(allocations)) {
    const rest = (given[zone] ?? 0) - desired;
    if (rest > 0) spare[zone] = rest;
    else if (rest < 0) lacking[zone] = -rest;
  }
  const [giving, receiving]: [Zones, Zones] = [{}, {}];
  for (;;) {
    const [from, give] = most(spare);
    const [to, take] = most(lacking);
    if (!from || !to || (give < 1 && take < 1) || give < 0.5 || take < 0.5) return { giving, receiving };
    giving[from] = (giving[from] ?? 0) + 1;
    spare[from]!--;
    receiving[to] = (receiving[to] ?? 0) + 1;
    lacking[to]!--;
  }
}

/** Hints of endpoints for zones by the zones' shares of CPU; the reason why there are none as a text. */
function shareOut(placed: Placed[], world: ActorWorld): { slices: EndpointSlice[]; given: Zones } | string {
  const count = placed.flatMap(({ slice }) => slice.endpoints ?? []).filter(isReady).length;
  const allocations = allocate(sharesOfZones(world), count);
  if (typeof allocations === 'string') return allocations;
  const given: Zones = {};
  const open: Placed[] = [];
  const slices = new Map<Placed, Endpoint[]>();
  for (const one of placed) {
    const stay = one.unchanged && hintsThatStay(one.unchanged, given, allocations);
    if (!stay) open.push(one);
    else {
      slices.set(one, one.unchanged!);
      for (const [zone, number] of Object.entries(stay)) given[zone] = (given[zone] ?? 0) + number;
    }
  }
  for (const { slice } of open)
    for (const { zone } of (slice.endpoints ?? []).filter(isReady)) {
      if (!zone) return 'One or more endpoints do not have a zone specified';
      given[zone] = (given[zone] ?? 0) + 1;
    }
  const { giving, receiving } = exchange(allocations, given);
  for (const one of open) {
    const hinted = (one.slice.endpoints ?? []).map((endpoint) => {
      if (!isReady(endpoint)) return endpoint;
      const own = endpoint.zone!;
      const [to] = Object.entries(receiving).find(([, number]) => number > 0) ?? [];
      if (!to || !giving[own]) return pointTo(endpoint, own);
      giving[own]--;
      receiving[to]!--;
      given[own]!--;
      given[to] = (given[to] ?? 0) + 1;
      return pointTo(endpoint, to);
    });
    slices.set(one, hinted);
  }
  if (Object.keys(given).length === 0) return 'No hints allocated for zones';
  return { slices: placed.map((one) => ({ ...one.slice, endpoints: slices.get(one)! })), given };
}

/** The slices with the hints that the service asks for, by its annotation or its trafficDistribution (k8s.io/endpointslice). */
export function withHints(service: Service, placed: Placed[], family: string, world: ActorWorld): EndpointSlice[] {
  const section = world.state.section<Zones>(HINTS);
  const key = `${service.metadata.namespace}/${service.metadata.name}`;
  const hadHints = section.get(key) !== undefined;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    world.events.event(service, type, reason, `${message}, addressType: ${family}`, { component: COMPONENT });
  const plain = placed.map(({ slice }) => slice);
  if (wantsTopology(service)) {
    const shared = shareOut(placed, world);
    if (typeof shared === 'string') {
      tell('Warning', 'TopologyAwareHintsDisabled', shared);
      if (hadHints) section.delete(key);
      return plain;
    }
    section.set(key, shared.given);
    if (!hadHints) tell('Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled');
    return shared.slices;
  }
  if (hadHints) {
    section.delete(key);
    tell('Warning', 'TopologyAwareHintsDisabled', 'Topology Aware Hints has been disabled');
  }
  if (service.spec?.trafficDistribution !== 'PreferClose') return plain;
  const near = (endpoint: Endpoint) =>
    isReady(endpoint) && endpoint.zone ? pointTo(endpoint, endpoint.zone) : endpoint;
  return plain.map((slice) => ({ ...slice, endpoints: slice.endpoints ? slice.endpoints.map(near) : slice.endpoints }));
}

export function forgetHints(world: ActorWorld, key: string): void {
  world.state.section<Zones>(HINTS).delete(key);
}

/** The services of which a zone has to bear too much, now that nodes have changed. */
export function overloadedServices(world: ActorWorld): string[] {
  const section = world.state.section<Zones>(HINTS);
  const keys = section.keys();
  if (keys.length === 0) return [];
  const shares = Object.entries(sharesOfZones(world) ?? {});
  return keys.filter((key) => {
    const given = section.get(key)!;
    const total = Object.values(given).reduce((sum, count) => sum + count, 0);
    const isShort = ([zone, share]: [string, number]) =>
      (given[zone] ?? -1) < Math.ceil(total * share * (1 / (1 + OVERLOAD)));
    return shares.length === 0 || shares.some(isShort);
  });
}
