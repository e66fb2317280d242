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
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => sameJson(item, b[at]))
    );
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!sameJson(left[key], right[key])) return false;
  for (const key in right) if (!(key in left) && !isNothing(right[key])) return false;
  return true;
}

/** Nothing, or something that holds nothing. Items of a list are something. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const key in value) if (!isNothing((value as Record<string, unknown>)[key])) return false;
  return true;
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
