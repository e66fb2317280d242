import type { Service } from '../types/objects.ts';
import { resolveName } from './dns.ts';
import type { Host, HttpExchange, HttpReply, NetworkWorld } from './world.ts';

/** Where a process stands: a pod, or a machine (whose address is `ip` then). */
export interface Source {
  namespace: string;
  ip: string;
  node: string;
  dnsPolicy?: string;
}

type Failure = 'refused' | 'timeout' | 'no-route' | 'bad-address';
type Arrival = { host: Host; port: number } | { failure: Failure };

/** The cluster's network as one process sees it: names, services, pods, machines. */
export function networkAccess(world: NetworkWorld, source: Source) {
  const resolve = (name: string) => resolveName(world, name, source.namespace, source.dnsPolicy !== 'Default');

  function arrive(name: string, port: number): Arrival {
    const [ip] = resolve(name);
    if (ip === undefined) return { failure: 'bad-address' };
    const end = translate(world, ip === '127.0.0.1' ? source.ip : ip, port, source);
    if ('failure' in end) return end;
    return world.isListening(end.host, end.port) ? end : { failure: 'refused' };
  }

  return {
    resolve,
    connect(name: string, port: number): 'open' | Failure {
      const end = arrive(name, port);
      return 'failure' in end ? end.failure : 'open';
    },
    http({ host, port, ...request }: HttpExchange & { host: string; port: number }): HttpReply | { failure: Failure } {
      const end = arrive(host, port);
      if ('failure' in end) return end;
      return world.serve(end.host, end.port, { ...request, client: source.ip }) ?? { failure: 'refused' };
    },
  };
}

/** Follows an address through kube-proxy's rules to the host that has it. */
function translate(world: NetworkWorld, ip: string, port: number, source: Source): Arrival {
  const service = serviceAt(world, ip, port);
  if (service) {
    if (!isProxied(world, source.node) || service.portName === NO_PORT) return { failure: 'timeout' };
    const ends = endpointsOf(world, service.service, service.portName);
    if (ends.length === 0) return { failure: 'refused' };
    const { ip: address, port: target } = ends[ends.length === 1 ? 0 : world.choose(ends.length)]!;
    const host = world.hostAt(address);
    return host ? { host, port: target } : { failure: 'no-route' };
  }
  const host = world.hostAt(ip);
  if (host) return { host, port };
  return { failure: isInside(world, ip) ? 'no-route' : 'timeout' };
}

/** A service's address with a port that it does not have: no rule takes the packet, and nobody answers. */
const NO_PORT = '\0';

/** The service that an address and port belong to: a cluster address, a balancer's, or a node port of any machine. */
function serviceAt(
  { client, hostAt }: NetworkWorld,
  ip: string,
  port: number,
): { service: Service; portName: string | undefined } | undefined {
  const onNode = hostAt(ip)?.node !== undefined;
  for (const service of client.list('services')) {
    const { clusterIPs = [], externalIPs = [], ports = [] } = service.spec ?? {};
    const balancers = service.status?.loadBalancer?.ingress?.map((ingress) => ingress.ip) ?? [];
    const own = [...clusterIPs, ...externalIPs, ...balancers].includes(ip);
    const found = ports.find((one) => (own && one.port === port) || (onNode && one.nodePort === port));
    if (found) return { service, portName: found.name };
    if (own) return { service, portName: NO_PORT };
  }
  return undefined;
}

function endpointsOf({ client }: NetworkWorld, { metadata }: Service, portName: string | undefined) {
  const endpoints = client.get('endpoints', metadata.namespace ?? '', metadata.name ?? '');
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find(({ name = '' }) => name === (portName ?? ''))?.port;
    return port === undefined ? [] : addresses.map(({ ip }) => ({ ip, port }));
  });
}

/** Whether kube-proxy (or what does its work) runs on a node: without it nobody translates a service's address. */
const isProxied = ({ client }: NetworkWorld, node: string): boolean =>
  client
    .list('pods', 'kube-system')
    .some(
      ({ metadata, spec, status }) =>
        spec?.nodeName === node &&
        status?.phase === 'Running' &&
        /^kube-proxy$/.test(metadata.labels?.['k8s-app'] ?? metadata.labels?.component ?? ''),
    );

/** Whether an address would be a pod's: nobody answers for it, and the sender's machine knows. */
const isInside = ({ client }: NetworkWorld, ip: string): boolean =>
  client
    .list('nodes')
    .some(({ spec }) => spec?.podCIDR?.split('.').slice(0, 2).join('.') === ip.split('.').slice(0, 2).join('.'));
