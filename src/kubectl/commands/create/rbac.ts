import type { Flag, Invocation } from '../../command.ts';
import { CommandError, ExitError } from '../../errors.ts';
import type { Printable } from '../../printers/print-flags.ts';
import { type Generator, type GeneratorInput, newMetadata } from './generator.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API = `/apis/${GROUP}/v1`;

const RESOURCE_VERBS = [
  '*',
  'get',
  'delete',
  'list',
  'create',
  'update',
  'patch',
  'watch',
  'proxy',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
];
const URL_VERBS = ['*', 'get', 'post', 'put', 'delete', 'patch', 'head', 'options'];

/** Verbs that only some resources know, as `resource.group`. */
const SPECIAL_VERBS: Record<string, string[]> = {
  use: ['podsecuritypolicies.policy', 'podsecuritypolicies.extensions'],
  bind: [`roles.${GROUP}`, `clusterroles.${GROUP}`],
  escalate: [`roles.${GROUP}`, `clusterroles.${GROUP}`],
  impersonate: ['users.', 'serviceaccounts.', 'groups.', 'userextras.authentication.k8s.io'],
};

const RULE_FLAGS: Flag[] = [
  { name: 'verb', type: 'stringSlice', usage: 'Verb that applies to the resources of the rule' },
  { name: 'resource', type: 'stringSlice', usage: 'Resource that the rule applies to' },
  {
    name: 'resource-name',
    type: 'stringArray',
    usage: 'Name of an object that the rule is limited to; may be repeated',
  },
];

interface RuleResource {
  resource: string;
  group: string;
  subresource: string;
}

const unique = (items: string[]): string[] => [...new Set(items)];

/** `deployments.apps/scale` taken apart; a lone `*` stands for everything. */
function parseResources(given: string[]): RuleResource[] {
  const parsed = given.map((text) => {
    const [type = '', subresource = ''] = text.split(/\/(.*)/s);
    const [resource = '', group = ''] = type.split(/\.(.*)/s);
    return { resource, group, subresource };
  });
  const all = parsed.find((r, i) => r.resource === '*' && given[i] === '*');
  return all ? [all] : parsed;
}

const verbsOf = (given: string[]): string[] => (given.includes('*') ? ['*'] : unique(given));

/** What the server calls a resource; undefined when it has none of that name. */
async function resolve(
  invocation: Invocation,
  { resource, group }: RuleResource,
): Promise<{ resource: string; group: string } | undefined> {
  const named = (t: { resource: string; singular: string; shortNames: string[] }) =>
    t.resource === resource || t.singular === resource || t.shortNames.includes(resource);
  const found = await invocation.factory.mapper.lookUp((types) =>
    types.find((t) => named(t) && (group === '' || t.group === group || t.group.startsWith(`${group}.`))),
  );
  return found && { resource: found.resource, group: found.group };
}

async function validateResources(input: GeneratorInput, verbs: string[], resources: RuleResource[]): Promise<void> {
  for (const wanted of resources) {
    if (!wanted.resource) throw new CommandError('resource must be specified if apiGroup/subresource specified');
    if (wanted.resource === '*') return;
    const known = await resolve(input.invocation, wanted);
    const { resource, group } = known ?? wanted;
    const special = verbs.filter((verb) => SPECIAL_VERBS[verb]);
    for (const verb of special)
      if (!SPECIAL_VERBS[verb]!.includes(`${resource}.${group}`))
        throw new CommandError(`can not perform '${verb}' on '${resource}' in group '${group}'`);
    if (known || special.length) continue;
    const where = group ? ` in group ${JSON.stringify(group)}` : '';
    // Upstream checks within an aggregate of one within another: no "error: " stands before it.
    throw new ExitError(1, `the server doesn't have a resource type ${JSON.stringify(resource)}${where}\n`);
  }
}

