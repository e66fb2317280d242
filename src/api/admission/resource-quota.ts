import { Quantity } from '../../base/quantity.ts';
import type { KubeObject, PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../types/objects.ts';
import { writeOwnStatus } from '../machinery/own-status.ts';
import type { ResourceRequest } from '../world.ts';
import { type AdmissionPlugin, refuse } from './plugin.ts';

type Quantities = Record<string, string>;
type Usage = Record<string, Quantity>;

const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage']);
const one = (): Quantity => Quantity.of(1);

function addTo(usage: Usage, name: string, amount: Quantity): void {
  usage[name] = usage[name] ? usage[name].add(amount) : amount;
}

type Kind = 'requests' | 'limits';

/** Requests or limits of a whole pod: containers together with sidecars, or the greatest init container. */
function podTotal({ spec }: Pod, kind: Kind): Usage {
  const total: Usage = {};
  const of = (container: { resources?: { requests?: object; limits?: object } }) =>
    Object.entries((container.resources?.[kind] ?? {}) as Quantities);
  for (const container of spec?.containers ?? [])
    for (const [name, value] of of(container)) addTo(total, name, Quantity.parse(value));
  for (const container of spec?.initContainers ?? [])
    for (const [name, value] of of(container)) {
      const amount = Quantity.parse(value);
      if (container.restartPolicy === 'Always') addTo(total, name, amount);
      else if (!total[name] || amount.compare(total[name]) > 0) total[name] = amount;
    }
  return total;
}

function podUsage(pod: Pod): Usage {
  const usage: Usage = { 'count/pods': one() };
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return usage;
  usage.pods = one();
  for (const [name, amount] of Object.entries(podTotal(pod, 'requests'))) {
    usage[`requests.${name}`] = amount;
    if (COMPUTE.has(name)) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(podTotal(pod, 'limits'))) usage[`limits.${name}`] = amount;
  return usage;
}

function serviceUsage({ spec }: Service): Usage {
  const usage: Usage = { services: one(), 'count/services': one() };
  const ports = Quantity.of(spec?.ports?.length ?? 0);
  if (spec?.type === 'NodePort') usage['services.nodeports'] = ports;
  if (spec?.type === 'LoadBalancer') {
    usage['services.loadbalancers'] = one();
    if (spec.allocateLoadBalancerNodePorts !== false) usage['services.nodeports'] = ports;
  }
  return usage;
}

function claimUsage({ spec }: PersistentVolumeClaim): Usage {
  const requested = (spec?.resources?.requests as Quantities | undefined)?.storage;
  const storage = requested === undefined ? undefined : Quantity.parse(requested);
  const usage: Usage = { persistentvolumeclaims: one(), 'count/persistentvolumeclaims': one() };
  if (storage) usage['requests.storage'] = storage;
  if (spec?.storageClassName) {
    const prefix = `${spec.storageClassName}.storageclass.storage.k8s.io/`;
    usage[`${prefix}persistentvolumeclaims`] = one();
    if (storage) usage[`${prefix}requests.storage`] = storage;
  }
  return usage;
}

/** Kinds whose plain name quotas know besides `count/NAME`. */
const PLAIN = new Set(['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas']);

/** What one object of a resource takes from quotas (evaluator.Usage). */
export function usageOf(resource: string, object: KubeObject): Usage {
  switch (resource) {
    case 'pods':
      return podUsage(object as Pod);
    case 'services':
      return serviceUsage(object as Service);
    case 'persistentvolumeclaims':
      return claimUsage(object as PersistentVolumeClaim);
    default:
      return { [`count/${resource}`]: one(), ...(PLAIN.has(resource) && { [resource]: one() }) };
  }
}

const isBestEffort = ({ spec }: Pod): boolean =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].every(
    ({ resources }) => !resources || (isBlank(resources.requests) && isBlank(resources.limits)),
  );
const isBlank = (map: object | undefined): boolean => !map || Object.keys(map).every((name) => !DEMANDED.has(name));

interface ScopeRule {
  scopeName: string;
  operator: string;
  values?: string[];
}

function inScope(rule: ScopeRule, pod: Pod): boolean {
  switch (rule.scopeName) {
    case 'Terminating':
      return (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;
    case 'NotTerminating':
      return pod.spec?.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass': {
      const name = pod.spec?.priorityClassName;
      if (rule.operator === 'Exists') return Boolean(name);
      if (rule.operator === 'DoesNotExist') return !name;
      return (rule.operator === 'In') === (name !== undefined && (rule.values ?? []).includes(name));
    }
    default:
      return false;
  }
}

