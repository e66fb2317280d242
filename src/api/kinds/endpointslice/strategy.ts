import { isIp, parseIp } from '../../../base/ip.ts';
import { isLabelValue } from '../../../base/names.ts';
import type { EndpointSlice } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, required, tooMany } from '../../machinery/field-errors.ts';
import {
  each,
  immutable,
  invalidEach,
  label1123,
  oneOf,
  oneOfIfSet,
  qualifiedName,
  same,
  subdomain1123,
} from '../shared/checks.ts';
import { PROTOCOLS } from '../shared/containers.ts';
import { fullyQualifiedDomainName } from '../shared/domains.ts';
import { ipField, ipWarnings, strictIpField, validateEndpointIp } from '../shared/ips.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';

type Endpoint = EndpointSlice['endpoints'][number];
type Port = NonNullable<EndpointSlice['ports']>[number];

const TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ADDRESSES = 100;
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 20_000;
const MAX_ZONES = 8;
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** What these write is right, and not looked at. */
const CONTROLLERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** `list` is the path of all addresses, at which the real one reports those of the other family. */
function validateAddress(type: string, address: string, at: string, list: string): FieldError[] {
  if (type === 'FQDN') return fullyQualifiedDomainName(at, address);
  if (!TYPES.includes(type)) return [];
  const wrong = type === 'IPv4' ? ipField(at, address) : strictIpField(at, address);
  if (wrong.length > 0) return wrong;
  const fits = `IPv${parseIp(address)?.family}` === type;
  return [...(fits ? [] : [invalid(list, address, `must be an ${type} address`)]), ...validateEndpointIp(at, address)];
}

function validateHints({ forZones = [] }: NonNullable<Endpoint['hints']>, path: string): FieldError[] {
  if (forZones.length > MAX_ZONES) return [tooMany(`${path}.forZones`, forZones.length, MAX_ZONES)];
  const names = forZones.map(({ name }) => name);
  return each(names, `${path}.forZones`, (name, at, index) => [
    ...(names.indexOf(name) < index ? [duplicate(`${at}.name`, name)] : []),
    ...invalidEach(`${at}.name`, name, isLabelValue(name)),
  ]);
}

function validateEndpoint(
  { addresses, hostname, nodeName, hints }: Endpoint,
  type: string,
  path: string,
): FieldError[] {
  const at = `${path}.addresses`;
  const count = addresses?.length ?? 0;
  return [
    ...(count === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...(count > MAX_ADDRESSES ? [tooMany(at, count, MAX_ADDRESSES)] : []),
    ...each(addresses, at, (address, addressPath) => validateAddress(type, address, addressPath, at)),
    ...(nodeName === undefined ? [] : subdomain1123(`${path}.nodeName`, nodeName)),
    ...(hostname === undefined ? [] : label1123(`${path}.hostname`, hostname)),
    ...(hints ? validateHints(hints, `${path}.hints`) : []),
  ];
}

function validatePorts(ports: Port[]): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const names = ports.map(({ name = '' }) => name);
  return each(ports, 'ports', ({ protocol, appProtocol }, at, index) => {
    const name = names[index]!;
    return [
      ...(name ? label1123(`${at}.name`, name) : []),
      ...(names.indexOf(name) < index ? [duplicate(`${at}.name`, name)] : []),
      ...oneOfIfSet(`${at}.protocol`, protocol, PROTOCOLS),
      ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}

function validate(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  return [
    ...oneOf('addressType', slice.addressType, TYPES),
    ...validatePorts(slice.ports ?? []),
    // What was right once may stay.
    ...(old && same(slice.endpoints, old.endpoints) ? [] : validateEndpoints(slice)),
  ];
}

function validateEndpoints({ addressType, endpoints: given }: EndpointSlice): FieldError[] {
  // Go writes a slice without endpoints with null.
  const endpoints = given ?? [];
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  return each(endpoints, 'endpoints', (endpoint, at) => validateEndpoint(endpoint, addressType, at));
}

/** deprecatedTopology is read only, and hints for nodes are behind a gate that is off. */
function dropDisabled({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) {
    delete endpoint.deprecatedTopology;
    if (endpoint.hints) delete (endpoint.hints as { forNodes?: unknown }).forNodes;
  }
}

export const strategy: KindRules<EndpointSlice> = {
  resource: 'endpointslices.discovery.k8s.io',
  updateChecks: ['object', 'changes'],
  setDefaults: ({ ports, endpoints }) => {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {};
  },
  prepareForCreate: (slice) => {
    slice.metadata.generation = 1;
    dropDisabled(slice);
  },
  prepareForUpdate: (slice, old) => {
    dropDisabled(slice);
    countGeneration(slice, old, ['endpoints', 'ports', 'addressType']);
    const relabelled = !same(slice.metadata.labels ?? {}, old.metadata.labels ?? {});
    if (relabelled && slice.metadata.generation === old.metadata.generation)
      slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: (slice, _, old) => validate(slice, old),
  validateUpdate: (slice, old) => immutable('addressType', slice.addressType, old.addressType),
  warnings: ({ metadata, addressType, endpoints }, old) => [
    ...(addressType === 'FQDN' && !old ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...(CONTROLLERS.includes(metadata.labels?.[MANAGED_BY] ?? '')
      ? []
      : (endpoints ?? []).flatMap(({ addresses }, index) =>
          (addresses ?? []).flatMap((address, at) =>
            isIp(address).length > 0 ? [] : ipWarnings(`endpoints[${index}].addresses[${at}]`, address),
          ),
        )),
  ],
};
