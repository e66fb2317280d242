import { isIP, isIPv4 } from 'node:net';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';

const UNSPECIFIED = ['0.0.0.0', '::'];

/** ValidateEndpointIP: not an address that means something of its own. */
export function validateEndpointIp(path: string, ip: string): FieldError[] {
  if (!isIP(ip)) return [invalid(path, ip, 'must be a valid IP address')];
  const refuse = (detail: string) => [invalid(path, ip, detail)];
  if (UNSPECIFIED.includes(ip)) return refuse(`may not be unspecified (${ip})`);
  const v4 = isIPv4(ip);
  if (v4 ? ip.startsWith('127.') : ip === '::1')
    return refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (v4 ? ip.startsWith('169.254.') : /^fe[89ab]/i.test(ip))
    return refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (v4 ? ip.startsWith('224.0.0.') : /^ff02/i.test(ip))
    return refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return [];
}
