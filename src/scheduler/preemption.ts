import { selects } from '../api/machinery/selectors.ts';
import { formatTime, parseTime } from '../base/time.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import { unboundPods } from '../runtime/component-helpers/pods-on-node.ts';
import type { LabelSelector, Pod, PodDisruptionBudget } from '../types/objects.ts';
import { type Diagnosis, fitError, rejectionFor } from './algorithm.ts';
import type { Cycle, NodeInfo, Rejection } from './framework.ts';
import { nodeInfo, priorityOf } from './snapshot.ts';

interface Candidate {
  node: string;
  victims: Pod[];
  /** How many of the victims a disruption budget would protect. */
  violations: number;
}

/** What came of it: a node whose room the pod may wait for, or what the message of the failure ends with. */
export interface Preemption {
  nominated?: string;
  message?: string;
  /** No node's room is worth waiting for (any more). */
  hopeless?: boolean;
}

const PREEMPTION = 'PreemptionByScheduler';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
const NO_VICTIMS = 'No preemption victims found for incoming pod';

/** DefaultPreemption: makes room for a pod by ending less important ones (pkg/scheduler/framework/preemption). */
export function preempt(cycle: Cycle, diagnosis: Diagnosis, world: ActorWorld): Preemption {
  const { pod, nodes } = cycle;
  if (pod.spec?.preemptionPolicy === 'Never')
    return { message: 'preemption: not eligible due to preemptionPolicy=Never.' };
  if (waitsForTermination(cycle, diagnosis))
    return { message: 'preemption: not eligible due to a terminating pod on the nominated node.' };
  const byNode = new Map<string, Rejection>();
  const candidates: Candidate[] = [];
  const budgets = cycle.client.list('poddisruptionbudgets.policy');
  for (const info of nodes) {
    const name = info.node.metadata.name!;
    const found = diagnosis.byNode.get(name)?.unresolvable
      ? { reasons: [NOT_HELPFUL] }
      : victimsOn(cycle, info, budgets);
    if ('victims' in found) candidates.push(found);
    else byNode.set(name, found);
  }
  if (candidates.length === 0)
    return { message: `preemption: ${fitError({ byNode, plugins: new Set() }, nodes.length)}`, hopeless: true };
  const chosen = candidates.reduce((best, other) => (isBetter(other, best) ? other : best));
  giveUpNominations(chosen.node, pod, world);
  for (const victim of chosen.victims) evict(victim, pod, chosen.node, world);
  return { nominated: chosen.node };
}

/** Whether victims of this pod are still about to end on the node that it waits for. */
function waitsForTermination({ pod, nodes }: Cycle, { byNode }: Diagnosis): boolean {
  const name = pod.status?.nominatedNodeName;
  if (!name || byNode.get(name)?.unresolvable) return false;
  const nominated = nodes.find(({ node }) => node.metadata.name === name);
  return (nominated?.pods ?? []).some(
    (other) => other.metadata.deletionTimestamp && isPreempted(other) && priorityOf(other) < priorityOf(pod),
  );
}

const isPreempted = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: value, reason }) => type === 'DisruptionTarget' && value === 'True' && reason === PREEMPTION,
  ) ?? false;

/** Less important pods no longer wait for the node's room. */
function giveUpNominations(node: string, pod: Pod, { client }: ActorWorld): void {
  for (const other of unboundPods(client)) {
    if (other.status?.nominatedNodeName !== node || priorityOf(other) >= priorityOf(pod)) continue;
    const { namespace = '', name = '' } = other.metadata;
    client.patch('pods', namespace, name, { status: { nominatedNodeName: null } }, 'status');
  }
}

/** The pods whose end would let the pod in: all less important ones, without those that can stay after all. */
function victimsOn(cycle: Cycle, info: NodeInfo, budgets: PodDisruptionBudget[]): Candidate | Rejection {
  const less = info.pods.filter((other) => priorityOf(other) < priorityOf(cycle.pod));
  if (less.length === 0) return { reasons: [NO_VICTIMS] };
  let kept = info.pods.filter((other) => !less.includes(other));
  const rejection = withPods(cycle, info, kept);
  if (rejection) return rejection;
  less.sort(byImportance);
  const protectedOnes = new Set(violating(less, budgets));
  const ordered = [...protectedOnes, ...less.filter((other) => !protectedOnes.has(other))];
  const victims: Pod[] = [];
  for (const other of ordered) {
    if (withPods(cycle, info, [...kept, other])) victims.push(other);
    else kept = [...kept, other];
  }
  victims.sort(byImportance);
  return {
    node: info.node.metadata.name!,
    victims,
    violations: victims.filter((victim) => protectedOnes.has(victim)).length,
  };
}

/** What would keep the pod off the node if only `pods` were there. */
function withPods(cycle: Cycle, info: NodeInfo, pods: Pod[]): Rejection | undefined {
  const changed = nodeInfo(info.node, pods);
  const nodes = cycle.nodes.map((one) => (one === info ? changed : one));
  return rejectionFor({ ...cycle, nodes }, changed);
}

const startOf = (pod: Pod): number => parseTime(pod.status?.startTime ?? pod.metadata.creationTimestamp!);

/** Higher priority first, then who has run for longer. */
const byImportance = (a: Pod, b: Pod): number => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b);

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;

function violating(pods: Pod[], budgets: PodDisruptionBudget[]): Pod[] {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  return pods.filter((pod) => {
    let violated = false;
    for (const [budget, allowed] of left) {
      if (budget.metadata.namespace !== pod.metadata.namespace) continue;
      if (isEmpty(budget.spec?.selector) || !selects(budget.spec?.selector, pod.metadata.labels)) continue;
      if (budget.status?.disruptedPods?.[pod.metadata.name!]) continue;
      left.set(budget, allowed - 1);
      if (allowed - 1 < 0) violated = true;
    }
    return violated;
  });
}

/** pickOneNodeForPreemption: fewest violations, then the least important victims, the fewest, the youngest. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const sum = ({ victims }: Candidate) => victims.reduce((total, pod) => total + priorityOf(pod) + 2 ** 31, 0);
  const highest = ({ victims }: Candidate) => Math.max(-(2 ** 31), ...victims.map(priorityOf));
  const earliest = (candidate: Candidate) =>
    Math.min(...candidate.victims.filter((pod) => priorityOf(pod) === highest(candidate)).map(startOf));
  const scales: ((candidate: Candidate) => number)[] = [
    (candidate) => candidate.violations,
    highest,
    sum,
    (candidate) => candidate.victims.length,
    (candidate) => -earliest(candidate),
  ];
  for (const scale of scales) {
    if (scale(a) !== scale(b)) return scale(a) < scale(b);
  }
  return false;
}

function evict(victim: Pod, preemptor: Pod, node: string, world: ActorWorld): void {
  const { namespace = '', name = '' } = victim.metadata;
  if (victim.metadata.deletionTimestamp) return;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: PREEMPTION,
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
    lastProbeTime: null,
    lastTransitionTime: formatTime(world.now()),
  };
  world.client.patch('pods', namespace, name, { status: { conditions: [condition] } }, 'status');
  world.client.delete('pods', namespace, name);
  const message = `Preempted by pod ${preemptor.metadata.uid} on node ${node}`;
  world.events.event(victim, 'Normal', 'Preempted', message, {
    component: 'default-scheduler',
    host: 'default-scheduler',
    action: 'Preempting',
  });
}
