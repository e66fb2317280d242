import { formatTime, parseTime } from '../base/time.ts';
import type { Actor } from '../runtime/actor.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { CoreEvent } from '../types/objects.ts';

/** kube-apiserver's --event-ttl, ms. */
const TTL = 3_600_000;
/** Events are looked through this often at the most, ms. */
const SWEEP = 60_000;
/** `2026-01-01T00:00:00`: how much of a time is looked at. */
const SECONDS = 19;

/** etcd's lease begins anew with each write. Times of one form compare as texts. */
function writtenAt({ lastTimestamp, series, eventTime, metadata }: CoreEvent): string {
  let latest = '';
  for (const time of [lastTimestamp, series?.lastObservedTime, eventTime, metadata.creationTimestamp]) {
    const seconds = time ? String(time).slice(0, SECONDS) : '';
    if (seconds > latest) latest = seconds;
  }
  return latest;
}

/** What etcd does by itself, as the API server asks: events are gone an hour after they were written last, and nobody is asked. */
export const eventExpiry = (store: ObjectStore): Actor => ({
  name: 'event-expiry',
  user: 'system:apiserver',
  manager: 'kube-apiserver',
  latency: 0,
  watches: [
    {
      resource: 'events',
      keys({ type }, world) {
        if (type !== 'DELETED') world.wake('sweep', world.now() + TTL);
        return [];
      },
    },
  ],
  settles: () => false,
  reconcile(key, { now, wake }) {
    const over = formatTime(now() - TTL).slice(0, SECONDS);
    let next: string | undefined;
    for (const event of store.list('events')) {
      const written = writtenAt(event as CoreEvent);
      const { namespace = '', name = '' } = event.metadata;
      if (written <= over) store.remove('events', namespace, name);
      else if (next === undefined || written < next) next = written;
    }
    if (next !== undefined) wake(key, Math.max(parseTime(`${next}Z`) + TTL, now() + SWEEP));
  },
});
