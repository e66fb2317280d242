import { fnv1a32 } from '../base/hash.ts';
import { cidrContains, parseCidr, parseIp } from '../base/ip.ts';
import type { Pod, Service } from '../types/objects.ts';
import { backendsOf, usable } from './endpoints.ts';
import { isOutside } from './internet.ts';
import type { Host, NetworkWorld, Protocol } from './world.ts';

/** Where a process stands: a pod, or a machine (whose address is `ip` then). */
export interface Source {
  namespace: string;
  ip: string;
  node: string;
}

export type Failure = 'refused' | 'timeout' | 'no-route';

/** Where a packet ends: a host of the cluster, or somebody outside of it. */
export type Arrival = { host: Host; port: number } | { outside: string; port: number } | { failure: Failure };

/** How a service is reached by an address and port. */
interface Entry {
  service: Service;
  /** Undefined: the address is the service's, the port is not. */
  port?: NonNullable<NonNullable<Service['spec']>['ports']>[number];
  by: 'cluster' | 'external' | 'node';
}

/** Follows an address through kube-proxy's rules to whoever has it. */
export function route(world: NetworkWorld, source: Source, ip: string, port: number, protocol: Protocol): Arrival {
  if (/^127\./.test(ip)) return toItself(world, source, ip, port, protocol);
  const target = world.hostAt(ip);
  const entry = entryAt(world, ip, port, protocol, target?.node !== undefined);
  // A node port is opened by the machine that is asked; any other address is rewritten where the packet begins.
  const rewriter = entry?.by === 'node' ? target!.node! : source.node;
  if (entry && isProxied(world, rewriter)) return throughService(world, source, entry, rewriter);
  if (entry && entry.by !== 'node') return { failure: 'timeout' };
  const published = target?.node === undefined ? undefined : hostPort(world, target.node, port, protocol);
  return published ?? locate(world, source, ip, port);
}

/** Loopback: kube-proxy's iptables open node ports there too, on machines (`route_localnet`), not in pods. */
function toItself(world: NetworkWorld, source: Source, ip: string, port: number, protocol: Protocol): Arrival {
  const node = world.hostAt(source.ip)?.node;
  const entry = node === undefined ? undefined : entryAt(world, source.ip, port, protocol, true);
  if (entry?.by === 'node' && isProxied(world, node!)) return throughService(world, source, entry, node!);
  return locate(world, source, ip, port);
}

/** Who has an address itself, services aside. */
export function locate(world: NetworkWorld, source: Source, ip: string, port: number): Arrival {
  const gap = /^127\./.test(ip) ? undefined : world.gap?.(source.node, ip);
  if (gap) return { failure: gap };
  const host = /^127\./.test(ip) ? (world.hostAt(source.ip) ?? { ip: source.ip }) : world.hostAt(ip);
  if (host) return { host, port };
  if (isOutside(ip)) return { outside: ip, port };
  return { failure: isInside(world, ip) ? 'no-route' : 'timeout' };
}

function throughService(world: NetworkWorld, source: Source, { service, port, by }: Entry, node: string): Arrival {
  // A service's address with a port that it does not have: no rule takes the packet, and nobody answers.
  if (!port || !isAdmitted(service, by, source)) return { failure: 'timeout' };
  const all = backendsOf(world, service).filter(
    (backend) => backend.portName === (port.name ?? '') && backend.protocol === (port.protocol ?? 'TCP'),
  );
  const backends = usable(all);
  if (backends.length === 0) return { failure: 'refused' };
  const local = isLocalOnly(service, by, source, node)
    ? usable(all.filter((backend) => backend.node === node))
    : backends;
  // Rules for "local" drop what they have no endpoint for.
  if (local.length === 0) return { failure: 'timeout' };
  const chosen = service.spec?.sessionAffinity === 'ClientIP' ? faithful(local, source.ip) : any(world, local);
  return locate(world, source, chosen.ip, chosen.port);
}

