import type { Container, Pod } from '../types/objects.ts';

/** `web_default(uid)`, as kubelet's messages name a pod. */
export const formatPod = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace}(${staticUid(pod)})`;

/** The uid that the runtime knows: a static pod's hash, not its mirror's uid. */
export const staticUid = (pod: Pod): string =>
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] ?? pod.metadata.uid!;

export const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

type Kind = 'init' | 'regular' | 'ephemeral';

/** The field of a pod's spec that holds the containers of a kind. */
export const FIELDS = {
  init: 'initContainers',
  regular: 'containers',
  ephemeral: 'ephemeralContainers',
} as const satisfies Record<Kind, string>;

/** A container of any kind by its name. */
export function findContainer(pod: Pod, name: string): { container: Container; kind: Kind } | undefined {
  for (const kind of Object.keys(FIELDS) as Kind[]) {
    const list = pod.spec![FIELDS[kind]] as Container[] | undefined;
    const container = list?.find((candidate) => candidate.name === name);
    if (container) return { container, kind };
  }
  return undefined;
}

/** Kubernetes truncates host names to 63 characters and trims what a cut leaves at the end. */
export const hostnameOf = (pod: Pod): string =>
  pod.spec!.hostNetwork
    ? pod.spec!.nodeName!
    : (pod.spec!.hostname ?? pod.metadata.name!).slice(0, 63).replace(/[-.]+$/, '');
