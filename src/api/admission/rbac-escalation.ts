import { goQuoteList } from '../../base/go-quote.ts';
import type { ClusterRole, KubeObject, Role, RoleBinding } from '../../types/objects.ts';
import { decide, MASTERS } from '../authorization/index.ts';
import { type Rule, rulesFor } from '../authorization/rbac.ts';
import { notFound } from '../errors.ts';
import { aggregate } from '../machinery/invalid.ts';
import type { ResourceRequest } from '../world.ts';
import { type AdmissionPlugin, refuse } from './plugin.ts';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = new Set([`roles.${GROUP}`, `clusterroles.${GROUP}`]);
const BINDINGS = new Set([`rolebindings.${GROUP}`, `clusterrolebindings.${GROUP}`]);

const or = <T>(list: readonly T[] | undefined, otherwise: T): readonly T[] => (list?.length ? list : [otherwise]);

/** Each single right of a rule. */
function rightsOf(rule: Rule): Rule[] {
  const rights: Rule[] = [];
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) rights.push({ nonResourceURLs: [url], verbs: [verb] });
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        for (const name of or<string | undefined>(rule.resourceNames, undefined))
          rights.push({
            apiGroups: [group],
            resources: [resource],
            ...(name !== undefined && { resourceNames: [name] }),
            verbs: [verb],
          });
  }
  return rights;
}

const has = (list: string[] | undefined, value: string): boolean =>
  list?.some((one) => one === '*' || one === value) ?? false;

function covers(owner: Rule, right: Rule): boolean {
  if (!has(owner.verbs, right.verbs[0]!)) return false;
  const [url] = right.nonResourceURLs ?? [];
  if (url !== undefined)
    return (
      owner.nonResourceURLs?.some(
        (one) => one === '*' || one === url || (one.endsWith('*') && url.startsWith(one.slice(0, -1))),
      ) ?? false
    );
  const resource = right.resources![0]!;
  const [, subresource] = resource.split('/');
  const [name] = right.resourceNames ?? [];
  return (
    has(owner.apiGroups, right.apiGroups![0]!) &&
    (has(owner.resources, resource) ||
      (subresource !== undefined && (owner.resources?.includes(`*/${subresource}`) ?? false))) &&
    (!owner.resourceNames?.length || (name !== undefined && owner.resourceNames.includes(name)))
  );
}

/** PolicyRule.CompactString: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
function compact({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const parts = Object.entries({
    APIGroups: apiGroups,
    Resources: resources,
    NonResourceURLs: nonResourceURLs,
    ResourceNames: resourceNames,
    Verbs: verbs,
  }).flatMap(([name, list]) => (list?.length ? [`${name}:${goQuoteList(list)}`] : []));
  return `{${parts.join(', ')}}`;
}

/** Rights on resources that differ in their verbs alone are told together (CompactRules). */
function merged(rights: Rule[]): Rule[] {
  const byTarget = new Map<string, Rule>();
  for (const [index, right] of rights.entries()) {
    const key = right.nonResourceURLs ? String(index) : JSON.stringify({ ...right, verbs: [] });
    const known = byTarget.get(key);
    byTarget.set(key, known ? { ...known, verbs: [...known.verbs, ...right.verbs] } : right);
  }
  return [...byTarget.values()];
}

const EVERYTHING: Rule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

function isHeld({ world, user }: ResourceRequest, rules: Rule[], namespace: string): boolean {
  const own = [...rulesFor(world, user, namespace)].flatMap(({ rule }) => (rule ? [rule] : []));
  return rules.flatMap(rightsOf).every((right) => own.some((rule) => covers(rule, right)));
}

/** Refuses to hand out what the user does not have. */
function confirm(request: ResourceRequest, object: KubeObject, rules: Rule[], namespace: string): void {
  const { world, user } = request;
  const held = [...rulesFor(world, user, namespace)];
  const own = held.flatMap(({ rule }) => (rule ? [rule] : []));
  const missing = rules.flatMap(rightsOf).filter((right) => !own.some((rule) => covers(rule, right)));
  if (missing.length === 0) return;
  const list = [...new Set(merged(missing).map(compact))].sort().join('\n');
  const errors = held.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const unresolved = errors.length > 0 ? `; resolution errors: [${aggregate(errors)}]` : '';
  throw refuse(
    request,
    object,
    `user ${JSON.stringify(user.username)} (groups=${goQuoteList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${list}${unresolved}`,
  );
}

const aggregates = (role: KubeObject | undefined): boolean =>
  ((role as ClusterRole | undefined)?.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;

function mayOtherwise(
  { world, user }: ResourceRequest,
  verb: string,
  resource: string,
  namespace: string,
  name: string,
): boolean {
  return decide(world, user, { verb, group: GROUP, resource, namespace, name }).allowed;
}

/** Nobody gives others more than they have, unless they may `escalate` roles or `bind` them (registry/rbac policybased). */
export const rbacEscalation: AdmissionPlugin = {
  name: 'RBACEscalation',
  resources: [...ROLES, ...BINDINGS],
  admit(request, draft, old) {
    const { resource, user, namespace, verb, subresource } = request;
    if (!draft || subresource !== '' || user.groups.includes(MASTERS) || (verb !== 'create' && !old)) return;
    if (ROLES.has(resource.name)) {
      if (mayOtherwise(request, 'escalate', resource.plural, namespace, request.name)) return;
      confirm(request, draft, (draft as Role).rules ?? [], namespace);
      // An aggregating role can gather anything.
      if ([draft, old].some(aggregates) && !isHeld(request, EVERYTHING, namespace))
        throw refuse(request, draft, 'must have cluster-admin privileges to use the aggregationRule');
    } else if (BINDINGS.has(resource.name)) {
      const { roleRef } = draft as RoleBinding;
      const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
      if (mayOtherwise(request, 'bind', plural, namespace, roleRef.name)) return;
      const role = request.world.store.get(`${plural}.${GROUP}`, plural === 'roles' ? namespace : '', roleRef.name);
      // The error of the role's storage is told as one of the request's own resource.
      if (!role) throw notFound(resource, roleRef.name);
      confirm(request, draft, (role as Role | ClusterRole).rules ?? [], namespace);
    }
  },
};
