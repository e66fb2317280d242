import { cidrContains, cidrSize, formatIp, nthAddress, parseCidr, parseIp } from '../../base/ip.ts';
import type { Allocator } from '../kinds/kind.ts';
import type { ApiWorld } from '../world.ts';

const NODE_PORTS = { first: 30000, last: 32767 };

type Change = { key: string; held: boolean };

/** Hands out cluster IPs and node ports; nothing is kept until `commit`, so that a refused or dry request takes none. */
export class AllocationTransaction implements Allocator {
  private readonly changes: Change[] = [];

  constructor(private readonly world: ApiWorld) {}

  private get section() {
    return this.world.state.section<boolean>('allocations');
  }

  private isTaken(key: string): boolean {
    const last = this.changes.findLast((change) => change.key === key);
    return last ? last.held : this.section.has(key);
  }

  private take(key: string): void {
    this.changes.push({ key, held: true });
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

  release(kind: 'clusterIP' | 'nodePort', value: string | number): void {
    this.changes.push({ key: `${kind}/${value}`, held: false });
  }

  /** Writes to the state what was taken and released. */
  commit(): void {
    for (const { key, held } of this.changes) {
      if (held) this.section.set(key, true);
      else this.section.delete(key);
    }
  }
}