/** Whether a quota counts this object: quotas with scopes count pods alone. */
export function quotaMatches(quota: ResourceQuota, resource: string, object: KubeObject): boolean {
  const rules: ScopeRule[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...((quota.spec?.scopeSelector?.matchExpressions ?? []) as ScopeRule[]),
  ];
  return rules.length === 0 || (resource === 'pods' && rules.every((rule) => inScope(rule, object as Pod)));
}

const listed = (usage: Record<string, Quantity | string>, names: string[]): string =>
  names.map((name) => `${name}=${usage[name]?.toString() ?? '0'}`).join(',');

/** What a container must say something about where a quota bounds it (validationSet). */
const DEMANDED = new Set(['cpu', 'memory']);

/** Compute resources that the quota bounds and a container of the pod says nothing about (Constraints). */
function unsaid(pod: Pod, hard: Quantities): string[] {
  const missing = new Map<string, string[]>();
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  for (const bounded of Object.keys(hard).sort()) {
    const [first, second] = bounded.split('.');
    const [kind, name] = second ? [first, second] : ['requests', first!];
    if ((kind !== 'requests' && kind !== 'limits') || !DEMANDED.has(name!)) continue;
    const without = containers
      .filter(({ resources }) => (resources?.[kind] as Quantities | undefined)?.[name!] === undefined)
      .map((container) => container.name);
    if (without.length > 0) missing.set(bounded, without);
  }
  return [...missing].map(([bounded, names]) => `${bounded} for: ${[...new Set(names)].sort().join(',')}`);
}

/** Kinds of which an update can take more as well (evaluator.Handles). */
const GROWING = new Set(['services', 'persistentvolumeclaims']);

/** Holds a namespace to its quotas, and counts what it lets in. */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(request, object, old) {
    const { world, namespace, resource, subresource, dryRun } = request;
    if (!object || subresource !== '' || !resource.namespaced || (old && !GROWING.has(resource.name))) return;
    const quotas = (world.store.list('resourcequotas', namespace) as ResourceQuota[]).filter((quota) =>
      quotaMatches(quota, resource.name, object),
    );
    if (quotas.length === 0) return;
    if (resource.name === 'pods') for (const quota of quotas) mustSay(request, quota, object as Pod);
    const usage = addedUsage(resource.name, object, old);
    const charged = quotas.map((quota) => ({ quota, used: charge(request, quota, object, usage) }));
    if (dryRun) return;
    for (const { quota, used } of charged)
      if (used)
        writeOwnStatus(request, 'resourcequotas', quota, {
          ...quota,
          status: { ...quota.status, used },
        } as ResourceQuota);
  },
};

/** What the object takes more than it took before. */
function addedUsage(resource: string, object: KubeObject, old: KubeObject | undefined): Usage {
  const usage = usageOf(resource, object);
  if (!old) return usage;
  const before = usageOf(resource, old);
  return Object.fromEntries(
    [...new Set([...Object.keys(usage), ...Object.keys(before)])].map((name) => [
      name,
      (usage[name] ?? Quantity.of(0)).subtract(before[name] ?? Quantity.of(0)),
    ]),
  );
}

function mustSay(request: ResourceRequest, { metadata, status }: ResourceQuota, pod: Pod): void {
  const missing = unsaid(pod, (status?.hard ?? {}) as Quantities);
  if (missing.length > 0)
    throw refuse(request, pod, `failed quota: ${metadata.name}: must specify ${missing.join('; ')}`);
}

/** What is used of the quota with the object, if it counts that; throws a 403 if it is too much. */
function charge(
  request: ResourceRequest,
  quota: ResourceQuota,
  object: KubeObject,
  usage: Usage,
): Quantities | undefined {
  const hard = (quota.status?.hard ?? {}) as Quantities;
  const used = (quota.status?.used ?? {}) as Quantities;
  const counted = Object.keys(usage)
    .filter((one) => hard[one] !== undefined && !usage[one]!.isZero())
    .sort();
  if (counted.length === 0) return undefined;
  const next = Object.fromEntries(counted.map((one) => [one, Quantity.parse(used[one] ?? '0').add(usage[one]!)]));
  const exceeded = counted.filter((one) => next[one]!.compare(Quantity.parse(hard[one]!)) > 0);
  if (exceeded.length > 0)
    throw refuse(
      request,
      object,
      `exceeded quota: ${quota.metadata.name}, requested: ${listed(usage, exceeded)}, used: ${listed(used, exceeded)}, limited: ${listed(hard, exceeded)}`,
    );
  return { ...used, ...Object.fromEntries(counted.map((one) => [one, next[one]!.toString()])) };
}
