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

/** What PreFilter came to: who asks what of the nodes, and who has said which nodes these are. */
interface Prepared {
  asked: { plugin: FilterPlugin; filter: NodeFilter }[];
  named?: { plugins: string[]; names: ReadonlySet<string> };
}

/** Asks every plugin once what it makes of the pod: a rejection ends it. */
function prepare(cycle: Cycle): Prepared | { plugin: FilterPlugin; rejection: Rejection } {
  const prepared: Prepared = { asked: [] };
  for (const plugin of FILTERS) {
    const answer = plugin.prepare(cycle);
    if (typeof answer === 'function') prepared.asked.push({ plugin, filter: answer });
    else if (answer && 'reasons' in answer) return { plugin, rejection: answer };
    else if (answer) {
      prepared.asked.push({ plugin, filter: answer.filter });
      prepared.named = { plugins: [plugin.name], names: answer.names };
    }
  }
  return prepared;
}

/** What one plugin has against a node. */
export function objection(plugin: FilterPlugin, cycle: Cycle, node: NodeInfo): Rejection | undefined {
  const answer = plugin.prepare(cycle);
  if (typeof answer === 'function') return answer(node);
  if (!answer || 'reasons' in answer) return answer;
  return answer.names.has(node.node.metadata.name!) ? answer.filter(node) : unnamed([plugin.name]);
}

/** Of a node that is none of those which PreFilter plugins have named. */
const unnamed = (plugins: string[]): Rejection => ({
  reasons: [`node(s) didn't satisfy plugin(s) [${plugins.join(' ')}]`],
  unresolvable: true,
});

/** Runs PreFilter and Filter over all nodes. */
export function filterNodes(cycle: Cycle): FilterOutcome {
  const diagnosis: Diagnosis = { byNode: new Map(), plugins: new Set() };
  const prepared = prepare(cycle);
  if ('rejection' in prepared) {
    const { plugin, rejection } = prepared;
    diagnosis.plugins.add(plugin.name);
    diagnosis.preFilter = rejection.reasons.join(', ');
    for (const { node } of cycle.nodes) diagnosis.byNode.set(node.metadata.name!, rejection);
    return { feasible: [], diagnosis };
  }
  const { asked, named } = prepared;
  for (const plugin of named?.plugins ?? []) diagnosis.plugins.add(plugin);
  const feasible = cycle.nodes.filter((node) => {
    const name = node.node.metadata.name!;
    if (named && !named.names.has(name)) {
      diagnosis.byNode.set(name, unnamed(named.plugins));
      return false;
    }
    for (const { plugin, filter } of asked) {
      const rejection = filter(node);
      if (!rejection) continue;
      diagnosis.byNode.set(name, rejection);
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
  if ('rejection' in prepared) return prepared.rejection;
  for (const { filter } of prepared.asked) {
    const rejection = filter(node);
    if (rejection) return rejection;
  }
  return undefined;
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
