import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, statusRefusals, stored, updateRefusals, warningsOf } from './testing.ts';

beforeAll(loadStrategies);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const quota = (spec: Json): Json => ({ spec });
const NEW_EVENTS = 'events.events.k8s.io';
const event: Json = {
  regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  eventTime: '2026-11-21T04:13:05.000000Z',
  reportingController: 'a.io/b',
  reportingInstance: 'i',
  action: 'A',
  reason: 'R',
  type: 'Normal',
};

const CREATE: [what: string, resource: string, object: Json, lines: string[]][] = [
  [
    'finalizers of nobody',
    'configmaps',
    { metadata: { finalizers: ['mine', 'kubernetes', 'a.io/b'] } },
    [
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
  [
    'scopes that cannot count, and fight',
    'resourcequotas',
    quota({ hard: { pods: '1', services: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }),
    [
      'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort", "NotBestEffort"}: unsupported scope applied to resource',
      'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort", "NotBestEffort"}: unsupported scope applied to resource',
      'spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort", "NotBestEffort"}: conflicting scopes',
    ],
  ],
  [
    'a selector of scopes',
    'resourcequotas',
    quota({
      hard: { pods: '1' },
      scopeSelector: {
        matchExpressions: [
          { scopeName: 'BestEffort', operator: 'In', values: ['x'] },
          { scopeName: 'PriorityClass', operator: 'In' },
          { scopeName: 'Some', operator: 'Exists', values: ['x'] },
        ],
      },
    }),
    [
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Some": unsupported scope',
      "spec.scopeSelector.matchExpressions.values: Invalid value: []string{\"x\"}: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ],
  ],
  [
    'a quota of what nobody counts',
    'resourcequotas',
    quota({ hard: { gold: '1', pods: '1500m' } }),
    [
      'spec.hard[gold]: Invalid value: gold: must be a standard resource type or fully qualified',
      'spec.hard[gold]: Invalid value: gold: must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: resource.Quantity{i:resource.int64Amount{value:1500, scale:-3}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1500m", Format:"DecimalSI"}: must be an integer',
    ],
  ],
  [
    'a registry secret that is no object',
    'secrets',
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{"auths": nope}') } },
    [
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'o' in literal null (expecting 'u')",
    ],
  ],
  [
    'a token of no account',
    'secrets',
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  [
    'half a key twice',
    'configmaps',
    { data: { a: '1', 'b c': '2' }, binaryData: { a: 'MQ==' } },
    [
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
      "data[b c]: Invalid value: \"b c\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  [
    'an event of another namespace',
    'events',
    { involvedObject: { namespace: 'other' } },
    ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  ],
  [
    'an event that is half new',
    'events',
    { involvedObject: { namespace: 'default' }, eventTime: '2026-11-21T04:13:05.000000Z' },
    [
      'reportingComponent: Required value',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  ],
  [
    'a new event with old fields',
    NEW_EVENTS,
    { ...event, type: 'Odd', deprecatedCount: 2, deprecatedSource: { component: 'x' }, series: { count: 1 } },
    [
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
      'type: Invalid value: "": has invalid value: Odd',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  ],
  [
    'a node with two networks of a family',
    'nodes',
    { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }, status: { capacity: { pods: '-1' } } },
    [
      'status.capacity.pods: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.pods: Invalid value: "-1": must be greater than or equal to 0',
      'spec.podCIDRs: Invalid value: []string{"10.0.0.0/24", "10.0.1.0/24"}: may specify no more than one CIDR for each IP family',
    ],
  ],
  [
    'tolerations of a runtime',
    'runtimeclasses.node.k8s.io',
    {
      handler: 'A',
      scheduling: {
        tolerations: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'Exists' },
        ],
      },
      overhead: { podFixed: { gold: '1' } },
    },
    [
      "handler: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'overhead.limits[gold]: Invalid value: gold: must be a standard resource type or fully qualified',
      'overhead.limits[gold]: Invalid value: gold: must be a standard resource for containers',
      'scheduling.tolerations[1]: Duplicate value: core.Toleration{Key:"a", Operator:"Exists", Value:"", Effect:"", TolerationSeconds:(*int64)(nil)}',
    ],
  ],
];

describe('a create is refused for', () => {
  it.each(CREATE)('%s (%s)', (_, resource, object, lines) => {
    expect(refusals(resource, object)).toEqual(lines);
  });
});

const UPDATE: [what: string, resource: string, before: Json, after: Json, lines: string[]][] = [
  [
    'scopes',
    'resourcequotas',
    quota({ hard: { pods: '1' }, scopes: ['BestEffort'] }),
    quota({ hard: { pods: '1' } }),
    ['spec.scopes: Invalid value: []core.ResourceQuotaScope(nil): field is immutable'],
  ],
  [
    'a type, before its keys are asked for',
    'secrets',
    { data: {} },
    { type: 'kubernetes.io/tls', data: {} },
    [
      'type: Invalid value: "kubernetes.io/tls": field is immutable',
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ],
  ],
  [
    'an event but its series',
    NEW_EVENTS,
    event,
    { ...event, note: 'n', regarding: { kind: 'Pod', name: 'q', namespace: 'default' }, series: { count: 2 } },
    [
      'series.lastObservedTime: Required value',
      'involvedObject: Invalid value: core.ObjectReference{Kind:"Pod", Namespace:"default", Name:"q", UID:"", APIVersion:"", ResourceVersion:"", FieldPath:""}: field is immutable',
      'message: Invalid value: "n": field is immutable',
    ],
  ],
  [
    'the value of a priority',
    'priorityclasses.scheduling.k8s.io',
    { value: 1 },
    { value: 2_000_000_000, preemptionPolicy: 'Never' },
    [
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
  ],
  [
    'a network of pods',
    'nodes',
    { spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'a' } },
    { spec: { providerID: 'b' } },
    [
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
  ],
];

describe('an update may not change', () => {
  it.each(UPDATE)('%s (%s)', (_, resource, before, after, lines) => {
    expect(updateRefusals(resource, before, after)).toEqual(lines);
  });
});

it('the use of a quota is counted in known resources', () => {
  expect(statusRefusals('resourcequotas', quota({}), { used: { pods: '-1' } })).toEqual([
    'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});

it('a service account keeps the names of its secrets alone', () => {
  expect(stored('serviceaccounts', { secrets: [{ name: 'a', namespace: 'b', kind: 'Secret' }] })).toMatchObject({
    secrets: [{ name: 'a' }],
  });
});

describe('warnings tell of', () => {
  it('a pair of keys that is none', () => {
    const pair = (cert: string, key: string) =>
      warningsOf('secrets', { type: 'kubernetes.io/tls', data: { 'tls.crt': base64(cert), 'tls.key': base64(key) } });
    const pem = (type: string) => `-----BEGIN ${type}-----\nYQ==\n-----END ${type}-----\n`;
    expect(pair('x', 'x')).toEqual(['tls: failed to find any PEM data in certificate input']);
    expect(pair(pem('RSA PRIVATE KEY'), 'x')).toEqual([
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ]);
    expect(pair(pem('CERTIFICATE'), pem('CERTIFICATE'))).toEqual([
      'tls: found a certificate rather than a key in the PEM for the private key',
    ]);
    expect(pair(pem('CERTIFICATE'), pem('PRIVATE KEY'))).toEqual(['x509: malformed certificate']);
  });

  it('mountable secrets', () => {
    const metadata = { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } };
    expect(warningsOf('serviceaccounts', { metadata })).toEqual([
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ]);
  });
});
