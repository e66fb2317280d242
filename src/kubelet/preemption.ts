import { podRequests } from '../runtime/component-helpers/pod-requests.ts';
import type { Pod } from '../types/objects.ts';
import { isCritical } from './node/eviction.ts';

/** What there is too little of, in the units of pods' requests. */
export type Lack = { name: string; amount: number };

const message = 'Preempted in order to admit critical pod';

/** How a pod ends that makes room for a critical one. */
export const PREEMPTED = {
  reason: 'Preempting',
  message,
  disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
};

const requestOf = (pod: Pod, name: string): number => (name === 'pods' ? 1 : (podRequests(pod)[name] ?? 0));

/** What is still lacking once these pods are gone. */
const without = (lacks: Lack[], pods: Pod[]): Lack[] =>
  lacks
    .map(({ name, amount }) => ({ name, amount: amount - pods.reduce((sum, pod) => sum + requestOf(pod, name), 0) }))
    .filter(({ amount }) => amount > 0);

/** How far a pod's end would leave a node from what it lacks: 0 is enough. */
const distance = (lacks: Lack[], pod: Pod): number =>
  lacks.reduce((sum, { name, amount }) => sum + Math.max(0, (amount - requestOf(pod, name)) / amount) ** 2, 0);

/** Whether a pod asks for less memory, or as much and less cpu. */
function asksForLess(a: Pod, b: Pod): boolean {
  for (const name of ['memory', 'cpu']) {
    const difference = requestOf(a, name) - requestOf(b, name);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** The fewest of these pods that free enough, the nearest first; undefined if all of them do not. */
function nearest(pods: Pod[], lacks: Lack[]): Pod[] | undefined {
  const left = [...pods];
  const chosen: Pod[] = [];
  for (let rest = lacks; rest.length > 0; rest = without(lacks, chosen)) {
    let best = 0;
    for (const [i, pod] of left.entries()) {
      const order = distance(rest, pod) - distance(rest, left[best]!);
      if (order < 0 || (order === 0 && asksForLess(pod, left[best]!))) best = i;
    }
    const [found] = left.splice(best, 1);
    if (!found) return undefined;
    chosen.push(found);
  }
  return chosen;
}

const ofQos = (pods: Pod[], qos: string): Pod[] => pods.filter(({ status }) => status?.qosClass === qos);

/** A critical pod may end what is not critical, and what matters less than it does. */
const preemptable = (preemptor: Pod, pod: Pod): boolean =>
  pod.metadata.uid !== preemptor.metadata.uid &&
  (!isCritical(pod) || (preemptor.spec!.priority ?? 0) > (pod.spec!.priority ?? 0));

/** getPodsToPreempt: pods whose end makes room, guaranteed ones least; undefined if there are not enough. */
export function podsToPreempt(preemptor: Pod, pods: Pod[], lacks: Lack[]): Pod[] | undefined {
  const candidates = pods.filter((pod) => preemptable(preemptor, pod));
  const [bestEffort, burstable, guaranteed] = ['BestEffort', 'Burstable', 'Guaranteed'].map((qos) =>
    ofQos(candidates, qos),
  ) as [Pod[], Pod[], Pod[]];
  const fromGuaranteed = nearest(guaranteed, without(lacks, [...bestEffort, ...burstable]));
  if (!fromGuaranteed) return undefined;
  const fromBurstable = nearest(burstable, without(lacks, [...bestEffort, ...fromGuaranteed]));
  const fromBestEffort = fromBurstable && nearest(bestEffort, without(lacks, [...fromBurstable, ...fromGuaranteed]));
  return fromBestEffort && [...fromBestEffort, ...fromBurstable, ...fromGuaranteed];
}

/** Why nothing could be ended for a critical pod. */
export const unpreempted = (lacks: Lack[]): string =>
  `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${lacks.map(({ name, amount }) => `(res: ${name}, q: ${amount}), `).join('')}]`;
