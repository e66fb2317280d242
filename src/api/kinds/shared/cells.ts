import { humanDuration } from '../../../base/duration.ts';
import { parseTime } from '../../../base/time.ts';
import type { KubeObject, LabelSelector, PodSpec } from '../../../types/objects.ts';
import type { Cell } from '../kind.ts';

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

/** How long ago `time` (RFC 3339) was: `5m`, or `<unknown>` for none. */
export const since = (time: string | undefined, now: number): string =>
  time ? humanDuration(now - parseTime(time)) : UNKNOWN;

export const age = (object: KubeObject, now: number): string => since(object.metadata.creationTimestamp, now);

/** Cells of the columns that mean the same in every kind. */
export const commonCells: Record<string, (object: KubeObject, now: number) => Cell> = {
  Name: (object) => object.metadata.name ?? '',
  Age: age,
  'Created At': (object) => object.metadata.creationTimestamp ?? null,
};

const bySortedKey = (a: [string, unknown], b: [string, unknown]) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** labels.FormatLabels: `a=1,b=2`, `<none>` for none. */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(bySortedKey);
  return pairs.map(([key, value]) => `${key}=${value}`).join(',') || NONE;
}

type Requirement = { key: string; text: string };

/** metav1.FormatLabelSelector: `app=web,tier in (a,b)`; `<none>` for no selector or an empty one. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const requirements: Requirement[] = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = `(${[...(values ?? [])].sort().join(',')})`;
    const texts: Record<string, string> = {
      In: `${key} in ${list}`,
      NotIn: `${key} notin ${list}`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    const text = texts[operator];
    if (text === undefined) return '<error>';
    requirements.push({ key, text });
  }
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return requirements.map(({ text }) => text).join(',') || NONE;
}

interface Templated extends KubeObject {
  spec?: { template?: { spec?: PodSpec } };
}

/** Cells of what has a pod template: the containers' names and images. */
export const templateCells = {
  Containers: (object: Templated) => (object.spec?.template?.spec?.containers ?? []).map((c) => c.name).join(','),
  Images: (object: Templated) => (object.spec?.template?.spec?.containers ?? []).map((c) => c.image ?? '').join(','),
};

/** The first three of a list, and how many more there are. */
export function firstThree(list: string[]): string {
  const text = list.slice(0, 3).join(',');
  return list.length > 3 ? `${text} + ${list.length - 3} more...` : text;
}
