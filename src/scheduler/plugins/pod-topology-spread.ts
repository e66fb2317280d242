import { matchesLabels, requirementsOf, selects } from '../../api/machinery/selectors.ts';
import { matchesPodAffinity } from '../../runtime/component-helpers/node-selector.ts';
import { toleratesTaint } from '../../runtime/component-helpers/tolerations.ts';
import type { LabelSelector, Pod } from '../../types/objects.ts';
import { type Cycle, type FilterPlugin, labelsOf, MAX_SCORE, type NodeInfo, type ScorePlugin } from '../framework.ts';

const NAME = 'PodTopologySpread';
const NO_MATCH = "node(s) didn't match pod topology spread constraints";
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

type Constraint = NonNullable<NonNullable<Pod['spec']>['topologySpreadConstraints']>[number];

/** A constraint's selector with what matchLabelKeys add to it. */
function selectorOf(constraint: Constraint, pod: Pod): LabelSelector {
  const labels = pod.metadata.labels ?? {};
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => labels[key] !== undefined);
  const more = keys.map((key) => ({ key, operator: 'In', values: [labels[key]!] }));
  const { labelSelector } = constraint;
  return { ...labelSelector, matchExpressions: [...(labelSelector?.matchExpressions ?? []), ...more] };
}

/** How many pods of a list match, by namespace and selector: most nodes have the same pods as they had for the last pod. */
const counted = new WeakMap<readonly Pod[], Map<string, number>>();

/** Counts the pods on a node that a constraint of `pod` is about. */
function matchCounter(constraint: Constraint, pod: Pod): (node: NodeInfo) => number {
  const selector = selectorOf(constraint, pod);
  const requirements = requirementsOf(selector)!;
  // No selector means no pods, and so does one that would mean all.
  if (!constraint.labelSelector || requirements.length === 0) return () => 0;
  const { namespace } = pod.metadata;
  const key = JSON.stringify([namespace, selector]);
  return ({ pods }) => {
    const counts = counted.get(pods) ?? new Map<string, number>();
    counted.set(pods, counts);
    let count = counts.get(key);
    if (count === undefined) {
      count = pods.filter(
        ({ metadata }) =>
          metadata.namespace === namespace &&
          !metadata.deletionTimestamp &&
          matchesLabels(requirements, metadata.labels),
      ).length;
      counts.set(key, count);
    }
    return count;
  };
}

/** Whether the node's pods count, as nodeAffinityPolicy and nodeTaintsPolicy say. */
function isIncluded({ node }: NodeInfo, constraint: Constraint, pod: Pod): boolean {
  if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !matchesPodAffinity(pod, node)) return false;
  if ((constraint.nodeTaintsPolicy ?? 'Ignore') === 'Ignore') return true;
  const taints = (node.spec?.taints ?? []).filter((taint) => taint.effect !== 'PreferNoSchedule');
  return taints.every((taint) => toleratesTaint(pod.spec?.tolerations, taint));
}

/** Matching pods by value of the topology key. */
function domains(constraint: Constraint, nodes: NodeInfo[], keys: string[], pod: Pod): Map<string, number> {
  const counts = new Map<string, number>();
  const matching = matchCounter(constraint, pod);
  for (const node of nodes) {
    const labels = labelsOf(node);
    if (!keys.every((key) => key in labels) || !isIncluded(node, constraint, pod)) continue;
    const value = labels[constraint.topologyKey]!;
    counts.set(value, (counts.get(value) ?? 0) + matching(node));
  }
  return counts;
}

const constraintsOf = (pod: Pod, action: Constraint['whenUnsatisfiable']): Constraint[] =>
  (pod.spec?.topologySpreadConstraints ?? []).filter((one) => one.whenUnsatisfiable === action);

