import {
  type Cidr,
  cidrContains,
  cidrSize,
  formatCidr,
  formatIp,
  nthAddress,
  parseCidr,
  parseIp,
} from '../../base/ip.ts';
import { formatTime } from '../../base/time.ts';
import type { KubeObject, Service } from '../../types/objects.ts';
import type { Allocator } from '../kinds/kind.ts';
import type { ApiWorld } from '../world.ts';

const NODE_PORTS = { first: 30000, last: 32767 };
const ADDRESSES = 'ipaddresses.networking.k8s.io';
const RANGES = 'servicecidrs.networking.k8s.io';
const TRIES = 10_000;

interface ServiceRange extends KubeObject {
  spec?: { cidrs?: string[] };
  status?: { conditions?: { type: string; status: string }[] };
}

const clusterIPsOf = (service: KubeObject | undefined): string[] =>
  ((service as Service | undefined)?.spec?.clusterIPs ?? []).filter((ip) => ip !== 'None');

/** What the services of a cluster hold, as `clusterIP/10.96.0.1` and `nodePort/30080`. */
function heldBy(services: Service[], addresses: KubeObject[]): Set<string> {
  const held = new Set(addresses.map(({ metadata }) => `clusterIP/${metadata.name}`));
  for (const service of services) {
    for (const ip of clusterIPsOf(service)) held.add(`clusterIP/${ip}`);
    for (const { nodePort } of service.spec?.ports ?? []) if (nodePort) held.add(`nodePort/${nodePort}`);
    if (service.spec?.healthCheckNodePort) held.add(`nodePort/${service.spec.healthCheckNodePort}`);
  }
  return held;
}

const familyOf = ({ address }: Cidr): string => `IPv${address.family}`;

/** The addresses that services may have: not the network's own, and with IPv4 not the broadcast address. */
const hostsOf = (cidr: Cidr): number => Number(cidrSize(cidr)) - (cidr.address.family === 4 ? 2 : 1);

const isReady = ({ metadata, status }: ServiceRange): boolean =>
  !metadata.deletionTimestamp && status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';

/**
 * Hands out cluster IPs and node ports for one request. The services themselves say which are taken, so that nothing needs to be
 * given back, and a refused request takes none. A dry one is only told whether it could have them.
 */
export class ServiceAllocator implements Allocator {
  private held?: Set<string>;
  private shown: number[] = [];

  constructor(
    private readonly world: ApiWorld,
    private readonly dryRun = false,
  ) {}

  get families(): string[] {
    return [familyOf(parseCidr(this.world.serviceCIDR)!)];
  }

  private isTaken(key: string): boolean {
    const { store } = this.world;
    this.held ??= heldBy(store.list('services') as Service[], store.list(ADDRESSES));
    return this.held.has(key);
  }

  /** Takes `key` unless somebody has it. */
  private take(key: string): boolean {
    if (this.isTaken(key)) return false;
    this.held!.add(key);
    return true;
  }

  /** The cluster's own range, and those that ServiceCIDR objects add. */
  private ranges(family: string): Cidr[] {
    const added = (this.world.store.list(RANGES) as ServiceRange[]).filter(isReady);
    const texts = [this.world.serviceCIDR, ...added.flatMap(({ spec }) => spec?.cidrs ?? [])];
    const cidrs = [...new Set(texts)].flatMap((text) => parseCidr(text) ?? []);
    return cidrs.filter((cidr) => familyOf(cidr) === family);
  }

  clusterIP(family: string, wanted?: string): string {
    const ranges = this.ranges(family);
    return wanted === undefined ? this.anyIP(ranges) : this.thisIP(wanted, ranges);
  }

  private thisIP(wanted: string, ranges: Cidr[]): string {
    const ip = parseIp(wanted);
    const isHost = (cidr: Cidr) =>
      ip && cidrContains(cidr, ip) && ip.bits % cidrSize(cidr) !== 0n && ip.bits % cidrSize(cidr) <= hostsOf(cidr);
    if (this.dryRun) {
      if (ip && isHost(ranges[0]!)) return wanted;
      const range = formatCidr(ranges[0]!);
      throw new Error(`the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${range}`);
    }
    if (!ip || !ranges.some(isHost)) throw new Error('the provided network does not match the current range');
    if (!this.take(`clusterIP/${formatIp(ip)}`)) throw new Error('provided IP is already allocated');
    return wanted;
  }

  private anyIP(ranges: Cidr[]): string {
    if (this.dryRun) return nthAddress(ranges[0]!, 0);
    for (const cidr of ranges) {
      // The first addresses of a range are kept for those who ask for one (at most 256, at least 16).
      const size = hostsOf(cidr);
      const reserved = size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16)));
      const ip = this.firstFree(size, reserved, (place) => `clusterIP/${nthAddress(cidr, place + 1)}`);
      if (ip !== undefined) return nthAddress(cidr, ip + 1);
    }
    throw new Error('range is full');
  }

  /** A free place of `size`, from `reserved` on while there is one. */
  private firstFree(size: number, reserved: number, key: (place: number) => string): number | undefined {
    const dynamic = size - reserved;
    const start = this.world.random.int(dynamic);
    for (let step = 0; step < Math.min(size, TRIES); step++) {
      const place = step < dynamic ? reserved + ((start + step) % dynamic) : step - dynamic;
      if (this.take(key(place))) return place;
    }
    return undefined;
  }

  nodePort(wanted?: number): number {
    const { first, last } = NODE_PORTS;
    if (wanted === undefined && this.dryRun) return this.dummyPort();
    if (wanted === undefined) {
      const place = this.firstFree(last - first + 1, 86, (at) => `nodePort/${first + at}`);
      if (place === undefined) throw new Error('range is full');
      return first + place;
    }
    if (!this.dryRun && (wanted < first || wanted > last))
      throw new Error(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
    if (!this.take(`nodePort/${wanted}`)) throw new Error('provided port is already allocated');
    return wanted;
  }

  /** What a dry run shows for a port that nobody takes: one above the range, or above those that it asked for. */
  private dummyPort(): number {
    const port = Math.max(NODE_PORTS.last + 1, ...this.shown) + 1;
    this.shown = [port];
    return port;
  }

  /** Keeps the IPAddress objects, which say whose an address is, in step with a service that was written or removed. */
  record(service: KubeObject | undefined, old: KubeObject | undefined): void {
    const { store, random } = this.world;
    const [wanted, held] = [clusterIPsOf(service), clusterIPsOf(old)];
    for (const ip of held) if (!wanted.includes(ip) && store.get(ADDRESSES, '', ip)) store.remove(ADDRESSES, '', ip);
    for (const ip of wanted) {
      if (held.includes(ip) || store.get(ADDRESSES, '', ip)) continue;
      const { name, namespace } = service!.metadata;
      store.write(ADDRESSES, {
        kind: 'IPAddress',
        apiVersion: 'networking.k8s.io/v1',
        metadata: {
          name: ip,
          uid: random.uuid(),
          creationTimestamp: formatTime(this.world.now()),
          labels: {
            'ipaddress.kubernetes.io/ip-family': `IPv${parseIp(ip)?.family}`,
            'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
          },
        },
        spec: { parentRef: { name, namespace, resource: 'services' } },
      } as unknown as KubeObject);
    }
  }
}
