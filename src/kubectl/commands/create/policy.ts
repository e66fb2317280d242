import { parseLabelSelector } from '../../../api/machinery/selectors.ts';
import { canonicalQuantity } from '../../../base/quantity.ts';
import { CommandError } from '../../errors.ts';
import { type Generator, newMetadata } from './generator.ts';

/** intstr.Parse: a number where it is one. */
const intOrString = (text: string): number | string => (/^-?\d+$/.test(text) ? Number(text) : text);

const OPERATORS: Record<string, string> = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist' };

/** metav1.ParseToLabelSelector */
function toLabelSelector(text: string) {
  let requirements: ReturnType<typeof parseLabelSelector>;
  try {
    requirements = parseLabelSelector(text);
  } catch (error) {
    throw new CommandError(`couldn't parse the selector string "${text}": ${(error as Error).message}`);
  }
  const labels: Record<string, string> = {};
  const expressions: unknown[] = [];
  for (const { key, operator, values } of requirements) {
    if (operator === '=' || operator === '==') labels[key] = values[0]!;
    else if (OPERATORS[operator])
      expressions.push({ key, operator: OPERATORS[operator], ...(values.length && { values: [...values].sort() }) });
    else throw new CommandError(`${JSON.stringify(operator)} isn't supported in label selectors`);
  }
  return {
    ...(Object.keys(labels).length && { matchLabels: labels }),
    ...(expressions.length && { matchExpressions: expressions }),
  };
}

export const poddisruptionbudget: Generator = {
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  use: 'poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  short: 'Create a pod disruption budget with the specified name',
  examples:
    '  # At least half of the pods of nginx stay up\n  kubectl create pdb web --selector=app=nginx --min-available=50%',
  flags: [
    {
      name: 'min-available',
      type: 'string',
      usage: 'The least number or percentage of pods that must stay available.',
    },
    {
      name: 'max-unavailable',
      type: 'string',
      usage: 'The largest number or percentage of pods that may be unavailable.',
    },
    {
      name: 'selector',
      type: 'string',
      usage: 'Label selector of the budget. Only equality-based requirements are supported.',
    },
  ],
  api: { prefix: '/apis/policy/v1', resource: 'poddisruptionbudgets' },
  failure: 'failed to create poddisruptionbudgets: ',
  generate({ name, namespace, flags }) {
    const [least, most, selector] = ['min-available', 'max-unavailable', 'selector'].map((f) => flags.string(f));
    if (!name) throw new CommandError('name must be specified');
    if (!selector) throw new CommandError('a selector must be specified');
    if (!most && !least) throw new CommandError('one of min-available or max-unavailable must be specified');
    if (most && least) throw new CommandError('min-available and max-unavailable cannot be both specified');
    const pattern = /^[0-9]+%?$/;
    if (least && !pattern.test(least)) throw new CommandError('invalid format specified for min-available');
    if (most && !pattern.test(most)) throw new CommandError('invalid format specified for max-unavailable');
    return {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: newMetadata({ name, namespace }),
      spec: {
        ...(least && { minAvailable: intOrString(least) }),
        selector: toLabelSelector(selector),
        ...(most && { maxUnavailable: intOrString(most) }),
      },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    };
  },
};

export const priorityclass: Generator = {
  name: 'priorityclass',
  aliases: ['pc'],
  use: 'priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  short: 'Create a priority class with the specified name',
  examples:
    '  # A class above the default\n  kubectl create priorityclass high --value=1000 --description="high priority"',
  flags: [
    { name: 'value', type: 'int32', usage: 'The value of this priority class.' },
    { name: 'global-default', type: 'bool', usage: 'Whether pods without a class get this one.' },
    { name: 'description', type: 'string', usage: 'When this priority class should be used.' },
    {
      name: 'preemption-policy',
      type: 'string',
      default: 'PreemptLowerPriority',
      usage: 'Whether pods of this class preempt those of lower priority.',
    },
  ],
  api: { prefix: '/apis/scheduling.k8s.io/v1', resource: 'priorityclasses', cluster: true },
  failure: 'failed to create priorityclass: ',
  generate: ({ name, flags }) => ({
    kind: 'PriorityClass',
    apiVersion: 'scheduling.k8s.io/v1',
    metadata: newMetadata({ name }),
    value: flags.int('value'),
    ...(flags.bool('global-default') && { globalDefault: true }),
    ...(flags.string('description') && { description: flags.string('description') }),
    preemptionPolicy: flags.string('preemption-policy'),
  }),
};

/** `cpu=1,memory=1G` as a resource list. */
function parseHard(spec: string): Record<string, string> | undefined {
  if (!spec) return undefined;
  const pairs = spec.split(',').map((statement) => {
    const parts = statement.split('=');
    if (parts.length !== 2) throw new CommandError(`Invalid argument syntax ${statement}, expected <resource>=<value>`);
    return [parts[0]!, canonicalQuantity(parts[1]!)];
  });
  return Object.fromEntries(pairs.sort(([a], [b]) => (a! < b! ? -1 : 1)));
}

export const quota: Generator = {
  name: 'quota',
  aliases: ['resourcequota'],
  use: 'quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  short: 'Create a quota with the specified name',
  examples: '  # No more than ten pods and two CPUs\n  kubectl create quota small --hard=pods=10,cpu=2',
  flags: [
    { name: 'hard', type: 'string', usage: 'resource=quantity pairs, separated by commas, that are the hard limits.' },
    {
      name: 'scopes',
      type: 'string',
      usage: 'Quota scopes, separated by commas, that must all match what the quota counts.',
    },
  ],
  api: { prefix: '/api/v1', resource: 'resourcequotas' },
  failure: 'failed to create quota: ',
  generate({ name, namespace, flags }) {
    const hard = parseHard(flags.string('hard'));
    const scopes = flags.string('scopes') ? flags.string('scopes').split(',') : undefined;
    if (scopes?.includes('')) throw new CommandError('invalid resource quota scope ""');
    return {
      kind: 'ResourceQuota',
      apiVersion: 'v1',
      metadata: newMetadata({ name, namespace }),
      spec: { ...(hard && { hard }), ...(scopes && { scopes }) },
      status: {},
    };
  },
};

export const namespace: Generator = {
  name: 'namespace',
  aliases: ['ns'],
  use: 'namespace NAME [--dry-run=server|client|none]',
  short: 'Create a namespace with the specified name',
  examples: '  # A namespace for a team\n  kubectl create namespace team-a',
  flags: [],
  api: { prefix: '/api/v1', resource: 'namespaces', cluster: true },
  generate: ({ name }) => ({
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: newMetadata({ name }),
    spec: {},
    status: {},
  }),
};

export const serviceaccount: Generator = {
  name: 'serviceaccount',
  aliases: ['sa'],
  use: 'serviceaccount NAME [--dry-run=server|client|none]',
  short: 'Create a service account with the specified name',
  examples: '  # An account for a controller\n  kubectl create serviceaccount robot',
  flags: [],
  api: { prefix: '/api/v1', resource: 'serviceaccounts' },
  failure: 'failed to create serviceaccount: ',
  generate: ({ name, namespace: ns }) => ({
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: newMetadata({ name, namespace: ns }),
  }),
};
