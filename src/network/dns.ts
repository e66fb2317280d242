import { parseIp } from '../base/ip.ts';
import type { Service } from '../types/objects.ts';
import type { NetworkWorld } from './world.ts';

/** A name with fewer dots than this is tried with the search domains first (ndots:5). */
const NDOTS = 5;

/** Whether the cluster's name server answers: its Service has an endpoint that is ready. */
function answers({ client, clusterDNS }: NetworkWorld): boolean {
  const server = client.list('services').find((service) => service.spec?.clusterIP === clusterDNS);
  return server !== undefined && addressesOf(client, server).length > 0;
}

/** The ready addresses behind a service, with the host names that some of them have. */
function addressesOf(client: NetworkWorld['client'], { metadata }: Service): { ip: string; hostname?: string }[] {
  const endpoints = client.get('endpoints', metadata.namespace ?? '', metadata.name ?? '');
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [] }) => addresses);
}

/** The addresses of a name as a pod of `namespace` resolves it; `search` is false with dnsPolicy Default. */
export function resolveName(world: NetworkWorld, name: string, namespace: string, search = true): string[] {
  if (parseIp(name)) return [name];
  if (name === 'localhost') return ['127.0.0.1'];
  if (!search || !answers(world)) return [];
  const { clusterDomain } = world;
  const domains = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  const absolute = name.endsWith('.');
  const plain = name.replace(/\.$/, '');
  const relative = absolute ? [] : domains.map((domain) => `${plain}.${domain}`);
  const names = plain.split('.').length > NDOTS ? [plain, ...relative] : [...relative, plain];
  for (const candidate of names) {
    const found = lookUp(world, candidate);
    if (found.length > 0) return found;
  }
  return [];
}

/** What CoreDNS' kubernetes plugin answers for a whole name. */
function lookUp(world: NetworkWorld, name: string): string[] {
  const { client, clusterDomain } = world;
  const pod = new RegExp(`^(\\d+-\\d+-\\d+-\\d+)\\.[^.]+\\.pod\\.${clusterDomain}$`).exec(name);
  if (pod) return [pod[1]!.replaceAll('-', '.')];
  const suffix = `.svc.${clusterDomain}`;
  if (!name.endsWith(suffix)) return [];
  const [namespace = '', service = '', hostname] = name.slice(0, -suffix.length).split('.').reverse();
  const found = client.get('services', namespace, service);
  if (!found) return [];
  const { type, clusterIP, externalName } = found.spec ?? {};
  if (type === 'ExternalName') return externalName ? lookUp(world, externalName) : [];
  if (clusterIP !== 'None') return hostname === undefined && clusterIP ? [clusterIP] : [];
  const addresses = addressesOf(client, found);
  return addresses.filter((address) => hostname === undefined || address.hostname === hostname).map(({ ip }) => ip);
}
