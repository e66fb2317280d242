import { isIPv4, isIPv6 } from 'node:net';
import { isDns1123Label, isPortNumber } from '../../../base/names.ts';
import type { EndpointSlice } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, required, tooMany } from '../../machinery/field-errors.ts';
import { each, immutable, invalidEach, label1123, oneOf, qualifiedName, subdomain1123 } from '../shared/checks.ts';
import { PROTOCOLS } from '../shared/containers.ts';
import { validateEndpointIp } from '../shared/ips.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

type Endpoint = EndpointSlice['endpoints'][number];

const TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ADDRESSES = 100;
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 20_000;

function validateAddress(type: string, address: string, at: string): FieldError[] {
  if (type === 'FQDN') return subdomain1123(at, address);
  const fits = type === 'IPv4' ? isIPv4(address) : isIPv6(address);
  if (!fits) return [invalid(at, address, `must be a valid ${type} address`)];
  return validateEndpointIp(at, address);
}

function validateEndpoint({ addresses, hostname, nodeName }: Endpoint, type: string, path: string): FieldError[] {
  const at = `${path}.addresses`;
  const count = addresses?.length ?? 0;
  return [
    ...(count === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...(count > MAX_ADDRESSES ? [tooMany(at, count, MAX_ADDRESSES)] : []),
    ...each(addresses, at, (address, addressPath) => validateAddress(type, address, addressPath)),
    ...(nodeName === undefined ? [] : subdomain1123(`${path}.nodeName`, nodeName)),
    ...(hostname === undefined ? [] : label1123(`${path}.hostname`, hostname)),
  ];
}

function validate(slice: EndpointSlice): FieldError[] {
  const names = new Set<string>();
  const { addressType } = slice;
  // Go writes a slice without endpoints with null.
  const endpoints = slice.endpoints ?? [];
  const ports = slice.ports ?? [];
  return [
    ...oneOf('addressType', addressType, TYPES),
    ...(endpoints.length > MAX_ENDPOINTS ? [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)] : []),
    ...each(endpoints, 'endpoints', (endpoint, at) => validateEndpoint(endpoint, addressType, at)),
    ...(ports.length > MAX_PORTS ? [tooMany('ports', ports.length, MAX_PORTS)] : []),
    ...each(ports, 'ports', ({ name = '', protocol, port, appProtocol }, at) => {
      const errors = name ? invalidEach(`${at}.name`, name, isDns1123Label(name)) : [];
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
      return [
        ...errors,
        ...oneOf(`${at}.protocol`, protocol, PROTOCOLS),
        ...(port === undefined ? [] : invalidEach(`${at}.port`, port, isPortNumber(port))),
        ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
      ];
    }),
  ];
}

export const strategy: KindRules<EndpointSlice> = {
  resource: 'endpointslices.discovery.k8s.io',
  setDefaults: ({ ports, endpoints }) => {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {};
  },
  ...generationOf('endpoints', 'ports', 'addressType'),
  validate,
  validateUpdate: (slice, old) => immutable('addressType', slice.addressType, old.addressType),
};