function warnAboutVerbs({ invocation }: GeneratorInput, verbs: string[]): void {
  for (const verb of verbs)
    if (!RESOURCE_VERBS.includes(verb))
      invocation.environment.io.err(`Warning: '${verb}' is not a standard resource verb\n`);
}

/** One rule a group, in alphabetical order, then one for URLs. */
async function policyRules(
  input: GeneratorInput,
  verbs: string[],
  resources: RuleResource[],
  urls: string[] = [],
): Promise<unknown[]> {
  const byGroup = new Map<string, string[]>();
  for (const wanted of resources) {
    const { resource, group } = (await resolve(input.invocation, wanted)) ?? wanted;
    const name = wanted.subresource ? `${resource}/${wanted.subresource}` : resource;
    byGroup.set(group, unique([...(byGroup.get(group) ?? []), name]));
  }
  const names = unique(input.flags.strings('resource-name'));
  const rules: unknown[] = [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, list]) => ({
      verbs,
      apiGroups: [group],
      resources: list,
      ...(names.length && { resourceNames: names }),
    }));
  return urls.length ? [...rules, { verbs, nonResourceURLs: urls }] : rules;
}

/** cliflag.MapStringString's refusal. */
function checkPairs(text: string): void {
  const pairs = text.split(',').filter((pair) => pair !== '');
  if (!pairs.every((pair) => pair.includes('='))) throw new Error('malformed pair, expect string=string');
}

export const role: Generator = {
  name: 'role',
  use: 'role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a role with single rule',
  examples:
    '  # May read pods and their status\n  kubectl create role pod-reader --verb=get,list,watch --resource=pods,pods/status',
  flags: RULE_FLAGS,
  api: { prefix: API, resource: 'roles' },
  async generate(input): Promise<Printable> {
    const verbs = verbsOf(input.flags.strings('verb'));
    const resources = parseResources(input.flags.strings('resource'));
    if (!verbs.length) throw new CommandError('at least one verb must be specified');
    warnAboutVerbs(input, verbs);
    if (!resources.length) throw new CommandError('at least one resource must be specified');
    await validateResources(input, verbs, resources);
    return {
      kind: 'Role',
      apiVersion: `${GROUP}/v1`,
      metadata: newMetadata(input),
      rules: await policyRules(input, verbs, resources),
    };
  },
};

function validateUrls(verbs: string[], urls: string[]): void {
  const wrong = verbs.find((verb) => !URL_VERBS.includes(verb));
  if (wrong !== undefined) throw new CommandError(`invalid verb: '${wrong}' for nonResourceURL`);
  for (const url of urls) {
    if (url === '*') continue;
    if (!url.startsWith('/')) throw new CommandError('nonResourceURL should start with /');
    if (url.slice(0, -1).includes('*'))
      throw new CommandError("nonResourceURL only supports wildcard matches when '*' is at the end");
  }
}

export const clusterrole: Generator = {
  name: 'clusterrole',
  use: 'clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a cluster role',
  examples:
    '  # Collects the rules of other roles\n  kubectl create clusterrole monitoring --aggregation-rule="rbac.example.com/aggregate-to-monitoring=true"',
  flags: [
    ...RULE_FLAGS,
    { name: 'non-resource-url', type: 'stringSlice', usage: 'A part of a URL that users should have access to.' },
    {
      name: 'aggregation-rule',
      type: 'stringToString',
      default: '',
      usage: 'A label selector whose cluster roles are combined.',
      check: checkPairs,
    },
  ],
  api: { prefix: API, resource: 'clusterroles', cluster: true },
  async generate(input): Promise<Printable> {
    const { flags, name } = input;
    const verbs = verbsOf(flags.strings('verb'));
    const resources = parseResources(flags.strings('resource'));
    const urls = unique(flags.strings('non-resource-url'));
    const aggregation = flags.map('aggregation-rule');
    const head = { kind: 'ClusterRole', apiVersion: `${GROUP}/v1`, metadata: newMetadata({ name }) };
    if (Object.keys(aggregation).length) {
      if (urls.length || verbs.length || resources.length || flags.strings('resource-name').length)
        throw new CommandError(
          'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
        );
      return { ...head, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregation }] } };
    }
    if (!verbs.length) throw new CommandError('at least one verb must be specified');
    if (!resources.length && !urls.length)
      throw new CommandError('one of resource or nonResourceURL must be specified');
    if (resources.length) {
      warnAboutVerbs(input, verbs);
      await validateResources(input, verbs, resources);
    }
    if (urls.length) validateUrls(verbs, urls);
    return { ...head, rules: await policyRules(input, verbs, resources, urls) };
  },
};

