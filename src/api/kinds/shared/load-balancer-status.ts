import { parseIp } from '../../../base/ip.ts';
import type { Service } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, subdomain1123 } from './checks.ts';
import { ipField, ipWarnings } from './ips.ts';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>[number];

const MODES = ['Proxy', 'VIP'];

function validateMode({ ip, ipMode }: Ingress, at: string): FieldError[] {
  if (ipMode === undefined) return ip ? [required(at, 'must be specified when `ip` is set')] : [];
  if (!ip) return [forbidden(at, 'may not be specified when `ip` is not set')];
  return MODES.includes(ipMode) ? [] : [notSupported(at, ipMode, MODES)];
}

/** A host name by which a load balancer is reached. */
export const validateLoadBalancerHost = (hostname: string, at: string): FieldError[] => [
  ...subdomain1123(at, hostname),
  ...(parseIp(hostname) ? [invalid(at, hostname, 'must be a DNS name, not an IP address')] : []),
];

/** ValidateLoadBalancerStatus: addresses and names under which a load balancer answers. */
export const validateLoadBalancerStatus = (ingress: Ingress[], path: string): FieldError[] =>
  each(ingress, `${path}.ingress`, (one, at) => [
    ...(one.ip ? ipField(`${at}.ip`, one.ip) : []),
    ...validateMode(one, `${at}.ipMode`),
    ...(one.hostname ? validateLoadBalancerHost(one.hostname, `${at}.hostname`) : []),
  ]);

interface Balanced {
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

/** What a change of the status of a service or an ingress is warned of. */
export const loadBalancerWarnings = ({ status }: Balanced): string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) =>
    ip ? ipWarnings(`status.loadBalancer.ingress[${i}]`, ip) : [],
  );