const any = <T>(world: NetworkWorld, items: T[]): T => items[items.length === 1 ? 0 : world.choose(items.length)]!;

/** The same client gets the same endpoint while that is there (rendezvous hashing keeps it so without a memory). */
const faithful = <T extends { ip: string }>(backends: T[], client: string): T =>
  backends.reduce((best, next) => (fnv1a32(`${next.ip} ${client}`) > fnv1a32(`${best.ip} ${client}`) ? next : best));

/**
 * Traffic policies: within the cluster one of its own; from outside, what begins on the machine itself is exempt, and so are its
 * pods. Pods of other machines are not: their network masquerades what leaves for an address that is no pod's.
 */
function isLocalOnly({ spec }: Service, by: Entry['by'], source: Source, node: string): boolean {
  if (by === 'cluster') return spec?.internalTrafficPolicy === 'Local';
  return spec?.externalTrafficPolicy === 'Local' && source.node !== node;
}

/** Whether a load balancer lets a client in. */
function isAdmitted({ spec }: Service, by: Entry['by'], source: Source): boolean {
  const ranges = spec?.loadBalancerSourceRanges ?? [];
  const ip = parseIp(source.ip)!;
  return by !== 'external' || ranges.length === 0 || ranges.some((range) => cidrContains(parseCidr(range)!, ip));
}

/** The service that an address and port belong to: a cluster address, one from outside, or a node port of any machine. */
function entryAt(
  { client }: NetworkWorld,
  ip: string,
  port: number,
  protocol: Protocol,
  onNode: boolean,
): Entry | undefined {
  for (const service of client.list('services')) {
    const { clusterIPs = [], externalIPs = [], ports = [] } = service.spec ?? {};
    const balancers = service.status?.loadBalancer?.ingress?.map((ingress) => ingress.ip) ?? [];
    const by = clusterIPs.includes(ip) ? 'cluster' : [...externalIPs, ...balancers].includes(ip) ? 'external' : 'node';
    const same = ports.filter((one) => (one.protocol ?? 'TCP') === protocol);
    if (by === 'node') {
      const found = onNode ? same.find((one) => one.nodePort === port) : undefined;
      if (found) return { service, port: found, by };
      continue;
    }
    const found = same.find((one) => one.port === port);
    return { service, by, ...(found && { port: found }) };
  }
  return undefined;
}

/** Whether kube-proxy (or what does its work) runs on a node: without it nobody translates a service's address. */
const isProxied = ({ client }: NetworkWorld, node: string): boolean =>
  client
    .list('pods', 'kube-system')
    .some(
      (pod) =>
        pod.spec?.nodeName === node &&
        pod.status?.phase === 'Running' &&
        /^kube-proxy$/.test(pod.metadata.labels?.['k8s-app'] ?? pod.metadata.labels?.component ?? ''),
    );

/** A container's hostPort on a machine. */
function hostPort({ client }: NetworkWorld, node: string, port: number, protocol: Protocol): Arrival | undefined {
  for (const pod of client.list('pods')) {
    const { nodeName, hostNetwork, containers = [] } = pod.spec ?? {};
    if (nodeName !== node || hostNetwork || !pod.status?.podIP || hasEnded(pod)) continue;
    const found = containers
      .flatMap((container) => container.ports ?? [])
      .find((one) => one.hostPort === port && (one.protocol ?? 'TCP') === protocol);
    if (found) return { host: { ip: pod.status.podIP }, port: found.containerPort };
  }
  return undefined;
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Whether an address would be a pod's: nobody answers for it, and the sender's machine knows. */
function isInside({ client }: NetworkWorld, text: string): boolean {
  const ip = parseIp(text);
  return client
    .list('nodes')
    .map(({ spec }) => parseCidr(spec?.podCIDR ?? ''))
    .some((cidr) => ip && cidr && cidrContains(cidr, ip));
}