/** Users, groups and service accounts of --user, --group and --serviceaccount. */
export function subjects(flags: GeneratorInput['flags']): unknown[] {
  const named = (kind: string, names: string[]) => names.map((name) => ({ kind, apiGroup: GROUP, name }));
  const accounts = flags.strings('serviceaccount').map((account) => {
    const [namespace, name, ...rest] = account.split(':');
    if (!namespace || !name || rest.length) throw new CommandError('serviceaccount must be <namespace>:<name>');
    return { kind: 'ServiceAccount', name, namespace };
  });
  return [...named('User', flags.strings('user')), ...named('Group', flags.strings('group')), ...accounts];
}

const SUBJECT_FLAGS: Flag[] = [
  { name: 'user', type: 'stringArray', usage: 'User to bind to the role; may be repeated.' },
  { name: 'group', type: 'stringArray', usage: 'Group to bind to the role; may be repeated.' },
  {
    name: 'serviceaccount',
    type: 'stringArray',
    usage: 'Service account to bind to the role, as <namespace>:<name>; may be repeated.',
  },
];
const CLUSTER_ROLE: Flag = { name: 'clusterrole', type: 'string', usage: 'Cluster role that the binding refers to' };

function binding(kind: string, input: GeneratorInput, roleKind: string, roleName: string): Printable {
  const list = subjects(input.flags);
  return {
    kind,
    apiVersion: `${GROUP}/v1`,
    metadata: newMetadata(input),
    ...(list.length && { subjects: list }),
    roleRef: { apiGroup: GROUP, kind: roleKind, name: roleName },
  };
}

export const rolebinding: Generator = {
  name: 'rolebinding',
  use: 'rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a role binding for a particular role or cluster role',
  examples:
    '  # Alice may edit in this namespace\n  kubectl create rolebinding alice-edit --clusterrole=edit --user=alice',
  flags: [CLUSTER_ROLE, { name: 'role', type: 'string', usage: 'Role that the binding refers to' }, ...SUBJECT_FLAGS],
  api: { prefix: API, resource: 'rolebindings' },
  failure: 'failed to create rolebinding: ',
  generate(input) {
    const [clusterRole, ownRole] = [input.flags.string('clusterrole'), input.flags.string('role')];
    if (!clusterRole === !ownRole) throw new CommandError('exactly one of clusterrole or role must be specified');
    return ownRole
      ? binding('RoleBinding', input, 'Role', ownRole)
      : binding('RoleBinding', input, 'ClusterRole', clusterRole);
  },
};

export const clusterrolebinding: Generator = {
  name: 'clusterrolebinding',
  use: 'clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a cluster role binding for a particular cluster role',
  examples:
    '  # A group that may do everything\n  kubectl create clusterrolebinding admins --clusterrole=cluster-admin --group=admins',
  flags: [CLUSTER_ROLE, ...SUBJECT_FLAGS],
  required: ['clusterrole'],
  api: { prefix: API, resource: 'clusterrolebindings', cluster: true },
  failure: 'failed to create clusterrolebinding: ',
  generate: (input) => binding('ClusterRoleBinding', input, 'ClusterRole', input.flags.string('clusterrole')),
};
