import type { NodeHost } from '../host.ts';
import { ANY, type Chain, type Rule, rule } from '../programs/iptables.ts';
import { byAddress, type VirtualServer, virtualServers } from './proxy.ts';

/** The interface that holds the services' addresses. */
export const DUMMY = 'kube-ipvs0';

/** Addresses of the machine at which node ports are: all but loopback's and the dummy's. */
export function nodeAddresses(links: { name: string; addresses: { ip: string }[] }[]): string[] {
  return links
    .filter(({ name }) => name !== 'lo' && name !== DUMMY)
    .flatMap(({ addresses }) => addresses.map(({ ip }) => ip));
}

/** Addresses of services, in order. */
export const serviceAddresses = (host: NodeHost): string[] =>
  [...new Set(virtualServers(host, []).map(({ ip }) => ip))].sort(byAddress);

/** A set of addresses and ports, as ipset keeps it. */
export interface IpSet {
  name: string;
  type: 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'bitmap:port' | 'hash:ip';
  comment: string;
  members: string[];
}

type Row = [
  name: string,
  type: IpSet['type'],
  comment: string,
  members?: (server: VirtualServer) => string[] | undefined,
];

const listed = ({ ip, protocol, port }: VirtualServer): string => `${ip},${protocol}:${port}`;
const node = (protocol: string, local: boolean) => (server: VirtualServer) =>
  server.kind === 'node' &&
  server.protocol === protocol &&
  (!local || server.service.spec!.externalTrafficPolicy === 'Local')
    ? [protocol === 'sctp' ? listed(server) : String(server.port)]
    : undefined;
const kind =
  (wanted: VirtualServer['kind'], local = false) =>
  (server: VirtualServer) =>
    server.kind === wanted && (!local || server.service.spec!.externalTrafficPolicy === 'Local')
      ? [listed(server)]
      : undefined;
const LIMITED = (server: VirtualServer): boolean =>
  server.kind === 'balancer' && (server.service.spec!.loadBalancerSourceRanges?.length ?? 0) > 0;

