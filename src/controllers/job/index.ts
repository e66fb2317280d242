import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Job, Pod } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { controlledBy, controllerOf } from '../shared/owners.ts';
import { forgetFailures } from './backoff.ts';
import { COMPONENT, JobControl, releasePod } from './control.ts';
import { isTracked } from './pods.ts';

/** Changes of pods are looked at together, a second after the first (syncJobBatchPeriod), ms. */
const BATCH = 1_000;
/** DefaultJobApiBackOff and MaxJobApiBackOff: how long a sync that failed waits, ms. */
const RETRY = { base: 1_000, limit: 60_000 };
/** Marks what comes in a batch, and pods whose job is gone. */
const BATCHED = 'batched:';
const ORPHAN = 'orphan:';

function jobOf(pod: Pod, world: ActorWorld): Job | undefined {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'Job') return undefined;
  const job = world.client.get('jobs.batch', pod.metadata.namespace!, owner.name);
  return job?.metadata.uid === owner.uid ? job : undefined;
}

function reconcile(key: string, world: ActorWorld): void {
  if (key.startsWith(BATCHED)) return world.wake(key.slice(BATCHED.length), world.now() + BATCH);
  if (key.startsWith(ORPHAN)) {
    const pod = world.client.get('pods', ...splitKey(key.slice(ORPHAN.length)));
    if (pod && !jobOf(pod, world)) releasePod(pod, world);
    return;
  }
  const job = world.client.get('jobs.batch', ...splitKey(key));
  if (!job) return forgetFailures(world, key);
  if ((job.spec?.managedBy ?? 'kubernetes.io/job-controller') === 'kubernetes.io/job-controller')
    new JobControl(world, job).run();
}

export const jobController: Actor = controller({
  name: COMPONENT,
  retry: RETRY,
  watches: [
    {
      resource: 'jobs.batch',
      keys({ type, object, previous }, world) {
        if (type === 'DELETED') {
          const orphans = controlledBy(world.client, 'pods', object).filter(isTracked);
          return [keyOf(object), ...orphans.map((pod) => ORPHAN + keyOf(pod))];
        }
        const same = previous && previous.metadata.generation === object.metadata.generation;
        return [same ? BATCHED + keyOf(object) : keyOf(object)];
      },
    },
    {
      resource: 'pods',
      keys({ object }, world) {
        const pod = object as Pod;
        const owner = controllerOf(pod);
        if (owner?.kind !== 'Job') return [];
        if (!jobOf(pod, world)) return isTracked(pod) ? [ORPHAN + keyOf(pod)] : [];
        return [`${BATCHED}${pod.metadata.namespace}/${owner.name}`];
      },
    },
  ],
  reconcile,
});
