import { isDeepStrictEqual } from 'node:util';
import { parseTime } from '../../base/time.ts';
import type { KubeObject, PodTemplateSpec } from '../../types/objects.ts';

/** A copy without the fields that Go's omitempty would leave out: undefined, zero, '' and empty lists. */
export function omitEmpty<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(
    ([, field]) => field !== undefined && field !== 0 && field !== '' && !(Array.isArray(field) && field.length === 0),
  );
  return Object.fromEntries(kept) as T;
}

/** apiequality.Semantic.DeepEqual of JSON values: absent, null and empty are the same. */
export const sameJson = (a: unknown, b: unknown): boolean => isDeepStrictEqual(normal(a), normal(b));

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(normal);
  if (value === null || typeof value !== 'object') return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, field]) => [key, normal(field)] as const)
    .filter(([, field]) => field !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export const createdAt = ({ metadata }: KubeObject): number => parseTime(metadata.creationTimestamp!);

/** Oldest first; of the same second, by name (controller.ReplicaSetsByCreationTimestamp). */
export function byCreation(a: KubeObject, b: KubeObject): number {
  return createdAt(a) - createdAt(b) || (a.metadata.name! < b.metadata.name! ? -1 : 1);
}

/** A copy of `object` with these annotations set. */
export const withAnnotations = <T extends KubeObject>(object: T, annotations: Record<string, string>): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});

/** Whether two templates differ in nothing but the label of their hash (deployment util.EqualIgnoreHash). */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  const plain = ({ metadata, spec }: PodTemplateSpec) => {
    const { 'pod-template-hash': _, ...labels } = metadata?.labels ?? {};
    return { metadata: { ...metadata, creationTimestamp: undefined, labels }, spec };
  };
  return sameJson(plain(a), plain(b));
}

/** intstr.GetScaledValueFromIntOrPercent: `25%` of `total`, rounded up or down. */
export function scaledValue(value: number | string, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const scaled = (Number(value.replace('%', '')) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}
