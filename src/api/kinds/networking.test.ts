import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, statusRefusals, statusWarnings, updateRefusals, warningsOf } from './testing.ts';

beforeAll(loadStrategies);

const INGRESSES = 'ingresses.networking.k8s.io';
const POLICIES = 'networkpolicies.networking.k8s.io';
const SLICES = 'endpointslices.discovery.k8s.io';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const slice = (endpoints: Json[], more: Json = {}): Json => ({ addressType: 'IPv4', endpoints, ...more });
const parameters = (spec: Json): Json => ({ spec: { controller: 'a.io/b', parameters: spec } });

const CREATE: [what: string, resource: string, object: Json, lines: string[]][] = [
  [
    'a backend that is an object',
    INGRESSES,
    { spec: { defaultBackend: { resource: { apiGroup: 'A', kind: 'a/b' } } } },
    [
      `spec.defaultBackend.resource.apiGroup: Invalid value: "A": ${SUBDOMAIN}`,
      'spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain \'/\'',
      'spec.defaultBackend.resource.name: Required value: name is required',
    ],
  ],
  [
    'rules that are none',
    INGRESSES,
    { spec: { rules: [] } },
    ['spec: Invalid value: []networking.IngressRule{}: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'two classes',
    INGRESSES,
    {
      metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } },
      spec: { ingressClassName: 'b', rules: [{ host: 'a.b' }] },
    },
    [
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ],
  ],
  [
    'a controller without a domain',
    'ingressclasses.networking.k8s.io',
    { spec: { controller: 'nginx' } },
    ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'parameters nowhere',
    'ingressclasses.networking.k8s.io',
    parameters({ kind: 'K', scope: 'Namespace' }),
    [
      'spec.parameters.name: Required value: name is required',
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    ],
  ],
  [
    'three types',
    POLICIES,
    { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress', 'Both'] } },
    [
      'spec.policyTypes: Invalid value: []networking.PolicyType{"Ingress", "Egress", "Both"}: may not specify more than two policyTypes',
    ],
  ],
  [
    'ends of ports',
    POLICIES,
    {
      spec: {
        podSelector: {},
        ingress: [{ ports: [{ port: 80, endPort: 70 }, { port: 'web', endPort: 90 }, { endPort: 1 }] }],
      },
    },
    [
      'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
      'spec.ingress[0].ports[1].endPort: Invalid value: 90: may not be specified when `port` is non-numeric',
      'spec.ingress[0].ports[2].endPort: Invalid value: 1: may not be specified when `port` is not specified',
    ],
  ],
  [
    'addresses of the other family',
    SLICES,
    slice([{ addresses: ['fd00::1', 'x', '127.0.0.1'] }, { addresses: [] }], { ports: [{ name: 'a' }, { name: 'a' }] }),
    [
      'ports[1].name: Duplicate value: "a"',
      'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
      'endpoints[0].addresses[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[0].addresses[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[1].addresses: Required value: must contain at least 1 address',
    ],
  ],
  [
    'names of one label',
    SLICES,
    slice([{ addresses: ['localhost'], hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }], { addressType: 'FQDN' }),
    [
      'endpoints[0].addresses[0]: Invalid value: "localhost": should be a domain with at least two segments separated by dots',
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    ],
  ],
  [
    'a range with host bits, and two of one family',
    'servicecidrs.networking.k8s.io',
    { spec: { cidrs: ['10.0.0.1/8', '10.1.0.0/16'] } },
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      'spec.cidrs: Invalid value: []string{"10.0.0.1/8", "10.1.0.0/16"}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  [
    'an address of nobody',
    'ipaddresses.networking.k8s.io',
    { metadata: { name: '10.0.0.01' }, spec: {} },
    ['metadata.name: Invalid value: "10.0.0.01": must not have leading 0s', 'spec.parentRef: Required value'],
  ],
];

describe('a create is refused for', () => {
  it.each(CREATE)('%s (%s)', (_, resource, object, lines) => {
    expect(refusals(resource, object)).toEqual(lines);
  });
});

