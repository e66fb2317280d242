import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, statusRefusals, stored, updated, updateRefusals, warningsOf } from './testing.ts';

const container = { name: 'c', image: 'nginx' };
const labels = { app: 'web' };
const template = (spec: Json = {}, metadata: Json = {}): Json => ({
  metadata: { labels, ...metadata },
  spec: { containers: [container], ...spec },
});
const workload = (spec: Json = {}): Json => ({
  spec: { selector: { matchLabels: labels }, template: template(), ...spec },
});
const job = (spec: Json = {}): Json => ({ spec: { template: template({ restartPolicy: 'Never' }), ...spec } });
const indexed = (spec: Json): Json => job({ completionMode: 'Indexed', completions: 5, ...spec });
const failurePolicy = (...rules: Json[]): Json => job({ podFailurePolicy: { rules } });
const cronJob = (spec: Json): Json => ({ spec: { schedule: '* * * * *', jobTemplate: job(), ...spec } });
const RULE = 'spec.podFailurePolicy.rules[0]';
const unreadable = { matchExpressions: [{ key: 'a', operator: 'Like' }] };
const UNREADABLE =
  'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement{v1.LabelSelectorRequirement{Key:"a", Operator:"Like", Values:[]string(nil)}}}';

const REFUSED: [what: string, resource: string, object: Json, lines: string[]][] = [
  [
    'a selector that cannot be read',
    'deployments.apps',
    workload({ selector: unreadable }),
    [
      'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
      `${UNREADABLE}: invalid label selector`,
    ],
  ],
  [
    'the same',
    'statefulsets.apps',
    workload({ selector: unreadable }),
    ['spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator', UNREADABLE],
  ],
  [
    'the same',
    'daemonsets.apps',
    workload({ selector: unreadable }),
    ['spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator'],
  ],
  [
    'percentages that are none',
    'deployments.apps',
    workload({ strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: '101%' } } }),
    [
      `spec.strategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"x"}: a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%',
    ],
  ],
  [
    'a strategy that nobody knows',
    'deployments.apps',
    workload({ strategy: { type: 'Blue' } }),
    [
      'spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Blue", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
    ],
  ],
  [
    'surge beside unavailability',
    'daemonsets.apps',
    workload({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero',
    ],
  ],
  [
    'names, policies and strategies',
    'statefulsets.apps',
    {
      ...workload({
        serviceName: 'A',
        updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } },
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' },
        ordinals: { start: -1 },
      }),
      metadata: { name: 'a.b' },
    },
    [
      'metadata.name: Invalid value: "a.b": must not contain dots',
      `spec.updateStrategy.rollingUpdate: Invalid value: apps.RollingUpdateStatefulSetStrategy{Partition:1, MaxUnavailable:(*intstr.IntOrString)(nil)}: only allowed for updateStrategy 'RollingUpdate'`,
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
      `spec.serviceName: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
  [
    'no selector and no replicas',
    'replicationcontrollers',
    { spec: { replicas: -1, template: { spec: { containers: [container] } } } },
    ['spec.selector: Required value', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'a failure policy without a word',
    'jobs.batch',
    failurePolicy({}),
    [
      `${RULE}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
      `${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
    ],
  ],
  [
    'exit codes',
    'jobs.batch',
    failurePolicy({
      action: 'FailIndex',
      onExitCodes: { operator: 'In', containerName: 'x', values: [3, 0, 3] },
      onPodConditions: [{ type: 'A B', status: 'Maybe' }],
    }),
    [
      `${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
      `${RULE}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
      `${RULE}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
      `${RULE}.onExitCodes.values[2]: Duplicate value: 3`,
      `${RULE}.onExitCodes.values: Invalid value: []int32{3, 0, 3}: must be ordered`,
      `${RULE}.onPodConditions[0].type: Invalid value: "A B": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      `${RULE}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
      `${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
    ],
  ],
  [
    'success of a job without indexes',
    'jobs.batch',
    job({ successPolicy: { rules: [{ succeededIndexes: '1' }] } }),
    [
      'spec.successPolicy: Invalid value: batch.SuccessPolicy{Rules:[]batch.SuccessPolicyRule{batch.SuccessPolicyRule{SucceededIndexes:(*string)(0xc000a1b2c8), SucceededCount:(*int32)(nil)}}}: requires indexed completion mode',
    ],
  ],
  [
    'success by indexes',
    'jobs.batch',
    indexed({
      successPolicy: {
        rules: [
          {},
          { succeededIndexes: '0,2-3', succeededCount: 4 },
          { succeededIndexes: '3-1' },
          { succeededIndexes: '9' },
          { succeededIndexes: '1-2-3' },
          { succeededCount: 6 },
        ],
      },
    }),
    [
      'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      'spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)',
      'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "3-1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1',
      'spec.successPolicy.rules[3].succeededIndexes: Invalid value: "9": error parsing succeededIndexes: too large index: "9"',
      `spec.successPolicy.rules[4].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
      'spec.successPolicy.rules[5].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
    ],
  ],
  [
    'a manager without a domain',
    'jobs.batch',
    job({ managedBy: '/x', podReplacementPolicy: 'Never' }),
    [
      'spec.managedBy: Invalid value: "/x": must be a domain-prefixed path (such as "acme.io/foo")',
      'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
    ],
  ],
  [
    "somebody else's label",
    'jobs.batch',
    job({ template: template({ restartPolicy: 'Never' }, { labels: { 'job-name': 'y' } }) }),
    [
      `spec.template.metadata.labels[job-name]: Invalid value: map[string]string{"batch.kubernetes.io/controller-uid":"u", "batch.kubernetes.io/job-name":"x", "controller-uid":"u", "job-name":"y"}: must be 'x'`,
    ],
  ],
  [
    'zones in a schedule, and one that Go does not know',
    'cronjobs.batch',
    cronJob({ schedule: 'TZ=UTC * * * * *', timeZone: 'europe/berlin' }),
    [
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      'spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin',
    ],
  ],
  ['a zone by an older name', 'cronjobs.batch', cronJob({ timeZone: 'US/Pacific' }), []],
];

const SUSPENDED = { suspend: true };
const node = (key: string) => ({ nodeSelector: { [key]: 'x' } });
const templateWith = (spec: Json) => ({ template: template({ restartPolicy: 'Never', ...spec }) });

const CHANGED: [what: string, resource: string, before: Json, after: Json, lines: string[]][] = [
  ['where a suspended job runs', 'jobs.batch', job(SUSPENDED), job({ ...SUSPENDED, ...templateWith(node('a')) }), []],
  ['parallelism', 'jobs.batch', job({ completions: 2 }), job({ completions: 2, parallelism: 2 }), []],
  [
    'completions of a job without indexes',
    'jobs.batch',
    job({ completions: 2 }),
    job({ completions: 3 }),
    ['spec.completions: Invalid value: 3: field is immutable'],
  ],
  [
    'completions alone',
    'jobs.batch',
    indexed({ parallelism: 2 }),
    indexed({ parallelism: 2, completions: 7 }),
    ['spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism'],
  ],
  [
    'its policies',
    'jobs.batch',
    indexed({}),
    indexed({ backoffLimitPerIndex: 1, podReplacementPolicy: 'Failed' }),
    ['spec.backoffLimitPerIndex: Invalid value: 1: field is immutable'],
  ],
  [
    'a zone that was in the schedule',
    'cronjobs.batch',
    cronJob({ schedule: 'TZ=UTC * * * * *' }),
    cronJob({ schedule: 'TZ=UTC 1 * * * *' }),
    [],
  ],
];

beforeAll(loadStrategies);

describe('a create is refused for', () => {
  it.each(REFUSED)('%s (%s)', (_, resource, object, lines) => expect(refusals(resource, object)).toEqual(lines));
});

/** A job's selector and labels are kept by its client from the answer to its create. */
function kept(resource: string, before: Json, after: Json): Json {
  if (resource !== 'jobs.batch') return after;
  const old = stored(resource, before) as unknown as { spec: { selector: Json; template: { metadata: Json } } };
  const { spec } = after as { spec: { template: { metadata: Json } } };
  spec.template.metadata = old.spec.template.metadata;
  return { spec: { ...spec, selector: old.spec.selector } };
}

describe('an update may change', () => {
  it.each(CHANGED)('%s (%s)', (_, resource, before, after, lines) => {
    expect(updateRefusals(resource, before, kept(resource, before, after))).toEqual(lines);
  });
});

const HIDDEN = { env: [{ name: 'A' }, { name: 'A' }] };
const HIDES = 'containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply';
const NAME =
  'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]';
const odd = template({ containers: [{ ...container, ...HIDDEN }], restartPolicy: 'Never' });

describe('warnings tell of names and templates', () => {
  it.each([
    ['deployments.apps', workload({ template: odd }), [NAME, `spec.template.spec.${HIDES}`]],
    ['jobs.batch', job({ template: odd }), [NAME, `spec.template.spec.${HIDES}`]],
    [
      'cronjobs.batch',
      cronJob({ jobTemplate: job({ template: odd }) }),
      [NAME, `spec.jobTemplate.spec.template.spec.${HIDES}`],
    ],
    ['daemonsets.apps', workload({ template: odd }), [`spec.template.spec.${HIDES}`]],
    ['podtemplates', { template: odd }, [`template.spec.${HIDES}`]],
    [
      'statefulsets.apps',
      workload({
        revisionHistoryLimit: -1,
        volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '1m' } } } }],
      }),
      [
        'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "1m" is invalid, must be an integer',
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      ],
    ],
  ])('of %s', (resource, object, lines) => {
    expect(warningsOf(resource, { ...object, metadata: { name: 'a.b' } })).toEqual(lines);
  });
});

describe('a status', () => {
  it.each([
    [
      'deployments.apps',
      { replicas: 1, readyReplicas: 2 },
      ['status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'],
    ],
    [
      'statefulsets.apps',
      { replicas: 2, availableReplicas: 1 },
      ['status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas'],
    ],
    [
      'daemonsets.apps',
      { collisionCount: -1 },
      ['status.collisionCount: Invalid value: -1: must be greater than or equal to 0'],
    ],
  ])('of %s counts right', (resource, status, lines) => {
    expect(statusRefusals(resource, workload(), status)).toEqual(lines);
  });
});

const condition = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });

describe("a job's status", () => {
  it.each([
    [
      'is done without a word of when',
      condition('Complete', 'SuccessCriteriaMet'),
      [
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.startTime: Required value: startTime is required for finished job',
      ],
    ],
    [
      'fails and succeeds',
      { ...condition('Failed', 'SuccessCriteriaMet'), startTime: '2026-11-21T04:13:03Z' },
      [
        'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
        'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      ],
    ],
    [
      'ends before it starts',
      { startTime: '2026-11-21T04:13:03Z', completionTime: '2026-11-21T04:13:02Z' },
      [
        'status.completionTime: Invalid value: 2026-11-21 04:13:02 +0000 UTC: cannot set completionTime when there is no Complete=True condition',
        'status.completionTime: Invalid value: 2026-11-21 04:13:02 +0000 UTC: completionTime cannot be set before startTime',
      ],
    ],
    [
      'has indexes twice',
      { completedIndexes: '0-2', failedIndexes: '2' },
      ['status.failedIndexes: Invalid value: "2": failedIndexes and completedIndexes overlap at index: 2'],
    ],
    [
      'has more pods ready than active',
      { ready: 1 },
      ['status.ready: Invalid value: 1: cannot set more ready pods than active'],
    ],
    ['runs', { active: 1, ready: 1, startTime: '2026-11-21T04:13:03Z' }, []],
  ])('%s', (_, status, lines) => {
    expect(statusRefusals('jobs.batch', indexed({ backoffLimitPerIndex: 1 }), status)).toEqual(lines);
  });
});

describe('what is switched off', () => {
  it('gets into no template', () => {
    const claims = template({ resourceClaims: [{ name: 'r' }] });
    for (const resource of ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'daemonsets.apps'])
      expect(JSON.stringify(stored(resource, workload({ template: claims })))).not.toContain('resourceClaims');
    expect(JSON.stringify(updated('deployments.apps', workload(), workload({ template: claims })).draft)).not.toContain(
      'resourceClaims',
    );
  });
});
