import type { KubeObject, Namespace } from '../../types/objects.ts';
import { internalError } from '../errors.ts';
import { selects } from '../machinery/selectors.ts';
import type { ResourceRequest } from '../world.ts';

type LabelSelector = Parameters<typeof selects>[0];

/** A rule of a webhook or a policy: which operations on which resources. */
export interface Rule {
  operations?: string[];
  apiGroups?: string[];
  apiVersions?: string[];
  resources?: string[];
  resourceNames?: string[];
  scope?: string;
}

/** What a webhook, a policy or a binding is for. */
export interface Criteria {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  matchPolicy?: string;
  rules: readonly Rule[];
  excluded?: readonly Rule[];
}

/** What is being admitted, as rules see it. */
export interface Attempt {
  request: ResourceRequest;
  operation: string;
  /** '' while it is still to be generated. */
  name: string;
  namespace: string;
  object: KubeObject | undefined;
  old: KubeObject | undefined;
  /** What is connected to is no object of the resource: the options of the connection are what is looked at. */
  options?: ConnectOptions;
}

export interface ConnectOptions {
  /** `PodExecOptions` */
  kind: string;
  [field: string]: unknown;
}

const OPERATIONS: Record<string, string> = {
  create: 'CREATE',
  update: 'UPDATE',
  patch: 'UPDATE',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** Kinds that configure admission are never admitted by it. */
const EXEMPT = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]); // prettier-ignore

/** The request as rules see it; undefined for what no rule concerns. */
export function attemptOf(
  request: ResourceRequest,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
  options?: ConnectOptions,
): Attempt | undefined {
  const { resource, verb } = request;
  if (resource.group === 'admissionregistration.k8s.io' && EXEMPT.has(resource.plural)) return undefined;
  // A draft that is not there yet makes any request with an object a write of it: apply creates and updates.
  const written = object && (old ? 'UPDATE' : 'CREATE');
  const operation = options ? 'CONNECT' : (written ?? OPERATIONS[verb]);
  if (!operation) return undefined;
  // Of a collection nobody names the objects.
  const name = verb === 'deletecollection' ? '' : request.name || (object ?? old)?.metadata.name || '';
  const namespace = resource.name === 'namespaces' ? name : resource.namespaced ? request.namespace : '';
  const seen = (one: KubeObject | undefined) => (one && request.written?.of ? request.written.of(one) : one);
  return { request, operation, name, namespace, object: seen(object), old: seen(old), options };
}

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list?.some((one) => one === '*' || one === wanted) ?? false;

function matchesResource(resources: readonly string[] | undefined, plural: string, sub: string): boolean {
  return (resources ?? []).some((text) => {
    const slash = text.indexOf('/');
    const [resource, subresource] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
    return (resource === '*' || resource === plural) && (subresource === '*' || subresource === sub);
  });
}

function matchesScope(scope: string | undefined, { request, namespace }: Attempt): boolean {
  if (!scope || scope === '*') return true;
  const inNamespace = request.resource.name !== 'namespaces' && namespace !== '';
  return inNamespace === (scope === 'Namespaced');
}

/** The version in which a rule wants the resource, if it wants it. */
function matchedVersion(rules: readonly Rule[], exact: boolean, attempt: Attempt): string | undefined {
  const { request, operation, name } = attempt;
  const { resource, subresource, world } = request;
  const others = exact ? [] : (world.registry.group(resource.group)?.versions ?? []);
  const versions = [resource.version, ...others.filter((version) => version !== resource.version)];
  return versions.find(
    (version) =>
      world.registry.find(resource.group, version, resource.plural) &&
      rules.some(
        (rule) =>
          matchesScope(rule.scope, attempt) &&
          has(rule.operations, operation) &&
          has(rule.apiGroups, resource.group) &&
          has(rule.apiVersions, version) &&
          matchesResource(rule.resources, resource.plural, subresource) &&
          (!rule.resourceNames?.length || rule.resourceNames.includes(name)),
      ),
  );
}

/** The namespace of the request, as admission knows it; undefined for what is in none. */
export function namespaceOf({ request, namespace, name, object }: Attempt): Namespace | undefined {
  if (request.resource.name === 'namespaces')
    return (object ?? request.world.store.get('namespaces', '', name)) as Namespace | undefined;
  return namespace === '' ? undefined : (request.world.store.get('namespaces', '', namespace) as Namespace | undefined);
}

function matchesNamespace(selector: LabelSelector, attempt: Attempt): boolean {
  if (attempt.namespace === '' || !selector || isEmpty(selector)) return true;
  const namespace = namespaceOf(attempt);
  if (!namespace) throw internalError(`namespaces ${JSON.stringify(attempt.namespace)} not found`);
  return selects(selector, namespace.metadata.labels ?? {});
}

const isEmpty = (selector: NonNullable<LabelSelector>): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;

const matchesObject = (selector: LabelSelector, { object, old }: Attempt): boolean =>
  !selector ||
  isEmpty(selector) ||
  [object, old].some((one) => one !== undefined && selects(selector, one.metadata.labels ?? {}));

/** The version of the resource for which the criteria are met (that of the request without rules), or undefined. */
export function matchCriteria(criteria: Criteria, attempt: Attempt): string | undefined {
  const { namespaceSelector, objectSelector, matchPolicy, rules, excluded = [] } = criteria;
  if (!matchesNamespace(namespaceSelector, attempt) || !matchesObject(objectSelector, attempt)) return undefined;
  const exact = matchPolicy === 'Exact';
  if (matchedVersion(excluded, exact, attempt) !== undefined) return undefined;
  return rules.length === 0 ? attempt.request.resource.version : matchedVersion(rules, exact, attempt);
}
