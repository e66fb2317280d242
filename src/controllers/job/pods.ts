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

/** When a pod ended: when its last container did. */
export function finishTime(pod: Pod, now: number): number {
  const times = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  const ready = podCondition(pod, 'Ready')?.lastTransitionTime;
  const latest = times.sort().at(-1) ?? ready ?? pod.metadata.deletionTimestamp;
  return parseTime(latest ?? formatTime(now));
}

/** How long the next pod waits after so many failures, ms. */
export const backOff = (failures: number): number => Math.min(BACKOFF * 2 ** (failures - 1), MAX_BACKOFF);

/** When the next pod may be made after the latest failures (ms): 10 s, doubled with each failure in a row. */
export function retryAt(job: Job, pods: Pod[], now: number): number {
  const ended = pods
    .filter((pod) => hasSucceeded(pod) || pod.status?.phase === 'Failed')
    .map((pod) => ({ failed: !hasSucceeded(pod), time: finishTime(pod, now) }))
    .sort((a, b) => a.time - b.time);
  const lastSuccess = ended.findLastIndex(({ failed }) => !failed);
  const failures = ended.slice(lastSuccess + 1);
  const count = Math.min(failures.length, job.status?.failed ?? failures.length);
  if (count === 0) return 0;
  return failures.at(-1)!.time + backOff(count);
}

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
