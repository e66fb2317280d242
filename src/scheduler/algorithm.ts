import type { Random } from '../base/random.ts';
import type { Cycle, FilterPlugin, NodeFilter, NodeInfo, Rejection, ScorePlugin } from './framework.ts';
import { FILTERS, SCORES } from './plugins/index.ts';

/** Why each node will not do, and which plugins said so. */
export interface Diagnosis {
  /** Every node, whatever it is, is out of the question for this reason. */
  preFilter?: string;
  byNode: Map<string, Rejection>;
  plugins: Set<string>;
}

export type FilterOutcome = { feasible: NodeInfo[]; diagnosis: Diagnosis };

type Asked = { plugin: FilterPlugin; filter: NodeFilter }[];

/** Keeps the pod off the nodes that a plugin has not named. */
const onlyNamed =
  (plugin: FilterPlugin, names: ReadonlySet<string>): NodeFilter =>
  ({ node }) =>
    names.has(node.metadata.name!)
      ? undefined
      : { reasons: [`node(s) didn't satisfy plugin(s) [${plugin.name}]`], unresolvable: true };

/** What of each node one plugin asks: first whether it is one of those that it has named. A rejection if no node will do. */
function filtersOf(plugin: FilterPlugin, cycle: Cycle): { named: NodeFilter[]; own: NodeFilter[] } | Rejection {
  const answer = plugin.prepare(cycle);
  if (!answer) return { named: [], own: [] };
  if (typeof answer === 'function') return { named: [], own: [answer] };
  return 'reasons' in answer ? answer : { named: [onlyNamed(plugin, answer.names)], own: [answer.filter] };
}

/** Asks every plugin once what it makes of the pod: a rejection ends it. Other nodes than the named ones are not looked at. */
function prepare(cycle: Cycle): Asked | { plugin: FilterPlugin; rejection: Rejection } {
  const first: Asked = [];
  const asked: Asked = [];
  for (const plugin of FILTERS) {
    const filters = filtersOf(plugin, cycle);
    if ('reasons' in filters) return { plugin, rejection: filters };
    first.push(...filters.named.map((filter) => ({ plugin, filter })));
    asked.push(...filters.own.map((filter) => ({ plugin, filter })));
  }
  return [...first, ...asked];
}

/** What the first of the filters that has anything against a node says. */
function firstObjection(filters: readonly NodeFilter[], node: NodeInfo): Rejection | undefined {
  for (const filter of filters) {
    const rejection = filter(node);
    if (rejection) return rejection;
  }
  return undefined;
}

/** What one plugin has against a node. */
export function objection(plugin: FilterPlugin, cycle: Cycle, node: NodeInfo): Rejection | undefined {
  const filters = filtersOf(plugin, cycle);
  return 'reasons' in filters ? filters : firstObjection([...filters.named, ...filters.own], node);
}

/** Runs PreFilter and Filter over all nodes. */
export function filterNodes(cycle: Cycle): FilterOutcome {
  const diagnosis: Diagnosis = { byNode: new Map(), plugins: new Set() };
  const prepared = prepare(cycle);
  if (!Array.isArray(prepared)) {
    const { plugin, rejection } = prepared;
    diagnosis.plugins.add(plugin.name);
    diagnosis.preFilter = rejection.reasons.join(', ');
    for (const { node } of cycle.nodes) diagnosis.byNode.set(node.metadata.name!, rejection);
    return { feasible: [], diagnosis };
  }
  const feasible = cycle.nodes.filter((node) => {
    for (const { plugin, filter } of prepared) {
      const rejection = filter(node);
      if (!rejection) continue;
      diagnosis.byNode.set(node.node.metadata.name!, rejection);
      diagnosis.plugins.add(plugin.name);
      return false;
    }
    return true;
  });
  return { feasible, diagnosis };
}

/** What keeps the pod off one node, should `nodes` be as given: for preemption's what-ifs. */
export function rejectionFor(cycle: Cycle, node: NodeInfo): Rejection | undefined {
  const prepared = prepare(cycle);
  if (!Array.isArray(prepared)) return prepared.rejection;
  return firstObjection(
    prepared.map(({ filter }) => filter),
    node,
  );
}

/** The node with the highest score; among equals, any. */
export function bestNode(cycle: Cycle, feasible: NodeInfo[], random: Random): NodeInfo {
  if (feasible.length === 1) return feasible[0]!;
  const totals = feasible.map(() => 0);
  for (const plugin of SCORES) addScores(totals, plugin, cycle, feasible);
  const highest = Math.max(...totals);
  const best = feasible.filter((_, index) => totals[index] === highest);
  return best[random.int(best.length)]!;
}

function addScores(totals: number[], plugin: ScorePlugin, cycle: Cycle, feasible: NodeInfo[]): void {
  const scores = plugin.score(cycle, feasible);
  for (const [index, score] of (scores ?? []).entries()) totals[index]! += score * plugin.weight;
}

/** `1 Insufficient cpu, 2 node(s) were unschedulable`: how many nodes say what, in the order of the words. */
export function histogram(rejections: Iterable<Rejection>): string {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(', ');
}

/** framework.FitError.Error(), without what preemption adds. */
export function fitError({ preFilter, byNode }: Diagnosis, nodes: number): string {
  const why = preFilter ?? histogram(byNode.values());
  return `0/${nodes} nodes are available:${why ? ` ${why}.` : ''}`;
}
