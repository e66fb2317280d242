import { cidrContains, cidrSize, formatIp, nthAddress, parseCidr, parseIp } from '../../base/ip.ts';
import type { Service } from '../../types/objects.ts';
import type { Allocator } from '../kinds/kind.ts';
import type { ApiWorld } from '../world.ts';

const NODE_PORTS = { first: 30000, last: 32767 };

/** What the services of a cluster hold, as `clusterIP/10.96.0.1` and `nodePort/30080`. */
function heldBy(services: Service[]): Set<string> {
  const held = new Set<string>();
  for (const { spec } of services) {
    for (const ip of spec?.clusterIPs ?? []) held.add(`clusterIP/${ip}`);
    for (const { nodePort } of spec?.ports ?? []) if (nodePort) held.add(`nodePort/${nodePort}`);
    if (spec?.healthCheckNodePort) held.add(`nodePort/${spec.healthCheckNodePort}`);
  }
  return held;
}

/**
 * Hands out cluster IPs and node ports for one request. The services themselves say which are taken, so that nothing needs to be
 * given back, and a refused or dry request takes none.
 */
export class ServiceAllocator implements Allocator {
  private held?: Set<string>;

  constructor(private readonly world: ApiWorld) {}

  private isTaken(key: string): boolean {
    this.held ??= heldBy(this.world.store.list('services') as Service[]);
    return this.held.has(key);
  }

  private take(key: string): void {
    this.held?.add(key);
  }

  clusterIP(wanted?: string): string {
    const cidr = parseCidr(this.world.serviceCIDR)!;
    if (wanted !== undefined) {
      const ip = parseIp(wanted);
      if (!ip || !cidrContains(cidr, ip)) throw new Error('the provided network does not match the current range');
      const key = `clusterIP/${formatIp(ip)}`;
      if (this.isTaken(key)) throw new Error('provided IP is already allocated');
      this.take(key);
      return formatIp(ip);
    }
    // The first addresses of the range are kept for those who ask for one (at most 256, at least 16).
    const size = Number(cidrSize(cidr)) - 2;
    const reserved = Math.min(256, Math.max(16, Math.floor(size / 16)));
    for (let tries = 0; tries < 1000; tries++) {
      const ip = nthAddress(cidr, reserved + 1 + this.world.random.int(size - reserved));
      if (this.isTaken(`clusterIP/${ip}`)) continue;
      this.take(`clusterIP/${ip}`);
      return ip;
    }
    throw new Error('range is full');
  }

  nodePort(wanted?: number): number {
    const { first, last } = NODE_PORTS;
    if (wanted !== undefined) {
      if (wanted < first || wanted > last)
        throw new Error(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
      if (this.isTaken(`nodePort/${wanted}`)) throw new Error('provided port is already allocated');
      this.take(`nodePort/${wanted}`);
      return wanted;
    }
    const reserved = 86;
    for (let tries = 0; tries < 10_000; tries++) {
      const port = first + reserved + this.world.random.int(last - first - reserved + 1);
      if (this.isTaken(`nodePort/${port}`)) continue;
      this.take(`nodePort/${port}`);
      return port;
    }
    throw new Error('range is full');
  }
}
