import type { NodeHost } from '../host.ts';
import { ipvsFilter, ipvsNatTable, nodeAddresses } from '../network/ipvs.ts';
import { linksOf } from '../network/links.ts';
import { proxyMode } from '../network/proxy.ts';
import { type Chain, endpointsOf, iptablesNatTable, portName, proxiedServices, type Rule, rule } from './iptables.ts';

const FIREWALL = 'ctstate NEW /* kubernetes load balancer firewall */';
const PORTALS = 'ctstate NEW /* kubernetes service portals */';
const VISIBLE = 'ctstate NEW /* kubernetes externally-visible service portals */';

/** Services without an endpoint refuse what is sent to them: by their own address, and by ports of the node. */
function refusals(host: NodeHost): { inside: Rule[]; outside: Rule[] } {
  const ports = proxiedServices(host).flatMap((service) =>
    (service.spec?.ports ?? [])
      .filter((port) => endpointsOf(host, service, port).length === 0)
      .map((port) => ({ service, port, protocol: (port.protocol ?? 'TCP').toLowerCase() })),
  );
  const extra = (name: string, what: string, port: number, protocol: string) =>
    `/* ${name} has no endpoints */${what} ${protocol} dpt:${port} reject-with icmp-port-unreachable`;
  return {
    inside: ports.map(({ service, port, protocol }) =>
      rule('KUBE-SERVICES', 'REJECT', extra(portName(service, port), '', port.port, protocol), {
        protocol,
        destination: service.spec!.clusterIP!,
      }),
    ),
    outside: ports.flatMap(({ service, port, protocol }) =>
      port.nodePort
        ? [
            rule(
              'KUBE-EXTERNAL-SERVICES',
              'REJECT',
              extra(portName(service, port), ' ADDRTYPE match dst-type LOCAL', port.nodePort, protocol),
              { protocol },
            ),
          ]
        : [],
    ),
  };
}

/** flanneld's own chain, where it is the network. */
function flannel(host: NodeHost): { forward: Rule[]; chains: Chain[] } {
  const cidr = host.node()?.spec?.podCIDR?.replace(/\d+\.\d+\/24$/, '0.0/16');
  if (!cidr || host.list('daemonsets.apps', 'kube-flannel').length === 0) return { forward: [], chains: [] };
  const name = 'FLANNEL-FWD';
  const extra = '/* flanneld forward */';
  return {
    forward: [rule('FORWARD', name, extra)],
    chains: [
      {
        name,
        rules: [rule(name, 'ACCEPT', extra, { source: cidr }), rule(name, 'ACCEPT', extra, { destination: cidr })],
      },
    ],
  };
}

/** The kubelet's own chain. */
const KUBELETS: Chain = {
  name: 'KUBE-FIREWALL',
  rules: [
    rule('KUBE-FIREWALL', 'DROP', '/* block incoming localnet connections */ ! ctstate RELATED,ESTABLISHED,DNAT', {
      source: '!127.0.0.0/8',
      destination: '127.0.0.0/8',
    }),
  ],
};

/** The filter table as kube-proxy in iptables mode and the kubelet keep it. Source: pkg/proxy/iptables/proxier.go. */
function iptablesFilter(host: NodeHost): Chain[] {
  const { inside, outside } = refusals(host);
  const { forward, chains } = flannel(host);
  return [
    {
      name: 'INPUT',
      policy: 'ACCEPT',
      rules: [
        rule('INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL),
        rule('INPUT', 'KUBE-NODEPORTS', '/* kubernetes health check service ports */'),
        rule('INPUT', 'KUBE-EXTERNAL-SERVICES', VISIBLE),
        rule('INPUT', 'KUBE-FIREWALL', ''),
      ],
    },
    {
      name: 'FORWARD',
      policy: 'ACCEPT',
      rules: [
        rule('FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL),
        rule('FORWARD', 'KUBE-FORWARD', '/* kubernetes forwarding rules */'),
        rule('FORWARD', 'KUBE-SERVICES', PORTALS),
        rule('FORWARD', 'KUBE-EXTERNAL-SERVICES', VISIBLE),
        ...forward,
      ],
    },
    {
      name: 'OUTPUT',
      policy: 'ACCEPT',
      rules: [
        rule('OUTPUT', 'KUBE-PROXY-FIREWALL', FIREWALL),
        rule('OUTPUT', 'KUBE-SERVICES', PORTALS),
        rule('OUTPUT', 'KUBE-FIREWALL', ''),
      ],
    },
    ...chains,
    { name: 'KUBE-EXTERNAL-SERVICES', rules: outside },
    KUBELETS,
    {
      name: 'KUBE-FORWARD',
      rules: [
        rule('KUBE-FORWARD', 'DROP', 'ctstate INVALID nfacct-name  ct_state_invalid_dropped_pkts'),
        rule('KUBE-FORWARD', 'ACCEPT', '/* kubernetes forwarding rules */ mark match 0x4000/0x4000'),
        rule('KUBE-FORWARD', 'ACCEPT', '/* kubernetes forwarding conntrack rule */ ctstate RELATED,ESTABLISHED'),
      ],
    },
    { name: 'KUBE-KUBELET-CANARY', rules: [] },
    { name: 'KUBE-NODEPORTS', rules: [] },
    { name: 'KUBE-PROXY-CANARY', rules: [] },
    { name: 'KUBE-PROXY-FIREWALL', rules: [] },
    { name: 'KUBE-SERVICES', rules: inside },
  ];
}

/** The filter table where kube-proxy leaves it to others, or has the chains that it needs for its sets. */
function otherFilter(host: NodeHost, { jumps, chains: own }: ReturnType<typeof ipvsFilter>): Chain[] {
  const { forward, chains } = flannel(host);
  const firewall = (name: string) => rule(name, 'KUBE-FIREWALL', '');
  return [
    { name: 'INPUT', policy: 'ACCEPT', rules: [...(jumps.INPUT ?? []), firewall('INPUT')] },
    { name: 'FORWARD', policy: 'ACCEPT', rules: [...(jumps.FORWARD ?? []), ...forward] },
    { name: 'OUTPUT', policy: 'ACCEPT', rules: [...(jumps.OUTPUT ?? []), firewall('OUTPUT')] },
    ...[...chains, KUBELETS, { name: 'KUBE-KUBELET-CANARY', rules: [] }, ...own].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
  ];
}

const addressesOf = (host: NodeHost): string[] => nodeAddresses(linksOf(host));

/** The filter table as kube-proxy and the kubelet keep it. */
export function filterTable(host: NodeHost): Chain[] {
  const mode = proxyMode(host);
  if (mode === 'iptables') return iptablesFilter(host);
  return otherFilter(host, mode === 'ipvs' ? ipvsFilter(host, addressesOf(host)) : { jumps: {}, chains: [] });
}

/** The nat table as kube-proxy and the kubelet keep it. */
export function natTable(host: NodeHost): Chain[] {
  const mode = proxyMode(host);
  if (mode === 'iptables') return iptablesNatTable(host);
  if (mode === 'ipvs') return ipvsNatTable(host, addressesOf(host));
  return [
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => ({ name, policy: 'ACCEPT', rules: [] })),
    { name: 'KUBE-KUBELET-CANARY', rules: [] },
  ];
}

/** The mangle table: what the kubelet watches to see whether somebody flushed all rules. */
export const mangleTable = (): Chain[] => [
  ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((name) => ({ name, policy: 'ACCEPT', rules: [] })),
  ...['KUBE-IPTABLES-HINT', 'KUBE-KUBELET-CANARY', 'KUBE-PROXY-CANARY'].map((name) => ({ name, rules: [] })),
];
