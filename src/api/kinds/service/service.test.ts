import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from '../index.ts';
import { type Json, refusals, statusRefusals, stored, updated, updateRefusals, warningsOf } from '../testing.ts';

const ports = [{ port: 80 }];
const service = (spec: Json, annotations?: Json): Json => ({ metadata: { annotations }, spec: { ports, ...spec } });

beforeAll(loadStrategies);

const CREATE: [what: string, object: Json, lines: string[]][] = [
  [
    'clients of what is no load balancer',
    service({ loadBalancerSourceRanges: [' 10.0.0.0/8 ', '10.0.0.1/33'] }),
    [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'the same by annotation',
    service({ type: 'LoadBalancer' }, { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8,x' }),
    [
      'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'two modes of topology',
    service({}, { 'service.kubernetes.io/topology-aware-hints': 'Auto', 'service.kubernetes.io/topology-mode': 'x' }),
    [
      'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "x": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    ],
  ],
  [
    'two families on a cluster with one',
    service({ ipFamilyPolicy: 'RequireDualStack' }),
    ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
  ],
  [
    'the family that a cluster has not',
    service({ ipFamilies: ['IPv6'] }),
    ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  ],
  [
    'an address of that family',
    service({ clusterIP: 'fd00::1' }),
    ['spec.clusterIPs[0]: Invalid value: []string{"fd00::1"}: IPv6 is not configured on this cluster'],
  ],
  [
    'two families with a single stack',
    service({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }),
    [
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
  ],
  [
    'external addresses that mean something else',
    service({ externalIPs: ['127.0.0.1', '::', 'x'] }),
    [
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[1]: Invalid value: "::": may not be unspecified (::)',
      'spec.externalIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'one node port for two numbers',
    service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 30080 },
        { name: 'b', port: 81, nodePort: 1 },
      ],
    }),
    [
      'spec.ports[1].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
];

describe('a service is refused for', () => {
  it.each(CREATE)('%s', (_, object, lines) => {
    expect(refusals('services', object)).toEqual(lines);
  });
});

const UPDATE: [what: string, before: Json, after: Json, lines: string[]][] = [
  [
    'an address given up',
    service({ clusterIP: '10.96.0.7' }),
    service({ clusterIP: 'None', clusterIPs: ['None'] }),
    ['spec.clusterIPs[0]: Invalid value: []string{"None"}: may not change once set'],
  ],
  [
    'a class of load balancers',
    service({ type: 'LoadBalancer', loadBalancerClass: 'a/b' }),
    service({ type: 'LoadBalancer', loadBalancerClass: 'a/c' }),
    ['spec.loadBalancerClass: Invalid value: "a/c": may not change once set'],
  ],
  [
    'the port of health checks',
    service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 }),
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
];

describe('a change is refused for', () => {
  it.each(UPDATE)('%s', (_, before, after, lines) => {
    expect(updateRefusals('services', before, after)).toEqual(lines);
  });
});

describe('what is handed out', () => {
  it('is shared by ports of one number', () => {
    const dns = [
      { name: 'udp', port: 53, protocol: 'UDP' },
      { name: 'tcp', port: 53 },
      { name: 'web', port: 80 },
    ];
    const { spec } = stored('services', { spec: { type: 'NodePort', ports: dns } }) as unknown as {
      spec: { ports: { nodePort: number }[] };
    };
    const [udp, tcp, web] = spec.ports.map(({ nodePort }) => nodePort);
    expect(udp).toBe(tcp);
    expect(web).not.toBe(udp);
  });

  it('goes when the type changes, unless the client says otherwise', () => {
    const { draft, lines } = updated('services', service({ type: 'NodePort' }), {
      spec: {
        type: 'ExternalName',
        externalName: 'example.com',
        clusterIP: '10.96.0.11',
        ports: [{ port: 80, nodePort: 30100 }],
      },
    });
    expect(lines).toEqual([]);
    expect((draft as unknown as { spec: Json }).spec).toEqual({
      type: 'ExternalName',
      externalName: 'example.com',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
    });
  });

  it('stays with a headless service of both families', () => {
    expect(stored('services', service({ clusterIP: 'None' }))).toMatchObject({
      spec: { clusterIPs: ['None'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    });
  });
});

it('the status of a load balancer names addresses and hosts', () => {
  const ingress = [{ ip: '10.0.0.1' }, { ip: 'x', ipMode: 'Some' }, { hostname: '1.2.3.4', ipMode: 'VIP' }];
  expect(statusRefusals('services', service({ type: 'LoadBalancer' }), { loadBalancer: { ingress } })).toEqual([
    'status.loadBalancer.ingress[0].ipMode: Required value: must be specified when `ip` is set',
    'status.loadBalancer.ingress[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[1].ipMode: Unsupported value: "Some": supported values: "Proxy", "VIP"',
    'status.loadBalancer.ingress[2].ipMode: Forbidden: may not be specified when `ip` is not set',
    'status.loadBalancer.ingress[2].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ]);
  expect(statusRefusals('services', service({}), { loadBalancer: { ingress } })).toEqual([
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ]);
});

it('addresses in an odd form are warned of', () => {
  const spec = {
    type: 'LoadBalancer',
    externalName: 'a.b',
    externalIPs: ['192.168.001.2', 'FD00::1'],
    loadBalancerSourceRanges: ['10.0.0.1/8'],
  };
  expect(warningsOf('services', service(spec, { 'service.kubernetes.io/topology-aware-hints': 'Auto' }))).toEqual([
    'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    'spec.externalIPs[0]: non-standard IP address "192.168.001.2" will be considered invalid in a future Kubernetes release: use "192.168.1.2"',
    'spec.externalIPs[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
    'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ]);
});
