import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from '../../types/objects.ts';
import { REVISION_LABEL } from '../shared/history.ts';
import { podFromTemplate } from '../shared/pod-control.ts';
import { isPodAvailable, isPodReady } from '../shared/pods.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The number at the end of a pod's name; -1 if the pod is none of the set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const name = pod.metadata.name ?? '';
  const number = name.slice(set.metadata.name!.length + 1);
  return name.startsWith(`${set.metadata.name}-`) && /^[0-9]+$/.test(number) ? Number(number) : -1;
}

/** Whether the ordinal of a pod is one of the set's replicas'. */
export function isInRange(set: StatefulSet, pod: Pod): boolean {
  const index = ordinalOf(set, pod) - (set.spec!.ordinals?.start ?? 0);
  return index >= 0 && index < (set.spec!.replicas ?? 1);
}

/** The pod with the labels that tell which of the set's it is; the same pod when it has them. */
export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const { metadata } = pod;
  if (metadata.labels?.[POD_NAME] === metadata.name) return pod;
  const labels = { ...metadata.labels, [POD_NAME]: metadata.name!, [POD_INDEX]: String(ordinalOf(set, pod)) };
  return { ...pod, metadata: { ...metadata, labels } };
}

export const revisionOfPod = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? '';

const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
export const isRunningAndReady = isRunning;
export const isRunningAndAvailable = (pod: Pod, set: StatefulSet, now: number): boolean =>
  isRunning(pod) && isPodAvailable(pod, set.spec!.minReadySeconds ?? 0, now);
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isHealthy = (pod: Pod): boolean => isRunning(pod) && !isTerminating(pod);

/** The claims that a pod of the set has: one for each template, named after it and the pod. */
export function claimsFor(set: StatefulSet, ordinal: number): { volume: string; claim: PersistentVolumeClaim }[] {
  return (set.spec!.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    volume: metadata!.name!,
    claim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...metadata,
        creationTimestamp: undefined,
        name: `${metadata!.name}-${podName(set, ordinal)}`,
        namespace: set.metadata.namespace,
        labels: { ...metadata!.labels, ...set.spec!.selector.matchLabels },
      },
      spec,
    } as PersistentVolumeClaim,
  }));
}

/** The pod of an ordinal, of a revision: with its own name, host name, labels and volumes. */
export function newPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Pod {
  const pod = podFromTemplate(template, set);
  const name = podName(set, ordinal);
  const { generateName: _, ...metadata } = pod.metadata;
  const claims = claimsFor(set, ordinal);
  const volumes = [
    ...claims.map(({ volume, claim }) => ({
      name: volume,
      persistentVolumeClaim: { claimName: claim.metadata.name! },
    })),
    ...(pod.spec!.volumes ?? []).filter((volume) => !claims.some((claim) => claim.volume === volume.name)),
  ];
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      generateName: `${set.metadata.name}-`,
      labels: { ...metadata.labels, [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_LABEL]: revision },
    },
    spec: {
      ...pod.spec!,
      hostname: name,
      ...(set.spec!.serviceName && { subdomain: set.spec!.serviceName }),
      ...(volumes.length > 0 && { volumes }),
    },
  };
}
