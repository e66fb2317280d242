import { parseTime } from '../../base/time.ts';
import type { Pod } from '../../types/objects.ts';

type PodCondition = NonNullable<NonNullable<Pod['status']>['conditions']>[number];

export const podCondition = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type);

export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True';

export const isPodFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export const isPodActive = (pod: Pod): boolean => !isPodFinished(pod) && !pod.metadata.deletionTimestamp;

/** Ready for at least `minReadySeconds` at `now` (ms). */
export const isPodAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean => {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return false;
  return minReadySeconds === 0 || parseTime(ready.lastTransitionTime!) + minReadySeconds * 1000 <= now;
};

/** When a ready pod will have been ready for `minReadySeconds`, ms; undefined if none of `pods` is waiting for that. */
export function nextAvailable(pods: Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const times = pods
    .filter((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, now))
    .map((pod) => parseTime(podCondition(pod, 'Ready')!.lastTransitionTime!) + minReadySeconds * 1000);
  return times.length > 0 ? Math.min(...times) : undefined;
}

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

const mostRestarts = (statuses: { restartCount: number }[]) =>
  Math.max(0, ...statuses.map((status) => status.restartCount));

const restarts = (pod: Pod) => mostRestarts(pod.status?.containerStatuses ?? []);

function sidecarRestarts(pod: Pod): number {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const names = new Set(sidecars.map(({ name }) => name));
  return mostRestarts((pod.status?.initContainerStatuses ?? []).filter(({ name }) => names.has(name)));
}

const deletionCost = (pod: Pod) =>
  Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);

/** The power of two of the nanoseconds since `time`: pods that are about as old are as good as each other. */
const ageRank = (time: number, now: number) => (now > time ? Math.trunc(Math.log2((now - time) * 1e6)) : -1);

function compareAges(a: Pod, b: Pod, timeA: number, timeB: number, now: number): number {
  const difference = ageRank(timeA, now) - ageRank(timeB, now);
  return difference !== 0 ? difference : a.metadata.uid! < b.metadata.uid! ? -1 : 1;
}

/**
 * controller.ActivePodsWithRanks: those that go first when too many run come first. `related` are the pods whose crowding
 * on a node counts: of all replica sets with the same owner.
 */
export function byDeletionOrder(related: Pod[], now: number): (a: Pod, b: Pod) => number {
  const onNode = new Map<string, number>();
  for (const pod of related.filter(isPodActive)) {
    const node = pod.spec?.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod) => onNode.get(pod.spec?.nodeName ?? '') ?? 0;
  const scales: ((pod: Pod) => number)[] = [
    (pod) => (pod.spec?.nodeName ? 1 : 0),
    (pod) => PHASE_ORDER[pod.status?.phase ?? 'Pending'] ?? 1,
    (pod) => (isPodReady(pod) ? 1 : 0),
    deletionCost,
    (pod) => -rank(pod),
  ];
  return (a, b) => {
    for (const scale of scales) {
      const difference = scale(a) - scale(b);
      if (difference !== 0) return difference;
    }
    const readyA = podCondition(a, 'Ready');
    const readyB = podCondition(b, 'Ready');
    if (isPodReady(a) && isPodReady(b) && readyA!.lastTransitionTime !== readyB!.lastTransitionTime)
      return compareAges(a, b, parseTime(readyA!.lastTransitionTime!), parseTime(readyB!.lastTransitionTime!), now);
    const moreRestarts = restarts(b) - restarts(a) || sidecarRestarts(b) - sidecarRestarts(a);
    if (moreRestarts !== 0) return moreRestarts;
    if (a.metadata.creationTimestamp !== b.metadata.creationTimestamp)
      return compareAges(a, b, createdAt(a), createdAt(b), now);
    return 0;
  };
}

const createdAt = (pod: Pod) => parseTime(pod.metadata.creationTimestamp!);
