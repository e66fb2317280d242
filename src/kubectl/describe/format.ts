import { formatLabelSelector, requirementsOf } from '../../api/machinery/selectors.ts';
import { humanDuration } from '../../base/duration.ts';
import type { LabelSelector } from '../../types/objects.ts';
import type { DescribeWriter } from './writer.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** Go's time.RFC1123Z in the local zone; a time that is not set is Go's zero time. */
export function rfc1123z(time: string | undefined | null): string {
  if (!time) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const t = new Date(time);
  const offset = -t.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const clock = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  return `${DAYS[t.getDay()]}, ${two(t.getDate())} ${MONTHS[t.getMonth()]} ${t.getFullYear()} ${clock} ${zone}`;
}

/** The age of a timestamp, or `<unknown>`. */
export const since = (time: string | undefined | null, now: number): string =>
  time ? humanDuration(now - Date.parse(time)) : '<unknown>';

/** `[a b]`, as Go's %v prints a slice. */
export const goSlice = (items: unknown[] | undefined): string => `[${(items ?? []).join(' ')}]`;

/** labels.FormatLabels: `a=1,b=2`, sorted, or `<none>`. */
export const formatLabels = (labels: Record<string, string> | undefined): string =>
  Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${v}`)
    .join(',') || '<none>';

/** labels.Selector.String() of a label selector; an empty one matches everything. */
export const selectorString = (selector: LabelSelector | undefined): string =>
  formatLabelSelector(requirementsOf(selector) ?? []);

export const printBool = (value: boolean | undefined): string => (value ? 'True' : 'False');
export const printBoolOrUnset = (value: boolean | undefined): string =>
  value === undefined ? '<unset>' : printBool(value);

/** `Kind/name` of the controller that owns an object. */
export function controlledBy(object: {
  metadata: { ownerReferences?: { controller?: boolean; kind: string; name: string }[] };
}): string | undefined {
  const owner = object.metadata.ownerReferences?.find((r) => r.controller);
  return owner && `${owner.kind}/${owner.name}`;
}

/** Labels, or anything like them, one a line. */
export function writeLabels(
  w: DescribeWriter,
  title: string,
  labels: Record<string, string> | undefined,
  indent = '',
): void {
  const lines = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`);
  w.multiline(title, lines, indent);
}

const LONGEST_ANNOTATION = 140;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations, one a line; long ones and those of several lines below their key. The last applied configuration is left out. */
export function writeAnnotations(
  w: DescribeWriter,
  title: string,
  annotations: Record<string, string> | undefined,
): void {
  const keys = Object.keys(annotations ?? {})
    .filter((key) => key !== LAST_APPLIED)
    .sort();
  w.write(0, `${title}:\t`);
  if (!keys.length) w.write(0, '<none>\n');
  keys.forEach((key, i) => {
    const value = (annotations?.[key] ?? '').replace(/\n$/, '');
    const lead = i ? '\t' : '';
    if (value.length + key.length + 2 <= LONGEST_ANNOTATION && !value.includes('\n')) {
      w.write(0, `${lead}${key}: ${value}\n`);
    } else {
      const longest = LONGEST_ANNOTATION - 2;
      w.write(0, `${lead}${key}:\n`);
      for (const line of value.split('\n'))
        w.write(0, `\t  ${line.length > longest ? `${line.slice(0, longest)}...` : line}\n`);
    }
  });
}

/** What nearly every description begins with. */
export function writeMeta(
  w: DescribeWriter,
  {
    metadata,
  }: {
    metadata: {
      name?: string;
      namespace?: string;
      labels?: Record<string, string>;
      annotations?: Record<string, string>;
    };
  },
  { namespaced = true } = {},
): void {
  w.row(0, 'Name', metadata.name);
  if (namespaced) w.row(0, 'Namespace', metadata.namespace ?? '');
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
}
