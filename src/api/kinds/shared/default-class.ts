import type { KubeObject } from '../../../types/objects.ts';

/** What marks a storage class as the default one. */
export const DEFAULT_STORAGE_CLASS: readonly string[] = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** The class that is marked as default: the newest of several, the first by name of those made at once. */
export function defaultClass(classes: readonly KubeObject[], annotations: readonly string[]): KubeObject | undefined {
  return classes
    .filter(({ metadata }) => annotations.some((one) => metadata.annotations?.[one] === 'true'))
    .sort((a, b) => {
      const [older, newer] = [String(a.metadata.creationTimestamp), String(b.metadata.creationTimestamp)];
      return older === newer ? (a.metadata.name! < b.metadata.name! ? -1 : 1) : older < newer ? 1 : -1;
    })[0];
}
