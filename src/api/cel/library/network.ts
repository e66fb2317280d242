import { cidrContains, formatCidr, formatIp, type IpAddress, parseCidr, parseIp } from '../../../base/ip.ts';
import { CelRuntimeError } from '../issues.ts';
import type { Library } from './library.ts';

class Ip {
  constructor(readonly address: IpAddress) {}

  toString(): string {
    return formatIp(this.address);
  }
}

class Network {
  constructor(
    readonly address: IpAddress,
    readonly prefix: number,
  ) {}

  toString(): string {
    return `${formatIp(this.address)}/${this.prefix}`;
  }
}

const LEADING_ZERO = /(^|[.])0[0-9]/;

/** netip.ParseAddr, without zones and mapped addresses. */
function ip(text: string): Ip {
  const address = LEADING_ZERO.test(text) ? undefined : parseIp(text);
  if (!address)
    throw new CelRuntimeError(
      `IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): unable to parse IP`,
    );
  if (text.includes(':') && address.family === 4)
    throw new CelRuntimeError(`IPv4-mapped IPv6 address "${text}" is not allowed`);
  return new Ip(address);
}

function cidr(text: string): Network {
  const found = LEADING_ZERO.test(text) ? undefined : parseCidr(text);
  if (found) return new Network(found.address, found.prefix);
  const wrong = 'network address parse error during conversion from string: ';
  const cause = text.includes('/') ? 'unable to parse IP' : "no '/'";
  throw new CelRuntimeError(`${wrong}${wrong}netip.ParsePrefix("${text}"): ${cause}`);
}

const succeeds = (parse: (text: string) => unknown) => (text: string) => {
  try {
    return parse(text) !== undefined;
  } catch {
    return false;
  }
};

const within = ({ address }: Ip, network: string): boolean => cidrContains(parseCidr(network)!, address);
const anyOf = (address: Ip, ...networks: string[]): boolean => networks.some((network) => within(address, network));
const loopback = (it: Ip) => anyOf(it, '127.0.0.0/8', '::1/128');
const unspecified = (it: Ip) => anyOf(it, '0.0.0.0/32', '::/128');
const linkLocal = (it: Ip) => anyOf(it, '169.254.0.0/16', 'fe80::/10');
const multicast = (it: Ip) => anyOf(it, '224.0.0.0/4', 'ff00::/8', '255.255.255.255/32');

const containsIp = (it: Network, other: Ip) => cidrContains(it, other.address);
const containsNetwork = (it: Network, other: Network) => it.prefix <= other.prefix && cidrContains(it, other.address);

export const networks: Library = {
  types: { 'net.IP': Ip, 'net.CIDR': Network },
  functions: [
    ['ip(string): net.IP', ip],
    ['isIP(string): bool', succeeds(ip)],
    ['ip:isCanonical(string): bool', (text: string) => formatIp(ip(text).address) === text],
    ['net.IP.family(): int', (it: Ip) => BigInt(it.address.family)],
    ['net.IP.isUnspecified(): bool', unspecified],
    ['net.IP.isLoopback(): bool', loopback],
    ['net.IP.isLinkLocalMulticast(): bool', (it: Ip) => anyOf(it, '224.0.0.0/24', 'ff02::/16')],
    ['net.IP.isLinkLocalUnicast(): bool', linkLocal],
    [
      'net.IP.isGlobalUnicast(): bool',
      (it: Ip) => !loopback(it) && !unspecified(it) && !linkLocal(it) && !multicast(it),
    ],
    ['string(net.IP): string', String],
    ['cidr(string): net.CIDR', cidr],
    ['isCIDR(string): bool', succeeds(cidr)],
    ['net.CIDR.containsIP(string): bool', (it: Network, text: string) => containsIp(it, ip(text))],
    ['net.CIDR.containsIP(net.IP): bool', containsIp],
    ['net.CIDR.containsCIDR(string): bool', (it: Network, text: string) => containsNetwork(it, cidr(text))],
    ['net.CIDR.containsCIDR(net.CIDR): bool', containsNetwork],
    ['net.CIDR.ip(): net.IP', (it: Network) => new Ip(it.address)],
    ['net.CIDR.prefixLength(): int', (it: Network) => BigInt(it.prefix)],
    [
      'net.CIDR.masked(): net.CIDR',
      (it: Network) => {
        const { address, prefix } = parseCidr(formatCidr(it))!;
        return new Network(address, prefix);
      },
    ],
    ['string(net.CIDR): string', String],
  ],
};