/** kube-proxy's sets in the order in which it makes them. Source: ipsetInfo of pkg/proxy/ipvs/proxier.go. */
const SETS: Row[] = [
  ['KUBE-LOOP-BACK', 'hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  ['KUBE-CLUSTER-IP', 'hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose', kind('cluster')],
  [
    'KUBE-EXTERNAL-IP',
    'hash:ip,port',
    'Kubernetes service external ip + port for masquerade and filter purpose',
    kind('external'),
  ],
  [
    'KUBE-EXTERNAL-IP-LOCAL',
    'hash:ip,port',
    'Kubernetes service external ip + port with externalTrafficPolicy=local',
    kind('external', true),
  ],
  ['KUBE-LOAD-BALANCER', 'hash:ip,port', 'Kubernetes service lb portal', kind('balancer')],
  [
    'KUBE-LOAD-BALANCER-FW',
    'hash:ip,port',
    'Kubernetes service load balancer ip + port for load balancer with sourceRange',
    (server) => (LIMITED(server) ? [listed(server)] : undefined),
  ],
  [
    'KUBE-LOAD-BALANCER-LOCAL',
    'hash:ip,port',
    'Kubernetes service load balancer ip + port with externalTrafficPolicy=local',
    kind('balancer', true),
  ],
  [
    'KUBE-LOAD-BALANCER-SOURCE-IP',
    'hash:ip,port,ip',
    'Kubernetes service load balancer ip + port + source IP for packet filter purpose',
  ],
  [
    'KUBE-LOAD-BALANCER-SOURCE-CIDR',
    'hash:ip,port,net',
    'Kubernetes service load balancer ip + port + source cidr for packet filter purpose',
    (server) =>
      LIMITED(server)
        ? server.service.spec!.loadBalancerSourceRanges!.map((range) => `${listed(server)},${range}`)
        : undefined,
  ],
  ['KUBE-NODE-PORT-TCP', 'bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose', node('tcp', false)],
  [
    'KUBE-NODE-PORT-LOCAL-TCP',
    'bitmap:port',
    'Kubernetes nodeport TCP port with externalTrafficPolicy=local',
    node('tcp', true),
  ],
  ['KUBE-NODE-PORT-UDP', 'bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose', node('udp', false)],
  [
    'KUBE-NODE-PORT-LOCAL-UDP',
    'bitmap:port',
    'Kubernetes nodeport UDP port with externalTrafficPolicy=local',
    node('udp', true),
  ],
  [
    'KUBE-NODE-PORT-SCTP-HASH',
    'hash:ip,port',
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
    node('sctp', false),
  ],
  [
    'KUBE-NODE-PORT-LOCAL-SCTP-HASH',
    'hash:ip,port',
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
    node('sctp', true),
  ],
  [
    'KUBE-HEALTH-CHECK-NODE-PORT',
    'bitmap:port',
    'Kubernetes health check node port',
    ({ kind: own, service }) =>
      own === 'cluster' && service.spec!.healthCheckNodePort ? [String(service.spec!.healthCheckNodePort)] : undefined,
  ],
  [
    'KUBE-IPVS-IPS',
    'hash:ip',
    'Addresses on the ipvs interface',
    ({ kind: own, ip }) => (own === 'node' ? undefined : [ip]),
  ],
];

/** Endpoints on this machine, for what a pod sends to itself through a service. */
function loopBack(host: NodeHost, servers: VirtualServer[]): string[] {
  const own = new Set(
    host
      .list('pods')
      .filter(({ spec }) => spec?.nodeName === host.name)
      .map(({ status }) => status?.podIP),
  );
  return servers.flatMap(({ endpoints, protocol }) =>
    endpoints.filter(({ ip }) => own.has(ip)).map(({ ip, port }) => `${ip},${protocol}:${port},${ip}`),
  );
}

/** The sets of a machine whose kube-proxy is in ipvs mode. */
export function ipSets(host: NodeHost, addresses: string[]): IpSet[] {
  const servers = virtualServers(host, addresses);
  return SETS.map(([name, type, comment, membersOf]) => ({
    name,
    type,
    comment,
    members: [
      ...new Set(
        membersOf
          ? servers.flatMap((server) => membersOf(server) ?? [])
          : name === 'KUBE-LOOP-BACK'
            ? loopBack(host, servers)
            : [],
      ),
    ],
  }));
}

/** Which set leads from where to where. Source: ipsetWithIptablesChain of pkg/proxy/ipvs/proxier.go. */
const JUMPS: [set: string, chain: string, target: string, match: string, protocol?: string][] = [
  ['KUBE-LOOP-BACK', 'KUBE-POSTROUTING', 'MASQUERADE', 'dst,dst,src'],
  ['KUBE-LOAD-BALANCER', 'KUBE-SERVICES', 'KUBE-LOAD-BALANCER', 'dst,dst'],
  ['KUBE-LOAD-BALANCER-LOCAL', 'KUBE-LOAD-BALANCER', 'RETURN', 'dst,dst'],
  ['KUBE-NODE-PORT-LOCAL-TCP', 'KUBE-NODE-PORT', 'RETURN', 'dst', 'tcp'],
  ['KUBE-NODE-PORT-TCP', 'KUBE-NODE-PORT', 'KUBE-MARK-MASQ', 'dst', 'tcp'],
  ['KUBE-NODE-PORT-LOCAL-UDP', 'KUBE-NODE-PORT', 'RETURN', 'dst', 'udp'],
  ['KUBE-NODE-PORT-UDP', 'KUBE-NODE-PORT', 'KUBE-MARK-MASQ', 'dst', 'udp'],
  ['KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'KUBE-NODE-PORT', 'RETURN', 'dst,dst', 'sctp'],
  ['KUBE-NODE-PORT-SCTP-HASH', 'KUBE-NODE-PORT', 'KUBE-MARK-MASQ', 'dst,dst', 'sctp'],
  ['KUBE-LOAD-BALANCER-FW', 'KUBE-PROXY-FIREWALL', 'KUBE-SOURCE-RANGES-FIREWALL', 'dst,dst'],
  ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'KUBE-SOURCE-RANGES-FIREWALL', 'RETURN', 'dst,dst,src'],
  ['KUBE-LOAD-BALANCER-SOURCE-IP', 'KUBE-SOURCE-RANGES-FIREWALL', 'RETURN', 'dst,dst,src'],
];

interface Written {
  rules: Record<string, Rule[]>;
  filled: (set: string) => IpSet | undefined;
}

/** The rules that lead through sets which have members, by their chain. */
function written(host: NodeHost, addresses: string[]): Written {
  const sets = ipSets(host, addresses);
  const filled = (name: string) => sets.find((set) => set.name === name && set.members.length > 0);
  const rules: Record<string, Rule[]> = {};
  for (const [name, chain, target, match, protocol = 'all'] of JUMPS) {
    const set = filled(name);
    if (!set) continue;
    rules[chain] ??= [];
    rules[chain].push(rule(chain, target, `/* ${set.comment} */ match-set ${name} ${match}`, { protocol }));
  }
  return { rules, filled };
}

/** The nat table of kube-proxy in ipvs mode. */
export function ipvsNatTable(host: NodeHost, addresses: string[]): Chain[] {
  const { rules, filled } = written(host, addresses);
  const podCidr = host.node()?.spec?.podCIDR;
  const outside = podCidr ? `!${podCidr.replace(/\d+\.\d+\/24$/, '0.0/16')}` : ANY;
  const cluster = filled('KUBE-CLUSTER-IP');
  const portal = '/* kubernetes service portals */';
  const accepted = ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER'].filter((name) => filled(name));
  const chain = (name: string, own: Rule[], policy?: string): Chain => ({
    name,
    rules: own,
    ...(policy && { policy }),
  });
  return [
    chain('PREROUTING', [rule('PREROUTING', 'KUBE-SERVICES', portal)], 'ACCEPT'),
    chain('INPUT', [], 'ACCEPT'),
    chain('OUTPUT', [rule('OUTPUT', 'KUBE-SERVICES', portal)], 'ACCEPT'),
    chain('POSTROUTING', [rule('POSTROUTING', 'KUBE-POSTROUTING', '/* kubernetes postrouting rules */')], 'ACCEPT'),
    chain('KUBE-KUBELET-CANARY', []),
    chain('KUBE-LOAD-BALANCER', [...(rules['KUBE-LOAD-BALANCER'] ?? []), rule('KUBE-LOAD-BALANCER', 'KUBE-MARK-MASQ')]),
    chain('KUBE-MARK-MASQ', [rule('KUBE-MARK-MASQ', 'MARK', 'MARK or 0x4000')]),
    chain('KUBE-NODE-PORT', rules['KUBE-NODE-PORT'] ?? []),
    chain('KUBE-POSTROUTING', [
      ...(rules['KUBE-POSTROUTING'] ?? []),
      rule('KUBE-POSTROUTING', 'RETURN', 'mark match ! 0x4000/0x4000'),
      rule('KUBE-POSTROUTING', 'MARK', 'MARK xor 0x4000'),
      rule('KUBE-POSTROUTING', 'MASQUERADE', '/* kubernetes service traffic requiring SNAT */ random-fully'),
    ]),
    chain('KUBE-SERVICES', [
      rule('KUBE-SERVICES', 'RETURN', '', { source: '127.0.0.0/8' }),
      ...(rules['KUBE-SERVICES'] ?? []),
      ...(cluster
        ? [
            rule('KUBE-SERVICES', 'KUBE-MARK-MASQ', `/* ${cluster.comment} */ match-set KUBE-CLUSTER-IP dst,dst`, {
              source: outside,
            }),
          ]
        : []),
      rule('KUBE-SERVICES', 'KUBE-NODE-PORT', 'ADDRTYPE match dst-type LOCAL'),
      ...accepted.map((name) => rule('KUBE-SERVICES', 'ACCEPT', `match-set ${name} dst,dst`)),
    ]),
  ];
}

const RETURNED = [
  ['KUBE-LOAD-BALANCER', 'dst,dst'],
  ['KUBE-CLUSTER-IP', 'dst,dst'],
  ['KUBE-EXTERNAL-IP', 'dst,dst'],
  ['KUBE-EXTERNAL-IP-LOCAL', 'dst,dst'],
  ['KUBE-HEALTH-CHECK-NODE-PORT', 'dst'],
];

/** The chains that kube-proxy in ipvs mode has in the filter table, and what leads to them from the kernel's own. */
export function ipvsFilter(host: NodeHost, addresses: string[]): { jumps: Record<string, Rule[]>; chains: Chain[] } {
  const { rules } = written(host, addresses);
  const firewall = (chain: string) => rule(chain, 'KUBE-PROXY-FIREWALL', '/* kube-proxy firewall rules */');
  const access = '/* kubernetes ipvs access filter */';
  return {
    jumps: {
      INPUT: [
        rule('INPUT', 'KUBE-IPVS-FILTER', access),
        firewall('INPUT'),
        rule('INPUT', 'KUBE-NODE-PORT', '/* kubernetes health check rules */'),
      ],
      FORWARD: [firewall('FORWARD'), rule('FORWARD', 'KUBE-FORWARD', '/* kubernetes forwarding rules */')],
      OUTPUT: [rule('OUTPUT', 'KUBE-IPVS-OUT-FILTER', access)],
    },
    chains: [
      {
        name: 'KUBE-FORWARD',
        rules: [
          rule('KUBE-FORWARD', 'ACCEPT', '/* kubernetes forwarding rules */ mark match 0x4000/0x4000'),
          rule('KUBE-FORWARD', 'ACCEPT', '/* kubernetes forwarding conntrack rule */ ctstate RELATED,ESTABLISHED'),
        ],
      },
      {
        name: 'KUBE-IPVS-FILTER',
        rules: [
          ...RETURNED.map(([set, match]) => rule('KUBE-IPVS-FILTER', 'RETURN', `match-set ${set} ${match}`)),
          rule(
            'KUBE-IPVS-FILTER',
            'REJECT',
            'ctstate NEW match-set KUBE-IPVS-IPS dst reject-with icmp-port-unreachable',
          ),
        ],
      },
      { name: 'KUBE-IPVS-OUT-FILTER', rules: [] },
      {
        name: 'KUBE-NODE-PORT',
        rules: [
          rule(
            'KUBE-NODE-PORT',
            'ACCEPT',
            '/* Kubernetes health check node port */ match-set KUBE-HEALTH-CHECK-NODE-PORT dst',
          ),
        ],
      },
      { name: 'KUBE-PROXY-FIREWALL', rules: rules['KUBE-PROXY-FIREWALL'] ?? [] },
      {
        name: 'KUBE-SOURCE-RANGES-FIREWALL',
        rules: [...(rules['KUBE-SOURCE-RANGES-FIREWALL'] ?? []), rule('KUBE-SOURCE-RANGES-FIREWALL', 'DROP')],
      },
    ],
  };
}
