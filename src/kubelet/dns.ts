import type { ActorWorld } from '../runtime/actor.ts';
import type { SandboxRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { nodeFile } from './node-file.ts';
import type { Platform } from './platform.ts';
import type { PodScope } from './pod/scope.ts';

export interface PodDns {
  servers: string[];
  searches: string[];
  /** `ndots:5` */
  options: string[];
  /** What of it was too much (events DNSConfigForming). */
  problems: string[];
}

const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_DOMAIN = 253;

/** What the node itself asks, past systemd-resolved. */
const NODE_RESOLVERS = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'];

/** formDNSNameserversFitsLimits. */
function fittingServers(all: string[], problems: string[]): string[] {
  if (all.length <= MAX_SERVERS) return all;
  const servers = all.slice(0, MAX_SERVERS);
  problems.push(
    `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
  );
  return servers;
}

/** formDNSSearchFitsLimits. */
function fittingSearches(all: string[], problems: string[]): string[] {
  const searches = all.slice(0, MAX_SEARCHES).filter((search) => search.length <= MAX_DOMAIN);
  while (searches.join(' ').length > MAX_SEARCH_CHARACTERS) searches.pop();
  if (searches.length < all.length)
    problems.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`,
    );
  return searches;
}

/** pkg/kubelet/network/dns: the pod's policy and its own configuration together, within the limits of resolvers. */
export function podDns(
  world: ActorWorld,
  platform: Platform,
  pod: Pod | undefined,
  { pod: { namespace }, node, hostNetwork }: Pick<SandboxRecord, 'pod' | 'node' | 'hostNetwork'>,
): PodDns {
  const { clusterDomain, clusterDNS } = platform.settings;
  const policy = pod?.spec?.dnsPolicy ?? 'ClusterFirst';
  const own = pod?.spec?.dnsConfig;
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !hostNetwork);
  const host = cluster || policy === 'None' ? [] : nodeFile(world, platform, node, NODE_RESOLVERS);
  const ofHost = (key: string) =>
    host.filter((line) => line.startsWith(`${key} `)).flatMap((line) => line.split(/\s+/).slice(1));
  const searches = [
    ...(cluster ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : ofHost('search')),
    ...(own?.searches ?? []),
  ];
  const servers = [...(cluster ? clusterDNS : ofHost('nameserver')), ...(own?.nameservers ?? [])];
  const options = new Map(
    cluster ? [['ndots', '5']] : ofHost('options').map((option) => [option.split(':')[0]!, option.split(':')[1] ?? '']),
  );
  for (const option of own?.options ?? []) options.set(option.name!, option.value ?? '');
  const problems: string[] = [];
  return {
    servers: fittingServers([...new Set(servers)], problems),
    searches: fittingSearches([...new Set(searches)], problems),
    options: [...options].map(([name, value]) => (value ? `${name}:${value}` : name)),
    problems,
  };
}

export const resolvConf = ({ servers, searches, options }: PodDns): string =>
  [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');

/** A sandbox's configuration is made, which every sync does: what was left away of its DNS is told each time. */
export function tellDnsProblems(scope: PodScope): void {
  const { world, platform, pod } = scope;
  if (!pod?.spec?.dnsConfig) return;
  const { node, namespace, name } = scope.worker;
  const sandbox = { node, pod: { namespace, name, uid: scope.uid }, hostNetwork: pod.spec.hostNetwork ?? false };
  for (const problem of podDns(world, platform, pod, sandbox).problems)
    scope.event('Warning', 'DNSConfigForming', problem);
}
