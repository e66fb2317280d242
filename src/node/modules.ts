import type { NodeHost } from './host.ts';

const MODULES: [string, number, string][] = [
  ['xt_conntrack', 12_288, '4'],
  ['nf_conntrack', 200_704, '4 xt_conntrack,nf_nat,xt_MASQUERADE,nf_conntrack_netlink'],
  ['nf_nat', 61_440, '3 xt_nat,nft_chain_nat,xt_MASQUERADE'],
  ['vxlan', 147_456, '0'],
  ['br_netfilter', 32_768, '0'],
  ['bridge', 421_888, '1 br_netfilter'],
  ['overlay', 212_992, '9'],
  ['nf_tables', 376_832, '521 nft_compat,nft_chain_nat'],
  ['veth', 45_056, '0'],
];
/** Modules that are there to be loaded. */
export const KNOWN_MODULES = new Set([
  'ip_vs',
  'ip_vs_rr',
  'ip_vs_wrr',
  'ip_vs_sh',
  'nf_conntrack_ipv4',
  'nbd',
  'dummy',
]);
/** Section with the modules that somebody loaded, by node. */
export const LOADED_MODULES = 'kernel-modules';

/** The modules that are loaded: name, size, who uses them. */
export const modulesOf = (host: NodeHost): [string, number, string][] => [
  ...(host.state.section<string[]>(LOADED_MODULES).get(host.name) ?? []).map((name): [string, number, string] => [
    name,
    16_384,
    '0',
  ]),
  ...MODULES,
];
