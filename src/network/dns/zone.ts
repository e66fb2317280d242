import type { Service } from '../../types/objects.ts';
import { type Backend, backendsOf } from '../endpoints.ts';
import type { NetworkWorld } from '../world.ts';
import { type DnsRecord, type DnsReply, type DnsType, reply, reversed } from './message.ts';

/** Of every answer about the cluster, seconds (Corefile: `ttl 30`). */
const TTL = 30;

/** A service's addresses under one whole name, with the ports that SRV records tell. */
interface Target {
  name: string;
  ip: string;
  port: number;
}

/** What stands in a query's name below `svc`: `_http._tcp.web.default`. */
interface Question {
  namespace: string;
  service: string;
  endpoint?: string;
  port?: string;
  protocol?: string;
}

const dashed = (ip: string) => ip.replace(/[.:]/g, '-');
const endpointName = ({ hostname, ip }: Backend) => hostname ?? dashed(ip);

function parse(labels: string[]): Question | undefined {
  const [namespace = '', service = '', ...rest] = [...labels].reverse();
  const bare = (label: string) => label.replace(/^_/, '');
  if (rest.length > 2) return undefined;
  if (rest.length === 2) return { namespace, service, protocol: bare(rest[0]!), port: bare(rest[1]!) };
  return { namespace, service, ...(rest[0] && { endpoint: rest[0] }) };
}

/** The targets of a question, as the plugin `kubernetes` of CoreDNS finds them. */
function targets(world: NetworkWorld, service: Service, question: Question, suffix: string): Target[] {
  const { namespace, endpoint, port, protocol } = question;
  const isAsked = (name: string | undefined, transport: string | undefined) =>
    port === undefined || (port === (name ?? '') && protocol === (transport ?? 'TCP').toLowerCase());
  const name = `${service.metadata.name}.${namespace}.${suffix}`;
  const { clusterIP, clusterIPs = [], ports = [] } = service.spec ?? {};
  if (clusterIP !== 'None' && endpoint === undefined)
    return ports
      .filter((one) => isAsked(one.name, one.protocol))
      .flatMap((one) => clusterIPs.map((ip) => ({ name, ip, port: one.port })));
  return backendsOf(world, service)
    .filter((backend) => backend.ready && isAsked(backend.portName, backend.protocol))
    .filter((backend) => endpoint === undefined || endpointName(backend) === endpoint)
    .map((backend) => ({ name: `${endpointName(backend)}.${name}`, ip: backend.ip, port: backend.port }));
}

const unique = <T>(items: T[], key: (item: T) => string): T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

function recordsOf(name: string, type: DnsType, found: Target[]): DnsRecord[] {
  if (type === 'A' || type === 'ANY')
    return unique(found, ({ ip }) => ip).map(({ ip }) => ({ name, type: 'A', ttl: TTL, data: ip }));
  if (type !== 'SRV') return [];
  const weight = Math.floor(100 / Math.max(1, found.length));
  return found
    .filter(({ port }) => port > 0)
    .map((target) => ({ name, type: 'SRV', ttl: TTL, data: `0 ${weight} ${target.port} ${target.name}.` }));
}

/** The cluster's own domain, as CoreDNS answers for it; undefined for a name outside of it. */
export function zoneReply(world: NetworkWorld, name: string, type: DnsType): DnsReply | undefined {
  const { clusterDomain } = world;
  const address = reversed(name);
  if (address !== undefined) return pointers(world, name, address);
  if (name !== clusterDomain && !name.endsWith(`.${clusterDomain}`)) return undefined;
  const answered = answer(world, name, type);
  if (answered && answered.length > 0) return { ...reply('NOERROR', answered, true), authority: [] };
  // The serial is a time, as CoreDNS makes it; what exists without such records answers nothing.
  const soa = `ns.dns.${clusterDomain}. hostmaster.${clusterDomain}. ${Math.floor(world.now() / 1000)} 7200 1800 86400 ${TTL}`;
  return {
    ...reply(answered ? 'NOERROR' : 'NXDOMAIN', [], true),
    authority: [{ name: clusterDomain, type: 'SOA', ttl: TTL, data: soa }],
  };
}

/** The records of a name; undefined if there is no such name. */
function answer(world: NetworkWorld, name: string, type: DnsType): DnsRecord[] | undefined {
  const { client, clusterDomain } = world;
  const labels = name === clusterDomain ? [] : name.slice(0, -clusterDomain.length - 1).split('.');
  const kind = labels.pop();
  if (kind === undefined) return [];
  if (kind === 'pod') return podRecords(name, labels, type);
  if (kind === 'dns' && labels.join('.') === 'ns') return nameServer(world, name, type);
  if (kind !== 'svc') return undefined;
  const question = parse(labels);
  if (!question) return undefined;
  const { namespace, service } = question;
  if (service === '') return namespace === '' || client.get('namespaces', '', namespace) ? [] : undefined;
  const found = client.get('services', namespace, service);
  if (!found) return undefined;
  if (found.spec?.type === 'ExternalName') {
    if (question.endpoint ?? question.port) return undefined;
    return alias(world, name, found.spec.externalName ?? '', type);
  }
  const list = targets(world, found, question, `svc.${clusterDomain}`);
  return list.length > 0 ? recordsOf(name, type, list) : undefined;
}

/** An external name: the name itself, and where it leads. */
function alias(world: NetworkWorld, name: string, target: string, type: DnsType): DnsRecord[] {
  const own: DnsRecord = { name, type: 'CNAME', ttl: TTL, data: `${target}.` };
  if (type === 'CNAME') return [own];
  const further = zoneReply(world, target, type) ?? world.upstream(target, type);
  return [own, ...further.answers];
}

/** `10-244-1-5.default.pod`: the address is in the name (`pods insecure`). */
function podRecords(name: string, labels: string[], type: DnsType): DnsRecord[] | undefined {
  const [address, namespace] = labels;
  if (address === undefined || namespace === undefined) return [];
  if (!/^\d{1,3}(-\d{1,3}){3}$/.test(address) || labels.length > 2) return undefined;
  return recordsOf(name, type, [{ name, ip: address.replaceAll('-', '.'), port: 0 }]);
}

function nameServer({ clusterDNS }: NetworkWorld, name: string, type: DnsType): DnsRecord[] {
  return recordsOf(name, type, [{ name, ip: clusterDNS, port: 53 }]);
}

/** The names of an address: of the service that has it, or of the endpoints behind services. */
function pointers(world: NetworkWorld, name: string, address: string): DnsReply | undefined {
  const { client, clusterDomain } = world;
  const pointer = (data: string): DnsRecord => ({ name, type: 'PTR', ttl: TTL, data: `${data}.` });
  const services = client.list('services');
  const own = services.find(({ spec }) => spec?.clusterIPs?.includes(address));
  const domain = ({ metadata }: Service) => `${metadata.name}.${metadata.namespace}.svc.${clusterDomain}`;
  if (own) return reply('NOERROR', [pointer(domain(own))], true);
  const names = services.flatMap((service) =>
    backendsOf(world, service)
      .filter(({ ip, ready }) => ip === address && ready)
      .map((backend) => `${endpointName(backend)}.${domain(service)}`),
  );
  // Unknown addresses fall through to the next server (`fallthrough in-addr.arpa`).
  return names.length > 0 ? reply('NOERROR', [...new Set(names)].map(pointer), true) : undefined;
}
