import type { EndpointSlice, Service } from '../types/objects.ts';
import type { NetworkWorld } from './world.ts';

type Endpoint = EndpointSlice['endpoints'][number];

/** One address behind a port of a service. */
export interface Backend {
  ip: string;
  port: number;
  /** The slice's name of the port. */
  portName: string;
  protocol: string;
  ready: boolean;
  /** On its way out, but still able to serve. */
  draining: boolean;
  node?: string;
  hostname?: string;
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready ?? true;
const isDraining = ({ conditions }: Endpoint): boolean =>
  conditions?.terminating === true && (conditions.serving ?? isReady({ conditions } as Endpoint));

/** A slice without ports still has addresses: they stand with this one. */
export const NO_PORT = -1;

/** Everything behind a service, as its slices say, whoever wrote them. */
export function backendsOf(
  { client }: { client: Pick<NetworkWorld['client'], 'list'> },
  { metadata }: Service,
): Backend[] {
  return client
    .list('endpointslices.discovery.k8s.io', metadata.namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).flatMap((endpoint) =>
        (ports?.length ? ports : [{ name: '', port: NO_PORT }]).flatMap(({ name, port, protocol }) =>
          endpoint.addresses.slice(0, 1).map((ip) => ({
            ip,
            port: port ?? NO_PORT,
            portName: name ?? '',
            protocol: protocol ?? 'TCP',
            ready: isReady(endpoint),
            draining: isDraining(endpoint),
            ...(endpoint.nodeName && { node: endpoint.nodeName }),
            ...(endpoint.hostname && { hostname: endpoint.hostname }),
          })),
        ),
      ),
    );
}

/** What kube-proxy sends traffic to: those that are ready, or, if none is, those that still serve while they end. */
export function usable(backends: Backend[]): Backend[] {
  const ready = backends.filter((backend) => backend.ready);
  return ready.length > 0 ? ready : backends.filter((backend) => backend.draining);
}
