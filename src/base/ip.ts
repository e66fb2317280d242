/** An address as its 32 or 128 bits. */
export interface IpAddress {
  family: 4 | 6;
  bits: bigint;
}

export interface Cidr {
  /** The address as written, host bits included. */
  address: IpAddress;
  prefix: number;
}

const size = (family: 4 | 6) => (family === 4 ? 32 : 128);

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]{1,}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(Number(part)), 0n);
}

/** The 16-bit groups of one side of `::`, an IPv4 address at its end counting as two. */
function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const [left, right] = sides.map(parseGroups);
  if (!left || (sides.length === 2 && !right)) return undefined;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...new Array<bigint>(missing).fill(0n), ...(right ?? [])];
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** Reads an address as netutils.ParseIPSloppy does (leading zeros allowed; IPv4-mapped IPv6 counts as IPv4). */
export function parseIp(text: string): IpAddress | undefined {
  const four = parseIpv4(text);
  if (four !== undefined) return { family: 4, bits: four };
  const six = text.includes(':') ? parseIpv6(text) : undefined;
  if (six === undefined) return undefined;
  return six >> 32n === 0xffffn ? { family: 4, bits: six & 0xffffffffn } : { family: 6, bits: six };
}

/** The canonical text (RFC 5952). */
export function formatIp({ family, bits }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : 'x'))
      .join('')
      .matchAll(/00+/g),
  ];
  const longest = runs.reduce<RegExpMatchArray | undefined>(
    (best, run) => (!best || run[0].length > best[0].length ? run : best),
    undefined,
  );
  if (!longest) return groups.join(':');
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(longest.index! + longest[0].length).join(':')}`;
}

/** Reads `address/prefix`; undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const at = text.indexOf('/');
  const address = at < 0 ? undefined : parseIp(text.slice(0, at));
  const prefix = text.slice(at + 1);
  if (!address || !/^[0-9]+$/.test(prefix) || Number(prefix) > size(address.family)) return undefined;
  return { address, prefix: Number(prefix) };
}

/** The bits that `prefix` leaves to hosts. */
const hostMask = (family: 4 | 6, prefix: number) => (1n << BigInt(size(family) - prefix)) - 1n;

/** The canonical text of the network: its host bits zero. */
export function formatCidr({ address: { family, bits }, prefix }: Cidr): string {
  return `${formatIp({ family, bits: bits & ~hostMask(family, prefix) })}/${prefix}`;
}

export const cidrContains = ({ address, prefix }: Cidr, ip: IpAddress): boolean =>
  ip.family === address.family && (ip.bits ^ address.bits) <= hostMask(address.family, prefix);

/** The address `offset` places into the network: `10.244.1.0/24`, 1 → `10.244.1.1`. */
export const nthAddress = ({ address: { family, bits }, prefix }: Cidr, offset: number): string =>
  formatIp({ family, bits: (bits & ~hostMask(family, prefix)) + BigInt(offset) });

/** How many addresses the network has. */
export const cidrSize = ({ address, prefix }: Cidr): bigint => hostMask(address.family, prefix) + 1n;

const INVALID_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const INVALID_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const LEADING_ZERO = /(^|[.])0[0-9]/;

/** What is wrong with an address in a field of the API that predates strict checking (not strict: leading zeros pass). */
export function isIp(text: string, strict = false): string[] {
  if (!parseIp(text)) return [INVALID_IP];
  if (!strict) return [];
  if (LEADING_ZERO.test(text)) return ['must not have leading 0s'];
  return text.includes(':') && parseIp(text)!.family === 4 ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

/** The same for networks; strict ones have no host bits. */
export function isCidr(text: string, strict = false): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [INVALID_CIDR];
  if (!strict) return [];
  if (LEADING_ZERO.test(text) || /\/0[0-9]/.test(text)) return ['must not have leading 0s in IP or prefix length'];
  if (text.includes(':') && cidr.address.family === 4) return ['must not have an IPv4-mapped IPv6 address'];
  const hostBits = cidr.address.bits & hostMask(cidr.address.family, cidr.prefix);
  return hostBits === 0n ? [] : ['must not have bits set beyond the prefix length'];
}
