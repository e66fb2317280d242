import { parseTime } from '../../base/time.ts';
import type { Actor } from '../../runtime/actor.ts';
import { conditionOf } from '../job/control.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { ownKeys } from '../shared/owners.ts';

/** Deletes jobs once `ttlSecondsAfterFinished` have passed since their end. */
export const ttlAfterFinishedController: Actor = controller({
  name: 'ttl-after-finished-controller',
  watches: [ownKeys('jobs.batch')],
  reconcile(key, world) {
    const job = world.client.get('jobs.batch', ...splitKey(key));
    const seconds = job?.spec?.ttlSecondsAfterFinished;
    const finished = job && (conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed'));
    if (seconds === undefined || !finished || job.metadata.deletionTimestamp) return;
    const due = parseTime(finished.lastTransitionTime!) + seconds * 1000;
    if (world.now() < due) return world.wake(key, due);
    const { namespace = '', name = '', uid } = job.metadata;
    world.client.delete('jobs.batch', namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid } });
  },
});
