import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, statusRefusals, stored, updateRefusals } from './testing.ts';

beforeAll(loadStrategies);

const BUDGETS = 'poddisruptionbudgets.policy';
const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io';
const LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';
const SERVICES = 'apiservices.apiregistration.k8s.io';

const schema = (rule: Json): Json => ({
  spec: { priorityLevelConfiguration: { name: 'catch-all' }, rules: [rule] },
});
const everyone = [{ kind: 'Group', group: { name: 'g' } }];
const limited = (spec: Json): Json => ({ spec: { type: 'Limited', limited: spec } });

const CREATE: [what: string, resource: string, object: Json, lines: string[]][] = [
  [
    'two bounds and a part over the whole',
    BUDGETS,
    { spec: { minAvailable: 1, maxUnavailable: '200%', unhealthyPodEvictionPolicy: 'Never' } },
    [
      'spec: Invalid value: policy.PodDisruptionBudgetSpec{MinAvailable:(*intstr.IntOrString)(0xc000a1e2c0), Selector:(*v1.LabelSelector)(nil), MaxUnavailable:(*intstr.IntOrString)(0xc000a1e2e0), UnhealthyPodEvictionPolicy:(*policy.UnhealthyPodEvictionPolicyType)(0xc000a1e340)}: minAvailable and maxUnavailable cannot be both set',
      'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"200%"}: must not be greater than 100%',
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ],
  [
    'a signer that is none',
    REQUESTS,
    { spec: { request: '', signerName: 'local/A.b', usages: ['any', 'any'], expirationSeconds: 1 } },
    [
      'spec.request: Invalid value: []byte{}: PEM block type must be CERTIFICATE REQUEST',
      'spec.usages[1]: Duplicate value: "any"',
      'spec.signerName: Invalid value: "local": should be a domain with at least two segments separated by dots',
      "spec.signerName: Invalid value: \"A.b\": validating label \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ],
  [
    'subjects of a schema',
    SCHEMAS,
    schema({
      subjects: [
        { kind: 'User', group: { name: 'g' } },
        { kind: 'ServiceAccount', serviceAccount: { name: '*' } },
        { kind: 'X' },
      ],
    }),
    [
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      'spec.rules[0].subjects[1].serviceAccount.namespace: Required value: must specify namespace for service account',
      'spec.rules[0].subjects[2].kind: Unsupported value: "X": supported values: "Group", "ServiceAccount", "User"',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  ],
  [
    'rules of a schema',
    SCHEMAS,
    schema({
      subjects: everyone,
      resourceRules: [
        { verbs: ['*', 'get'], apiGroups: [], resources: ['pods'], namespaces: ['A'] },
        { verbs: ['eat'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['a', '/a*', '/a//b'] }],
    }),
    [
      'spec.rules[0].resourceRules[0].verbs: Invalid value: []string{"*", "get"}: if \'*\' is present, must not specify other verbs',
      'spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group',
      "spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: \"A\": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.rules[0].resourceRules[1].verbs: Unsupported value: []string{"eat"}: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      'spec.rules[0].resourceRules[1].apiGroups: Required value: resource rules must supply at least one api group',
      'spec.rules[0].resourceRules[1].resources: Required value: resource rules must supply at least one resource',
      'spec.rules[0].resourceRules[1].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*": wildcard can only do suffix matching',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a//b": must not contain double slash',
    ],
  ],
  [
    'queues of a level',
    LEVELS,
    limited({
      lendablePercent: 101,
      limitResponse: { type: 'Queue', queuing: { queues: 1024, handSize: 8, queueLengthLimit: -1 } },
    }),
    [
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 1024 and handSize 8 should not be greater than 60',
      'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
    ],
  ],
  [
    'a level that is exempt',
    LEVELS,
    { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: -1 } } },
    [
      "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
      'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
    ],
  ],
  [
    'a service of an API',
    SERVICES,
    {
      spec: {
        group: 'A',
        version: 'v1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        service: { port: 70000, name: 's' },
      },
    },
    [
      'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.A"',
      "spec.group: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.service.namespace: Required value',
      'spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
    ],
  ],
];

describe('a create is refused for', () => {
  it.each(CREATE)('%s (%s)', (_, resource, object, lines) => {
    expect(refusals(resource, object)).toEqual(lines);
  });
});

it('what every cluster has stays as it is', () => {
  const exempt = (spec: Json): Json => ({ metadata: { name: 'exempt' }, spec: { type: 'Exempt', ...spec } });
  expect(updateRefusals(LEVELS, exempt({}), exempt({ exempt: { lendablePercent: 5 } }))).toEqual([]);
  const all = (queues: number): Json => ({
    metadata: { name: 'catch-all' },
    ...limited({ limitResponse: { type: 'Queue', queuing: { queues } } }),
  });
  expect(updateRefusals(LEVELS, all(64), all(32))).toEqual([
    "spec: Invalid value: flowcontrol.PriorityLevelConfigurationSpec{}: spec of 'catch-all' must equal the fixed value",
  ]);
});

it('a local service of an API is there at once', () => {
  const spec = { version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 };
  expect(stored(SERVICES, { metadata: { name: 'v1.' }, spec })).toMatchObject({
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
});

describe('a status is refused for', () => {
  const request: Json = { spec: { request: 'x', signerName: 'a.b/c', usages: ['any'] } };
  const known = 'spec.request: Invalid value: []byte{}: PEM block type must be CERTIFICATE REQUEST';
  const STATUS: [what: string, resource: string, object: Json, status: Json, lines: string[]][] = [
    [
      'decisions on a request',
      REQUESTS,
      request,
      {
        certificate: 'eA==',
        conditions: [{ type: 'Approved', status: 'False' }, { type: 'Denied', status: 'True' }, { status: 'True' }],
      },
      [
        known,
        'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
        'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
        'status.conditions[2].type: Required value',
        'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
        'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
        'status.conditions: Forbidden: updates may not add a condition of type "Denied"',
      ],
    ],
    [
      'conditions of a budget',
      BUDGETS,
      { spec: {} },
      { disruptionsAllowed: -1, conditions: [{ type: 'A', status: 'Maybe', reason: '1' }] },
      [
        'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
        'status.conditions[0].lastTransitionTime: Required value: must be set',
        "status.conditions[0].reason: Invalid value: \"1\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
        'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'types of conditions',
      SCHEMAS,
      schema({ subjects: everyone }),
      { conditions: [{ type: 'A' }, { type: 'A' }, {}] },
      [
        'status.conditions[1].type: Duplicate value: "A"',
        'status.conditions[2].type: Required value: must not be empty',
      ],
    ],
  ];

  it.each(STATUS)('%s (%s)', (_, resource, object, status, lines) => {
    expect(statusRefusals(resource, object, status)).toEqual(lines);
  });
});
