import { createHash } from 'node:crypto';
import type { NodeHost } from '../host.ts';
import { byAddress, type VirtualServer, virtualServers } from './proxy.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The name of a chain without its prefix: a hash, and what it hashes. Source: hashAndTruncate of pkg/proxy/nftables. */
export function hashed(name: string): string {
  const bits = [...createHash('sha256').update(name).digest().subarray(0, 5)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const hash = bits.match(/.{5}/g)!.map((five) => ALPHABET[Number.parseInt(five, 2)]);
  return `${hash.join('')}-${name}`;
}

/** A set or a map of a table. */
export interface NftSet {
  kind: 'set' | 'map';
  name: string;
  type: string;
  comment?: string;
  /** `dynamic,timeout` */
  flags?: string;
  timeout?: string;
  elements: string[];
}

export interface NftChain {
  name: string;
  comment?: string;
  /** What hooks it into the kernel: `type nat hook output priority dstnat; policy accept;` */
  hook?: string;
  rules: string[];
}

export interface NftTable {
  family: string;
  name: string;
  comment?: string;
  sets: NftSet[];
  chains: NftChain[];
}

const SERVICE = 'ipv4_addr . inet_proto . inet_service : verdict';
const MARK = '0x00004000';

/** The chains that the kernel calls, and which they jump to. Source: nftablesBaseChains, nftablesJumpChains. */
const BASE: [name: string, type: string, hook: string, priority: string, jumps: string[]][] = [
  ['filter-prerouting-pre-dnat', 'filter', 'prerouting', 'dstnat - 10', ['ct state new jump firewall-check']],
  ['filter-output-pre-dnat', 'filter', 'output', '-110', ['ct state new jump firewall-check']],
  [
    'filter-input',
    'filter',
    'input',
    'filter',
    ['ct state new jump nodeport-endpoints-check', 'ct state new jump service-endpoints-check'],
  ],
  [
    'filter-forward',
    'filter',
    'forward',
    'filter',
    ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check'],
  ],
  [
    'filter-output',
    'filter',
    'output',
    'filter',
    ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check'],
  ],
  ['nat-prerouting', 'nat', 'prerouting', 'dstnat', ['jump services']],
  ['nat-output', 'nat', 'output', '-100', ['jump services']],
  ['nat-postrouting', 'nat', 'postrouting', 'srcnat', ['jump masquerading']],
];

const VMAP = 'ip daddr . meta l4proto . th dport vmap';
const NODE_PORT = 'ip daddr @nodeport-ips meta l4proto . th dport vmap';

/** The names of what kube-proxy makes of one port of a service. */
function namesOf({ service, protocol, servicePort, name }: VirtualServer) {
  const base = `${service.metadata.namespace}/${service.metadata.name}/${protocol}/${servicePort.name ?? ''}`;
  const end = ({ ip, port }: { ip: string; port: number }) => hashed(`${base}__${ip}/${port}`);
  return { chain: hashed(base), end, label: name };
}

/** The chains of one port of a service: its own, the one for what comes from outside, those of its endpoints. */
function chainsOf(server: VirtualServer, pods: string, outside: boolean): NftChain[] {
  const { chain, end } = namesOf(server);
  const { endpoints, protocol, affinity, ip, port, service } = server;
  const local = service.spec!.externalTrafficPolicy === 'Local';
  const choices = endpoints.map((one, i) => `${i} : goto endpoint-${end(one)}`);
  return [
    {
      name: `service-${chain}`,
      rules: [
        `ip daddr ${ip} ${protocol} dport ${port} ip saddr != ${pods} jump mark-for-masquerade`,
        ...(affinity ? endpoints.map((one) => `ip saddr @affinity-${end(one)} goto endpoint-${end(one)}`) : []),
        `numgen random mod ${endpoints.length} vmap { ${choices.join(', ')} }`,
      ],
    },
    ...(outside
      ? [
          {
            name: `external-${chain}`,
            rules: local
              ? [
                  `ip saddr ${pods} goto service-${chain} comment "short-circuit pod traffic"`,
                  'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
                  `fib saddr type local goto service-${chain} comment "short-circuit local traffic"`,
                ]
              : ['jump mark-for-masquerade', `goto service-${chain}`],
          },
        ]
      : []),
    ...endpoints.map((one) => ({
      name: `endpoint-${end(one)}`,
      rules: [
        `ip saddr ${one.ip} jump mark-for-masquerade`,
        ...(affinity ? [`update @affinity-${end(one)} { ip saddr }`] : []),
        `meta l4proto ${protocol} dnat to ${one.ip}:${one.port}`,
      ],
    })),
  ];
}

/** The table that kube-proxy in nftables mode keeps. Source: setupNFTables and syncProxyRules of pkg/proxy/nftables/proxier.go. */
export function proxyTable(host: NodeHost, serviceRange: string): NftTable {
  const own = host.record().internalIP;
  const servers = virtualServers(host, [own]);
  const pods = host.node()?.spec?.podCIDR?.replace(/\d+\.\d+\/24$/, '0.0/16') ?? '0.0.0.0/0';
  const served = servers.filter(({ endpoints }) => endpoints.length > 0);
  const barren = servers.filter(({ endpoints }) => endpoints.length === 0);
  const target = (server: VirtualServer) =>
    `goto ${server.kind === 'cluster' ? 'service' : 'external'}-${namesOf(server).chain}`;
  const end = ({ ip, protocol, port }: VirtualServer) => `${ip} . ${protocol} . ${port}`;
  const clusters = served.filter(({ kind }) => kind === 'cluster');
  const isOpen = (server: VirtualServer) =>
    served.some(
      ({ kind, service, servicePort }) =>
        kind !== 'cluster' && service === server.service && servicePort === server.servicePort,
    );
  const set = (
    name: string,
    type: string,
    comment: string,
    elements: string[],
    kind: NftSet['kind'] = 'map',
  ): NftSet => ({
    kind,
    name,
    type,
    comment,
    elements,
  });
  const refused = (server: VirtualServer, key: string) =>
    `${key} comment ${JSON.stringify(server.name)} : goto reject-chain`;
  const ofNodes = (list: VirtualServer[]) => list.filter(({ kind }) => kind === 'node');
  const ofAddresses = (list: VirtualServer[]) => list.filter(({ kind }) => kind !== 'node');
  const affine = clusters.flatMap((server) =>
    server.affinity
      ? server.endpoints.map(
          (one): NftSet => ({
            kind: 'set',
            name: `affinity-${namesOf(server).end(one)}`,
            type: 'ipv4_addr',
            flags: 'dynamic,timeout',
            timeout: `${server.affinity}s`,
            elements: [],
          }),
        )
      : [],
  );
  const chain = (name: string, rules: string[], comment?: string): NftChain => ({
    name,
    rules,
    ...(comment && { comment }),
  });
  return {
    family: 'ip',
    name: 'kube-proxy',
    comment: 'rules for kube-proxy',
    sets: [
      set(
        'cluster-ips',
        'ipv4_addr',
        'Active ClusterIPs',
        [...new Set(servers.filter(({ kind }) => kind === 'cluster').map(({ ip }) => ip))].sort(byAddress),
        'set',
      ),
      set('nodeport-ips', 'ipv4_addr', 'IPs that accept NodePort traffic', [own], 'set'),
      set(
        'no-endpoint-services',
        SERVICE,
        'vmap to drop or reject packets to services with no endpoints',
        ofAddresses(barren).map((server) => refused(server, end(server))),
      ),
      set(
        'no-endpoint-nodeports',
        'inet_proto . inet_service : verdict',
        'vmap to drop or reject packets to service nodeports with no endpoints',
        ofNodes(barren).map((server) => refused(server, `${server.protocol} . ${server.port}`)),
      ),
      set('firewall-ips', SERVICE, 'destinations that are subject to LoadBalancerSourceRanges', []),
      set(
        'service-ips',
        SERVICE,
        'ClusterIP, ExternalIP and LoadBalancer IP traffic',
        ofAddresses(served).map((server) => `${end(server)} : ${target(server)}`),
      ),
      set(
        'service-nodeports',
        'inet_proto . inet_service : verdict',
        'NodePort traffic',
        ofNodes(served).map((server) => `${server.protocol} . ${server.port} : ${target(server)}`),
      ),
      ...affine,
    ],
    chains: [
      ...BASE.map(([name, type, hook, priority, rules]) => ({
        name,
        rules,
        hook: `type ${type} hook ${hook} priority ${priority}; policy accept;`,
      })),
      chain('nodeport-endpoints-check', [`${NODE_PORT} @no-endpoint-nodeports`]),
      chain('service-endpoints-check', [`${VMAP} @no-endpoint-services`]),
      chain('firewall-check', [`${VMAP} @firewall-ips`]),
      chain('services', [`${VMAP} @service-ips`, `${NODE_PORT} @service-nodeports`]),
      chain('masquerading', [
        `meta mark & ${MARK} == 0x00000000 return`,
        `meta mark set meta mark ^ ${MARK}`,
        'masquerade fully-random',
      ]),
      chain('cluster-ips-check', [
        'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
        `ip daddr ${serviceRange} drop comment "Drop traffic to unallocated ClusterIPs"`,
      ]),
      chain('mark-for-masquerade', [`meta mark set meta mark | ${MARK}`]),
      chain('reject-chain', ['reject'], 'helper for @no-endpoint-services / @no-endpoint-nodeports'),
      ...clusters.flatMap((server) => chainsOf(server, pods, isOpen(server))),
    ],
  };
}
