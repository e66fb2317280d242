import { formatTime } from '../../base/time.ts';
import type { Node, Taint } from '../../types/objects.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Conditions that keep new pods away, with the status that does, and their taints. */
const BY_CONDITION: readonly [condition: string, status: string, taint: string][] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OURS = new Set([...BY_CONDITION.map(([, , taint]) => taint), UNSCHEDULABLE]);

const conditionStatus = (node: Node, type: string): string | undefined =>
  node.status?.conditions?.find((condition) => condition.type === type)?.status;

export const readiness = (node: Node): string | undefined => conditionStatus(node, 'Ready');

function merge(
  taints: Taint[],
  wanted: string[],
  effect: string,
  ours: (key: string) => boolean,
  now: number,
): Taint[] {
  const kept = taints.filter((taint) => taint.effect !== effect || !ours(taint.key) || wanted.includes(taint.key));
  const missing = wanted.filter((key) => !kept.some((taint) => taint.key === key && taint.effect === effect));
  return [...kept, ...missing.map((key) => ({ key, effect, timeAdded: formatTime(now) }) as Taint)];
}

/** The node's taints with those that its conditions and `kubectl cordon` ask for. */
export function withNoSchedule(node: Node, now: number): Taint[] {
  const wanted = BY_CONDITION.filter(([type, status]) => conditionStatus(node, type) === status).map(
    ([, , key]) => key,
  );
  if (node.spec?.unschedulable) wanted.push(UNSCHEDULABLE);
  return merge(node.spec?.taints ?? [], wanted, 'NoSchedule', (key) => OURS.has(key), now);
}

/** The node's taints with the one that drives pods away from a node that is not ready or lost. */
export function withNoExecute(node: Node, now: number): Taint[] {
  const status = readiness(node);
  const wanted = status === 'False' ? [NOT_READY] : status === 'Unknown' ? [UNREACHABLE] : [];
  return merge(node.spec?.taints ?? [], wanted, 'NoExecute', (key) => key === NOT_READY || key === UNREACHABLE, now);
}

/** The node's taints without that one. */
export const withoutNoExecute = (node: Node): Taint[] =>
  (node.spec?.taints ?? []).filter(
    ({ key, effect }) => effect !== 'NoExecute' || (key !== NOT_READY && key !== UNREACHABLE),
  );
