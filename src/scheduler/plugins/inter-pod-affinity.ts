import { selects } from '../../api/machinery/selectors.ts';
import type { LabelSelector, Pod } from '../../types/objects.ts';
import { type Cycle, type FilterPlugin, labelsOf, MAX_SCORE, type NodeInfo, type ScorePlugin } from '../framework.ts';

const NAME = 'InterPodAffinity';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;
type Term = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number];

const requiredAffinity = (pod: Pod): Term[] =>
  pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const requiredAntiAffinity = (pod: Pod): Term[] =>
  pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** A term's selector with what (mis)matchLabelKeys add of the labels of the pod that has the term. */
function selectorOf(term: Term, labels: Record<string, string>): LabelSelector | undefined {
  if (!term.labelSelector) return undefined;
  const add = (keys: string[] | undefined, operator: string) =>
    (keys ?? []).filter((key) => key in labels).map((key) => ({ key, operator, values: [labels[key]!] }));
  const more = [...add(term.matchLabelKeys, 'In'), ...add(term.mismatchLabelKeys, 'NotIn')];
  return { ...term.labelSelector, matchExpressions: [...(term.labelSelector.matchExpressions ?? []), ...more] };
}

/** Whether `owner`'s term means the pod `other`. */
function means(term: Term, owner: Pod, other: Pod, client: Cycle['client']): boolean {
  if (!selects(selectorOf(term, owner.metadata.labels ?? {}), other.metadata.labels)) return false;
  const { namespaces = [], namespaceSelector } = term;
  const { namespace = '' } = other.metadata;
  if (namespaces.includes(namespace)) return true;
  if (namespaceSelector) return selects(namespaceSelector, client.get('namespaces', '', namespace)?.metadata.labels);
  return namespaces.length === 0 && namespace === owner.metadata.namespace;
}

/** The `key=value` of a node for a topology key; undefined where the label is missing. */
function domainOf(node: NodeInfo, key: string): string | undefined {
  const value = labelsOf(node)[key];
  return value === undefined ? undefined : `${key}=${value}`;
}

export const interPodAffinity: FilterPlugin = {
  name: NAME,
  wakes: ['pod-deleted', 'pod-changed'],
  prepare({ pod, nodes, client }) {
    const affinity = requiredAffinity(pod);
    const anti = requiredAntiAffinity(pod);
    /** Where all affinity terms together, each anti-affinity term, and others' anti-affinity find a pod. */
    const wanted = new Set<string>();
    const avoided = new Set<string>();
    const closed = new Set<string>();
    const note = (domains: Set<string>, node: NodeInfo, terms: Term[]) => {
      for (const term of terms) {
        const domain = domainOf(node, term.topologyKey);
        if (domain) domains.add(domain);
      }
    };
    for (const node of nodes) {
      for (const other of node.withAffinity) {
        note(
          closed,
          node,
          requiredAntiAffinity(other).filter((term) => means(term, other, pod, client)),
        );
      }
      if (affinity.length + anti.length === 0) continue;
      for (const other of node.pods) {
        if (affinity.length > 0 && affinity.every((term) => means(term, pod, other, client)))
          note(wanted, node, affinity);
        note(
          avoided,
          node,
          anti.filter((term) => means(term, pod, other, client)),
        );
      }
    }
    if (affinity.length + anti.length + closed.size === 0) return undefined;
    // The first of a group may start anywhere: it would wait for itself.
    const isFirst = wanted.size === 0 && affinity.every((term) => means(term, pod, pod, client));
    return (node) => {
      const domains = affinity.map((term) => domainOf(node, term.topologyKey));
      const found = domains.every((domain) => domain !== undefined && (isFirst || wanted.has(domain)));
      if (!found) return { reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true };
      if (anti.some((term) => avoided.has(domainOf(node, term.topologyKey) ?? '')))
        return { reasons: ["node(s) didn't match pod anti-affinity rules"] };
      if (Object.entries(labelsOf(node)).some(([key, value]) => closed.has(`${key}=${value}`)))
        return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"] };
      return undefined;
    };
  },
};

type Weighted = { weight: number; podAffinityTerm: Term };

const preferred = (pod: Pod): { terms: Weighted[]; sign: number }[] => [
  { terms: pod.spec?.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [], sign: 1 },
  { terms: pod.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [], sign: -1 },
];

export const interPodAffinityScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  score({ pod, nodes: all, client }, nodes) {
    const sums = new Map<string, number>();
    const add = (node: NodeInfo, term: Term, weight: number) => {
      const domain = domainOf(node, term.topologyKey);
      if (domain) sums.set(domain, (sums.get(domain) ?? 0) + weight);
    };
    const own = preferred(pod).filter(({ terms }) => terms.length > 0);
    for (const node of all) {
      for (const { terms, sign } of own) {
        for (const { weight, podAffinityTerm: term } of terms)
          for (const other of node.pods) if (means(term, pod, other, client)) add(node, term, sign * weight);
      }
      for (const other of node.withAffinity) {
        // Others' wishes count, too, and what they require weighs one.
        for (const term of requiredAffinity(other)) if (means(term, other, pod, client)) add(node, term, 1);
        for (const { terms, sign } of preferred(other)) {
          for (const { weight, podAffinityTerm: term } of terms)
            if (means(term, other, pod, client)) add(node, term, sign * weight);
        }
      }
    }
    if (sums.size === 0) return undefined;
    const scores = nodes.map((node) =>
      Object.entries(labelsOf(node)).reduce((sum, [key, value]) => sum + (sums.get(`${key}=${value}`) ?? 0), 0),
    );
    const lowest = Math.min(...scores);
    const range = Math.max(...scores) - lowest;
    return scores.map((score) => (range > 0 ? Math.trunc((MAX_SCORE * (score - lowest)) / range) : 0));
  },
};
