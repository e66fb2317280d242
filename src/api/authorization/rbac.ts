import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../types/objects.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import type { Attributes } from './attributes.ts';

export type Rule = NonNullable<Role['rules']>[number];
type Binding = RoleBinding | ClusterRoleBinding;
type Subject = NonNullable<Binding['subjects']>[number];

const GROUP = 'rbac.authorization.k8s.io';
const ALL = '*';

/** A rule that holds for somebody, and the words that say through which binding. */
export interface HeldRule {
  rule?: Rule;
  source: string;
  /** A binding to a role that is not there. */
  error?: string;
}

const serviceAccountName = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;

function appliesTo({ kind, name, namespace }: Subject, user: UserInfo, bindingNamespace: string): boolean {
  if (kind === 'User') return user.username === name;
  if (kind === 'Group') return user.groups.includes(name);
  return user.username === serviceAccountName(namespace || bindingNamespace, name);
}

function describe({ kind, name, namespace }: Subject): string {
  return kind === 'ServiceAccount' ? `ServiceAccount "${name}/${namespace}"` : `${kind} ${JSON.stringify(name)}`;
}

function* rulesOf(world: ApiWorld, binding: Binding, user: UserInfo): Generator<HeldRule> {
  const { name, namespace = '' } = binding.metadata;
  const subject = binding.subjects?.find((one) => appliesTo(one, user, namespace));
  if (!subject) return;
  const { kind, name: role } = binding.roleRef;
  const found = (
    kind === 'Role'
      ? world.store.get(`roles.${GROUP}`, namespace, role)
      : world.store.get(`clusterroles.${GROUP}`, '', role)
  ) as Role | ClusterRole | undefined;
  const own = namespace === '' ? `ClusterRoleBinding ${JSON.stringify(name)}` : `RoleBinding "${name}/${namespace}"`;
  const source = `${own} of ${kind} ${JSON.stringify(role)} to ${describe(subject)}`;
  if (!found) {
    yield { source, error: `${kind.toLowerCase()}.${GROUP} ${JSON.stringify(role)} not found` };
    return;
  }
  for (const rule of found.rules ?? []) yield { rule, source };
}

/** Every rule that holds for the user in a namespace ('' for the cluster alone), cluster-wide ones first. */
export function* rulesFor(world: ApiWorld, user: UserInfo, namespace: string): Generator<HeldRule> {
  for (const binding of world.store.list(`clusterrolebindings.${GROUP}`) as ClusterRoleBinding[])
    yield* rulesOf(world, binding, user);
  if (namespace === '') return;
  for (const binding of world.store.list(`rolebindings.${GROUP}`, namespace) as RoleBinding[])
    yield* rulesOf(world, binding, user);
}

const matches = (list: string[] | undefined, value: string): boolean =>
  list?.some((one) => one === ALL || one === value) ?? false;

function resourceMatches(resources: string[] | undefined, wanted: string): boolean {
  const subresource = wanted.split('/')[1];
  return (
    resources?.some(
      (one) => one === ALL || one === wanted || (subresource !== undefined && one === `*/${subresource}`),
    ) ?? false
  );
}

const pathMatches = (urls: string[] | undefined, path: string): boolean =>
  urls?.some((url) => url === ALL || url === path || (url.endsWith(ALL) && path.startsWith(url.replace(/\*+$/, '')))) ??
  false;

/** Whether a rule allows what is wanted (rbac.RuleAllows). */
export function ruleAllows(rule: Rule, wanted: Attributes): boolean {
  if (!matches(rule.verbs, wanted.verb)) return false;
  if (wanted.path !== undefined) return pathMatches(rule.nonResourceURLs, wanted.path);
  return (
    matches(rule.apiGroups, wanted.group) &&
    resourceMatches(rule.resources, wanted.resource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(wanted.name))
  );
}
