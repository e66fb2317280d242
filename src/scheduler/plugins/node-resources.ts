import { podRequests } from '../../runtime/component-helpers/pod-requests.ts';
import { type Cycle, type FilterPlugin, MAX_SCORE, type NodeInfo, type ScorePlugin } from '../framework.ts';
import { allocatable } from '../resources.ts';

/** The order in which shortages are looked for; extended resources follow. */
const FIRST = ['cpu', 'memory', 'ephemeral-storage'];

export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  wakes: ['pod-deleted'],
  prepare({ pod }) {
    const wanted = podRequests(pod);
    const names = [...FIRST, ...Object.keys(wanted).filter((name) => !FIRST.includes(name))];
    const asked = names.filter((name) => (wanted[name] ?? 0) > 0);
    return ({ node, pods, requested }) => {
      const room = allocatable(node);
      const short = asked.filter((name) => wanted[name]! > (room[name] ?? 0) - (requested[name] ?? 0));
      const reasons = short.map((name) => `Insufficient ${name}`);
      if (pods.length + 1 > (room.pods ?? 0)) reasons.unshift('Too many pods');
      return reasons.length > 0 ? { reasons } : undefined;
    };
  },
};

/** Shares of a node's cpu and memory that would be used with the pod on it. */
function shares({ pod }: Cycle, { node, requested, guessed }: NodeInfo, guess: boolean): [number, number][] {
  const used = guess ? guessed : requested;
  const own = podRequests(pod, guess);
  const room = allocatable(node);
  return ['cpu', 'memory']
    .filter((name) => (room[name] ?? 0) > 0)
    .map((name) => [(used[name] ?? 0) + (own[name] ?? 0), room[name]!]);
}

/** LeastAllocated: the emptier the better. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (cycle, nodes) =>
    nodes.map((node) => {
      const parts = shares(cycle, node, true).map(([used, room]) =>
        used > room ? 0 : Math.trunc(((room - used) * MAX_SCORE) / room),
      );
      return parts.length === 0 ? 0 : Math.trunc(parts.reduce((sum, part) => sum + part, 0) / parts.length);
    }),
};

/** Nodes whose cpu and memory are used alike are better. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score(cycle, nodes) {
    const own = podRequests(cycle.pod);
    if (!own.cpu && !own.memory) return undefined;
    return nodes.map((node) => {
      const parts = shares(cycle, node, false).map(([used, room]) => Math.min(1, used / room));
      const spread = parts.length === 2 ? Math.abs(parts[0]! - parts[1]!) / 2 : 0;
      return Math.trunc((1 - spread) * MAX_SCORE);
    });
  },
};
