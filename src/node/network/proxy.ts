import type { Service } from '../../types/objects.ts';
import type { NodeHost } from '../host.ts';
import { endpointsOf, type Port, portName, proxiedServices } from '../programs/iptables.ts';

/** How kube-proxy turns services into rules. */
export type ProxyMode = 'iptables' | 'ipvs' | 'nftables';

const MODES = new Set<string>(['iptables', 'ipvs', 'nftables']);

/** kube-proxy's configuration as the cluster has it. */
export const proxyConfiguration = (host: NodeHost): string =>
  host.get('configmaps', 'kube-system', 'kube-proxy')?.data?.['config.conf'] ?? '';

/** A setting of that configuration, wherever it stands in it: `scheduler`. */
export const proxySetting = (host: NodeHost, name: string): string | undefined =>
  new RegExp(`^\\s*${name}: *"?([\\w.]+)"?\\s*$`, 'm').exec(proxyConfiguration(host))?.[1];

/** What the machine's kube-proxy says its mode is; while it does not answer, what its configuration says. */
export function proxyMode(host: NodeHost): ProxyMode {
  const mode = host.proxyMode?.() ?? proxySetting(host, 'mode') ?? '';
  return MODES.has(mode) ? (mode as ProxyMode) : 'iptables';
}

/** One port of a service at one of its addresses, and what answers there. */
export interface VirtualServer {
  kind: 'cluster' | 'external' | 'balancer' | 'node';
  /** `tcp` */
  protocol: string;
  ip: string;
  port: number;
  /** `default/web:http` */
  name: string;
  service: Service;
  servicePort: Port;
  endpoints: { ip: string; port: number }[];
  /** Seconds that a client stays with its endpoint. */
  affinity?: number;
}

/** What kube-proxy serves. `nodeAddresses`: where node ports are. */
export function virtualServers(host: NodeHost, nodeAddresses: string[]): VirtualServer[] {
  return proxiedServices(host).flatMap((service) =>
    (service.spec!.ports ?? []).flatMap((servicePort): VirtualServer[] => {
      const { sessionAffinity, sessionAffinityConfig, clusterIP, externalIPs = [] } = service.spec!;
      const base = {
        protocol: (servicePort.protocol ?? 'TCP').toLowerCase(),
        name: portName(service, servicePort),
        service,
        servicePort,
        endpoints: endpointsOf(host, service, servicePort),
        ...(sessionAffinity === 'ClientIP' && { affinity: sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 }),
      };
      const at = (kind: VirtualServer['kind'], ip: string, port = servicePort.port): VirtualServer => ({
        ...base,
        kind,
        ip,
        port,
      });
      const balancers = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
      return [
        at('cluster', clusterIP!),
        ...externalIPs.map((ip) => at('external', ip)),
        ...balancers.map((ip) => at('balancer', ip)),
        ...(servicePort.nodePort ? nodeAddresses.map((ip) => at('node', ip, servicePort.nodePort)) : []),
      ];
    }),
  );
}

/** Addresses by their numbers. */
export const byAddress = (a: string, b: string): number => {
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(a) - number(b);
};
