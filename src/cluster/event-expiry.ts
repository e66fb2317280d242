import { parseTime } from '../base/time.ts';
import type { Actor } from '../runtime/actor.ts';
import type { CoreEvent } from '../types/objects.ts';

/** kube-apiserver's --event-ttl, ms. */
const TTL = 3_600_000;
/** Events are looked through this often at the most, ms. */
const SWEEP = 60_000;

/** etcd's lease begins anew with each write. */
function writtenAt({ lastTimestamp, series, eventTime, metadata }: CoreEvent): number {
  const times = [lastTimestamp, series?.lastObservedTime, eventTime, metadata.creationTimestamp];
  return Math.max(...times.flatMap((time) => (time ? [parseTime(time)] : [])));
}

/** What etcd does for the API server: events are gone an hour after they were written last. */
export const eventExpiry: Actor = {
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
  reconcile(key, { client, now, wake }) {
    let next = Number.POSITIVE_INFINITY;
    for (const event of client.list('events')) {
      const end = writtenAt(event) + TTL;
      if (end <= now()) client.delete('events', event.metadata.namespace ?? '', event.metadata.name ?? '');
      else next = Math.min(next, end);
    }
    if (next < Number.POSITIVE_INFINITY) wake(key, Math.max(next, now() + SWEEP));
  },
};