const cidrs = (...list: string[]): Json => ({ spec: { cidrs: list } });
const UPDATE: [what: string, resource: string, before: Json, after: Json, lines: string[]][] = [
  [
    'a controller',
    'ingressclasses.networking.k8s.io',
    { spec: { controller: 'a.io/b' } },
    { spec: { controller: 'c' } },
    [
      'spec.controller: Invalid value: "c": field is immutable',
      'spec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
  ],
  [
    'a type of addresses',
    SLICES,
    slice([]),
    slice([], { addressType: 'IPv6' }),
    ['addressType: Invalid value: "IPv6": field is immutable'],
  ],
  [
    'a range that is added',
    'servicecidrs.networking.k8s.io',
    cidrs('10.0.0.0/8'),
    cidrs('10.0.0.0/8', 'fd00::/64'),
    [],
  ],
  [
    'a range',
    'servicecidrs.networking.k8s.io',
    cidrs('10.0.0.0/8'),
    cidrs('10.0.0.0/9'),
    ['spec.cidrs[0]: Invalid value: "10.0.0.0/9": field is immutable'],
  ],
  [
    'whose an address is',
    'ipaddresses.networking.k8s.io',
    { metadata: { name: '10.0.0.1' }, spec: { parentRef: { resource: 'services', name: 'a', namespace: 'b' } } },
    { spec: { parentRef: { resource: 'services', name: 'c', namespace: 'b' } } },
    [
      'spec.parentRef: Invalid value: networking.ParentReference{Group:"", Resource:"services", Namespace:"b", Name:"c"}: field is immutable',
    ],
  ],
];

describe('an update may not change', () => {
  it.each(UPDATE)('%s (%s)', (_, resource, before, after, lines) => {
    expect(updateRefusals(resource, before, after)).toEqual(lines);
  });
});

it('an ingress is reached by address or name', () => {
  const status = { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: 'A' }] } };
  expect(statusRefusals(INGRESSES, { spec: { rules: [{ host: 'a.b' }] } }, status)).toEqual([
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    `status.loadBalancer.ingress[1].hostname: Invalid value: "A": ${SUBDOMAIN}`,
  ]);
});

describe('warnings tell of', () => {
  it('the class of an ingress by annotation, unless the field says it', () => {
    const object = (spec: Json): Json => ({ metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } }, spec });
    expect(warningsOf(INGRESSES, object({ rules: [{ host: 'a.b' }] }))).toEqual([
      'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
    ]);
    expect(warningsOf(INGRESSES, object({ ingressClassName: 'a', rules: [{ host: 'a.b' }] }))).toEqual([]);
  });

  it('addresses in an odd form', () => {
    const ipBlock = { cidr: '10.0.0.0/8', except: ['10.1.2.3/16'] };
    expect(warningsOf(POLICIES, { spec: { podSelector: {}, egress: [{ to: [{ ipBlock }] }] } })).toEqual([
      'spec.egress[0].to[0].ipBlock.except[0]: CIDR value "10.1.2.3/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.2.3/32"?)',
    ]);
    expect(warningsOf('endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.01' }] }] })).toEqual([
      'subsets[0].notReadyAddresses[0].ip: non-standard IP address "10.0.0.01" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    ]);
    expect(warningsOf(SLICES, slice([{ addresses: ['a.b'] }], { addressType: 'FQDN' }))).toEqual([
      'spec.addressType: FQDN endpoints are deprecated',
    ]);
  });
});

it.each(['services', INGRESSES])('the status of %s warns of addresses in odd forms', (resource) => {
  const ingress = [{ ip: '010.0.0.1' }, { hostname: 'a.b' }, { ip: '2001:DB8::1' }];
  expect(statusWarnings(resource, { status: { loadBalancer: { ingress } } })).toEqual([
    'status.loadBalancer.ingress[0]: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    'status.loadBalancer.ingress[2]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
  ]);
});
