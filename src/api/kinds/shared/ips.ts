import {
  type Cidr,
  cidrContains,
  cidrSize,
  formatCidr,
  formatIp,
  type IpAddress,
  isCidr,
  isIp,
  parseCidr,
  parseIp,
} from '../../../base/ip.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { invalidEach } from './checks.ts';

/** IsValidIPForLegacyField: an address in a field that is older than strict checking. */
export const ipField = (path: string, ip: string): FieldError[] => invalidEach(path, ip, isIp(ip));

/** IsValidCIDRForLegacyField, the same for a network. */
export const cidrField = (path: string, cidr: string): FieldError[] => invalidEach(path, cidr, isCidr(cidr));

const canonicalForm = (path: string, text: string, canonical: string): FieldError[] =>
  text === canonical ? [] : [invalid(path, text, `must be in canonical form ("${canonical}")`)];

/** IsValidIP: an address in a newer field, which takes the canonical form alone. */
export function strictIpField(path: string, text: string): FieldError[] {
  const wrong = isIp(text, true);
  return wrong.length > 0 ? invalidEach(path, text, wrong) : canonicalForm(path, text, formatIp(parseIp(text)!));
}

/** IsValidCIDR, the same for a network. */
export function strictCidrField(path: string, text: string): FieldError[] {
  const wrong = isCidr(text, true);
  return wrong.length > 0 ? invalidEach(path, text, wrong) : canonicalForm(path, text, formatCidr(parseCidr(text)!));
}

/** Addresses that mean something of their own, and what is said of them; `%` is the address. */
const SPECIAL: readonly [networks: string[], detail: string][] = [
  [['0.0.0.0/32', '::/128'], 'may not be unspecified (%)'],
  [['127.0.0.0/8', '::1/128'], 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [['169.254.0.0/16', 'fe80::/10'], 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [['224.0.0.0/24', 'ff02::/16'], 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** ValidateEndpointIP */
export function validateEndpointIp(path: string, text: string): FieldError[] {
  const ip = parseIp(text);
  if (!ip) return [invalid(path, text, 'must be a valid IP address')];
  return SPECIAL.filter(([networks]) => networks.some((network) => cidrContains(parseCidr(network)!, ip))).map(
    ([, detail]) => invalid(path, text, detail.replace('%', text)),
  );
}

const LEADING_ZERO = /(^|[.])0[0-9]/;
const isMapped = (text: string, { family }: IpAddress) => family === 4 && text.includes(':');

/** validation.GetWarningsForIP: addresses that are understood today, written as they should not be. */
export function ipWarnings(path: string, text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return [];
  const canonical = formatIp(ip);
  if (LEADING_ZERO.test(text) || isMapped(text, ip))
    return [
      `${path}: non-standard IP address "${text}" will be considered invalid in a future Kubernetes release: use "${canonical}"`,
    ];
  return canonical === text
    ? []
    : [`${path}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${canonical}")`];
}

const single = ({ address }: Cidr): string => `${formatIp(address)}/${address.family === 4 ? 32 : 128}`;

/** validation.GetWarningsForCIDR */
export function cidrWarnings(path: string, text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [];
  const canonical = formatCidr(cidr);
  const warnings: string[] = [];
  if (cidr.address.bits % cidrSize(cidr) !== 0n)
    warnings.push(
      `${path}: CIDR value "${text}" is ambiguous in this context (should be "${canonical}" or "${single(cidr)}"?)`,
    );
  if (LEADING_ZERO.test(text) || /\/0[0-9]/.test(text) || isMapped(text, cidr.address))
    warnings.push(
      `${path}: non-standard CIDR value "${text}" will be considered invalid in a future Kubernetes release: use "${canonical}"`,
    );
  return warnings.length > 0 || canonical === text
    ? warnings
    : [`${path}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${canonical}")`];
}
