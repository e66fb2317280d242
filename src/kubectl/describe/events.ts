import { goSort } from '../../base/go-sort.ts';
import type { CoreEvent, KubeObject } from '../../types/objects.ts';
import { since } from './format.ts';
import { type DescribeSource, findEvents } from './source.ts';
import type { DescribeWriter } from './writer.ts';

/** kubectl sorts by lastTimestamp alone: events without one (the scheduler's) come first. */
const lastSeen = (e: CoreEvent): number => (e.lastTimestamp ? Date.parse(e.lastTimestamp) : 0);

function interval(e: CoreEvent, now: number): string {
  const first = e.eventTime ? since(e.eventTime, now) : since(e.firstTimestamp, now);
  if (e.series) return `${since(e.series.lastObservedTime, now)} (x${e.series.count} over ${first})`;
  if ((e.count ?? 0) > 1) return `${since(e.lastTimestamp, now)} (x${e.count} over ${first})`;
  return first;
}

/** The table of events at the end of a description; nothing when they were not asked for. */
export function writeEvents(w: DescribeWriter, events: CoreEvent[] | undefined, now: number): void {
  if (!events) return;
  if (!events.length) return w.row(0, 'Events', '<none>');
  w.flush();
  w.write(0, 'Events:\n');
  w.head(1, ['Type', 'Reason', 'Age', 'From', 'Message'], ['----', '------', '----', '----', '-------']);
  for (const e of goSort([...events], (a, b) => lastSeen(a) < lastSeen(b)))
    w.cells(
      1,
      e.type,
      e.reason,
      interval(e, now),
      e.source?.component || e.reportingComponent || '',
      (e.message ?? '').trim(),
    );
}

/** Finds an object's events and writes them. */
export async function writeEventsOf(w: DescribeWriter, object: KubeObject, source: DescribeSource): Promise<string> {
  writeEvents(w, await findEvents(object, source), source.now());
  return w.toString();
}