export const podTopologySpread: FilterPlugin = {
  name: NAME,
  wakes: ['pod-deleted', 'pod-changed'],
  prepare({ pod, nodes }) {
    const hard = constraintsOf(pod, 'DoNotSchedule');
    if (hard.length === 0) return undefined;
    const keys = hard.map((constraint) => constraint.topologyKey);
    const prepared = hard.map((constraint) => {
      const counts = domains(constraint, nodes, keys, pod);
      const enough = counts.size >= (constraint.minDomains ?? 1);
      const least = enough && counts.size > 0 ? Math.min(...counts.values()) : 0;
      const own = constraint.labelSelector && selects(selectorOf(constraint, pod), pod.metadata.labels);
      const self = own ? 1 : 0;
      return { constraint, counts, least, self };
    });
    return (node) => {
      for (const { constraint, counts, least, self } of prepared) {
        const value = labelsOf(node)[constraint.topologyKey];
        if (value === undefined) return { reasons: [`${NO_MATCH} (missing required label)`], unresolvable: true };
        if ((counts.get(value) ?? 0) + self - least > constraint.maxSkew) return { reasons: [NO_MATCH] };
      }
      return undefined;
    };
  },
};

/** Pods of a service or a workload spread softly even when nobody asks for it. */
function systemDefaults({ pod, client }: Cycle): Constraint[] {
  const { namespace, labels } = pod.metadata;
  const services = client
    .list('services', namespace)
    .filter(({ spec }) => spec?.selector && selects({ matchLabels: spec.selector }, labels));
  const matchLabels = Object.assign({}, ...services.map(({ spec }) => spec!.selector)) as Record<string, string>;
  const owner = pod.metadata.ownerReferences?.find((one) => one.controller);
  const owned = owner && ownerSelector(owner.kind, owner.name, namespace!, client);
  const labelSelector: LabelSelector = {
    matchLabels: { ...matchLabels, ...owned?.matchLabels },
    matchExpressions: owned?.matchExpressions,
  };
  if (Object.keys(labelSelector.matchLabels!).length + (labelSelector.matchExpressions?.length ?? 0) === 0) return [];
  return [
    { maxSkew: 3, topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
    { maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
  ];
}

function ownerSelector(
  kind: string,
  name: string,
  namespace: string,
  client: Cycle['client'],
): LabelSelector | undefined {
  if (kind === 'ReplicaSet') return client.get('replicasets.apps', namespace, name)?.spec?.selector;
  if (kind === 'StatefulSet') return client.get('statefulsets.apps', namespace, name)?.spec?.selector;
  if (kind === 'ReplicationController')
    return { matchLabels: client.get('replicationcontrollers', namespace, name)?.spec?.selector };
  return undefined;
}

export const topologySpreadScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  score(cycle, nodes) {
    const { pod } = cycle;
    const own = pod.spec?.topologySpreadConstraints ?? [];
    const soft = own.length > 0 ? constraintsOf(pod, 'ScheduleAnyway') : systemDefaults(cycle);
    if (soft.length === 0) return undefined;
    const required = own.length > 0 ? soft.map((constraint) => constraint.topologyKey) : [];
    const eligible = nodes.filter((node) => required.every((key) => key in labelsOf(node)));
    const included = new Set(eligible);
    const parts = soft.map((constraint) => {
      const { topologyKey } = constraint;
      const counts = domains(constraint, cycle.nodes, [...required, topologyKey], pod);
      const values = new Set(eligible.map((node) => labelsOf(node)[topologyKey]));
      const size = topologyKey === HOSTNAME ? eligible.length : values.size;
      return { constraint, counts, weight: Math.log(size + 2) };
    });
    const scores = nodes.map((node) => {
      if (!included.has(node)) return undefined;
      let sum = 0;
      for (const { constraint, counts, weight } of parts) {
        const value = labelsOf(node)[constraint.topologyKey];
        if (value !== undefined) sum += (counts.get(value) ?? 0) * weight + constraint.maxSkew - 1;
      }
      return Math.round(sum);
    });
    const known = scores.filter((score) => score !== undefined);
    const highest = Math.max(0, ...known);
    const lowest = Math.min(...known);
    return scores.map((score) => {
      if (score === undefined) return 0;
      return highest === 0 ? MAX_SCORE : Math.trunc((MAX_SCORE * (highest + lowest - score)) / highest);
    });
  },
};
