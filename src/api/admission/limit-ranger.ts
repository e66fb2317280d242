import { Quantity } from '../../base/quantity.ts';
import type { Container, LimitRange, PersistentVolumeClaim, Pod } from '../../types/objects.ts';
import { aggregate } from '../machinery/invalid.ts';
import type { ResourceRequest } from '../world.ts';
import { type AdmissionPlugin, creates, refuse } from './plugin.ts';

type Quantities = Record<string, string>;
type Limit = NonNullable<LimitRange['spec']>['limits'][number];

const ANNOTATION = 'kubernetes.io/limit-ranger';

const rangesOf = ({ world, namespace }: ResourceRequest): LimitRange[] =>
  world.store.list('limitranges', namespace) as LimitRange[];

const limitsOf = (range: LimitRange, type: string): Limit[] =>
  (range.spec?.limits ?? []).filter((one) => one.type === type);

/** Fills in what a container left out, and says so in the pod's annotation. */
function fill(container: Container, requests: Quantities, limits: Quantities, kind: string): string[] {
  const set: string[] = [];
  const resources = { ...container.resources };
  const add = (what: 'requests' | 'limits', defaults: Quantities) => {
    const given = (resources[what] ?? {}) as Quantities;
    const missing = Object.keys(defaults).filter((name) => given[name] === undefined);
    if (missing.length === 0) return;
    resources[what] = { ...given, ...Object.fromEntries(missing.map((name) => [name, defaults[name]!])) };
    set.push(`${missing.sort().join(', ')} ${what.slice(0, -1)} for ${kind} ${container.name}`);
  };
  add('requests', requests);
  add('limits', limits);
  container.resources = resources;
  return set;
}

function setDefaults(pod: Pod, range: LimitRange): void {
  const requests: Quantities = {};
  const limits: Quantities = {};
  for (const limit of limitsOf(range, 'Container')) {
    Object.assign(requests, limit.defaultRequest);
    Object.assign(limits, limit.default);
  }
  const spec = pod.spec!;
  const set = [
    ...(spec.containers ?? []).flatMap((one) => fill(one, requests, limits, 'container')),
    ...(spec.initContainers ?? []).flatMap((one) => fill(one, requests, limits, 'init container')),
  ];
  if (set.length === 0) return;
  const text = `LimitRanger plugin set: ${set.join('; ')}`;
  pod.metadata = { ...pod.metadata, annotations: { ...pod.metadata.annotations, [ANNOTATION]: text } };
}

const exceeds = (a: string | undefined, b: string): boolean =>
  a !== undefined && Quantity.parse(a).compare(Quantity.parse(b)) > 0;

/** What a limit says against these requests and limits; a claim has requests only. */
function violations(limit: Limit, requests: Quantities, limits: Quantities, requestsOnly = false): string[] {
  const found: string[] = [];
  const { type } = limit;
  for (const [name, enforced] of Object.entries((limit.min ?? {}) as Quantities).sort()) {
    const words = `minimum ${name} usage per ${type} is ${enforced}`;
    const [request, upper] = [requests[name], limits[name]];
    if (request === undefined) found.push(`${words}.  No request is specified`);
    else if (exceeds(enforced, request)) found.push(`${words}, but request is ${request}`);
    else if (upper !== undefined && exceeds(enforced, upper)) found.push(`${words}, but limit is ${upper}`);
  }
  for (const [name, enforced] of Object.entries((limit.max ?? {}) as Quantities).sort()) {
    const words = `maximum ${name} usage per ${type} is ${enforced}`;
    const [request, upper] = [requests[name], limits[name]];
    if (requestsOnly) {
      if (request === undefined) found.push(`${words}.  No request is specified`);
      else if (exceeds(request, enforced)) found.push(`${words}, but request is ${request}`);
    } else if (upper === undefined) found.push(`${words}.  No limit is specified`);
    else if (exceeds(upper, enforced)) found.push(`${words}, but limit is ${upper}`);
    else if (exceeds(request, enforced)) found.push(`${words}, but request is ${request}`);
  }
  for (const [name, enforced] of Object.entries((limit.maxLimitRequestRatio ?? {}) as Quantities).sort()) {
    const words = `${name} max limit to request ratio per ${type} is ${enforced}`;
    const request = requests[name] === undefined ? 0 : Quantity.parse(requests[name]).toNumber();
    const upper = limits[name] === undefined ? 0 : Quantity.parse(limits[name]).toNumber();
    if (request === 0) found.push(`${words}, but no request is specified or request is 0`);
    else if (upper === 0) found.push(`${words}, but no limit is specified or limit is 0`);
    else if (upper / request > Quantity.parse(enforced).toNumber())
      found.push(`${words}, but provided ratio is ${(upper / request).toFixed(6)}`);
  }
  return found;
}

const quantitiesOf = ({ resources }: Container, what: 'requests' | 'limits'): Quantities =>
  (resources?.[what] ?? {}) as Quantities;

/** A pod's sum: its containers together, or the greatest of its init containers if that is more. */
function podSum({ spec }: Pod, what: 'requests' | 'limits'): Quantities {
  const sum: Record<string, Quantity> = {};
  for (const container of spec!.containers ?? [])
    for (const [name, value] of Object.entries(quantitiesOf(container, what)))
      sum[name] = sum[name] ? sum[name].add(Quantity.parse(value)) : Quantity.parse(value);
  for (const container of spec!.initContainers ?? [])
    for (const [name, value] of Object.entries(quantitiesOf(container, what)))
      if (!sum[name] || Quantity.parse(value).compare(sum[name]) > 0) sum[name] = Quantity.parse(value);
  return Object.fromEntries(Object.entries(sum).map(([name, value]) => [name, value.toString()]));
}

function podViolations(pod: Pod, range: LimitRange): string[] {
  const containers = [...(pod.spec!.containers ?? []), ...(pod.spec!.initContainers ?? [])];
  return (range.spec?.limits ?? []).flatMap((limit) => {
    if (limit.type === 'Container')
      return containers.flatMap((one) => violations(limit, quantitiesOf(one, 'requests'), quantitiesOf(one, 'limits')));
    return limit.type === 'Pod' ? violations(limit, podSum(pod, 'requests'), podSum(pod, 'limits')) : [];
  });
}

/** Gives pods the defaults of the namespace's limit ranges, and holds pods and claims to their bounds. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['pods', 'persistentvolumeclaims'],
  admit(request, draft) {
    if (!draft || !creates(request, 'pods')) return;
    for (const range of rangesOf(request)) setDefaults(draft as Pod, range);
  },
  validate(request, object) {
    if (!object) return;
    const found = (range: LimitRange): string[] => {
      if (creates(request, 'pods')) return podViolations(object as Pod, range);
      if (!creates(request, 'persistentvolumeclaims')) return [];
      const requests = ((object as PersistentVolumeClaim).spec?.resources?.requests ?? {}) as Quantities;
      return limitsOf(range, 'PersistentVolumeClaim').flatMap((limit) => violations(limit, requests, {}, true));
    };
    for (const range of rangesOf(request)) {
      const messages = found(range);
      if (messages.length > 0) throw refuse(request, object, aggregate(messages));
    }
  },
};
