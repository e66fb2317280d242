import { formatTime, parseTime } from '../../base/time.ts';
import type { Job, Pod } from '../../types/objects.ts';
import { podFromTemplate } from '../shared/pod-control.ts';
import { podCondition } from '../shared/pods.ts';

export const TRACKING = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';
/** DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff, ms. */
const BACKOFF = 10_000;
const MAX_BACKOFF = 600_000;

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING) ?? false;
export const isIndexed = (job: Job): boolean => job.spec?.completionMode === 'Indexed';
export const hasSucceeded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded';

/** Unless only pods that have failed are replaced, one that is being deleted counts as failed already. */
export const hasFailed = (pod: Pod, job: Job): boolean =>
  pod.status?.phase === 'Failed' ||
  (job.spec?.podReplacementPolicy !== 'Failed' && pod.metadata.deletionTimestamp !== undefined && !hasSucceeded(pod));

export const isTerminating = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined && !hasSucceeded(pod) && pod.status?.phase !== 'Failed';

/** The completion index of a pod; -1 without one. */
export const indexOf = (pod: Pod): number => Number(pod.metadata.annotations?.[INDEX] ?? -1);

/** A pod for the job: tracked until it is counted, and with its index if the job has indexes. */
export function newPod(job: Job, index?: number, annotations: Record<string, string> = {}): Pod {
  const pod = podFromTemplate(job.spec!.template, job);
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const value = String(index);
  const env = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  };
  const withIndex = (container: NonNullable<Pod['spec']>['containers'][number]) =>
    container.env?.some(({ name }) => name === env.name)
      ? container
      : { ...container, env: [...(container.env ?? []), env] };
  const { initContainers, containers } = pod.spec!;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${job.metadata.name}-${value}-`,
      labels: { ...pod.metadata.labels, [INDEX]: value },
      annotations: { ...pod.metadata.annotations, [INDEX]: value, ...annotations },
      finalizers,
    },
    spec: {
      ...pod.spec!,
      hostname: `${job.metadata.name}-${value}`,
      ...(initContainers && { initContainers: initContainers.map(withIndex) }),
      containers: containers.map(withIndex),
    },
  };
}

/** When a pod ended: its last container, its readiness, or, with neither, when it was to be deleted (getFinishedTime), ms. */
export function finishTime(pod: Pod, now: number): number {
  const { status, spec, metadata } = pod;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const statuses = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.some((one) => one.name === name)),
  ];
  const ends = statuses.map(({ state }) => state?.terminated?.finishedAt);
  if (ends.length > 0 && ends.every(Boolean)) return Math.max(...ends.map((end) => parseTime(end!)));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return parseTime(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = metadata;
  if (deletionTimestamp) return parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return parseTime(creationTimestamp ?? formatTime(now));
}

/** How long the next pod waits after so many failures, ms. */
export const backOff = (failures: number): number => Math.min(BACKOFF * 2 ** (failures - 1), MAX_BACKOFF);

/** `0-2,4`: the indexes of a list in a row are told as a range. */
export function formatIndexes(indexes: number[]): string {
  const ranges: [number, number][] = [];
  for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',');
}

export function parseIndexes(text: string | undefined): number[] {
  return (text ? text.split(',') : []).flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
  });
}

/** Of the active pods of an indexed job, those that are one too many for their index, or whose index is none (any more). */
export function surplusOfIndexes(active: Pod[], completions: number, order: (a: Pod, b: Pod) => number): Pod[] {
  return [...new Set(active.map(indexOf))].flatMap((index) => {
    const pods = active.filter((pod) => indexOf(pod) === index);
    return index < 0 || index >= completions ? pods : pods.sort(order).slice(0, -1);
  });
}
