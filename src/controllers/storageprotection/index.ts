import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { claimNames } from '../../runtime/component-helpers/volumes.ts';
import type { KubeObject, Pod } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { ownKeys } from '../shared/owners.ts';
import { isPodFinished } from '../shared/pods.ts';

/** Keeps the finalizer on what is in use, and takes it off what is being deleted and no longer used. */
function protect(
  resource: 'persistentvolumes' | 'persistentvolumeclaims',
  finalizer: string,
  isUsed: (object: KubeObject, world: ActorWorld) => boolean,
): Actor['reconcile'] {
  return (key, world) => {
    const object = world.client.get(resource, ...splitKey(key));
    if (!object) return;
    const { finalizers = [], deletionTimestamp } = object.metadata;
    const has = finalizers.includes(finalizer);
    if (deletionTimestamp ? !has || isUsed(object, world) : has) return;
    const kept = deletionTimestamp ? finalizers.filter((one) => one !== finalizer) : [...finalizers, finalizer];
    const metadata = { ...object.metadata, finalizers: kept.length > 0 ? kept : undefined };
    world.client.update(resource, { ...object, metadata } as typeof object);
  };
}

/** Whether a pod is about to go, and runs nothing (podIsShutDown). */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/** Claims stay as long as a pod that has a node refers to them, even one that has ended. */
export const pvcProtectionController: Actor = controller({
  name: 'pvc-protection-controller',
  watches: [
    ownKeys('persistentvolumeclaims'),
    {
      resource: 'pods',
      keys({ type, object }) {
        const pod = object as Pod;
        if (type !== 'DELETED' && !isPodFinished(pod) && pod.spec?.nodeName) return [];
        return claimNames(pod).map(({ name }) => `${pod.metadata.namespace}/${name}`);
      },
    },
  ],
  reconcile: protect('persistentvolumeclaims', 'kubernetes.io/pvc-protection', ({ metadata }, { client }) =>
    client
      .list('pods', metadata.namespace)
      .some(
        (pod) =>
          pod.spec?.nodeName &&
          claimNames(pod).some(({ name, ephemeral }) => name === metadata.name && !(ephemeral && isShutDown(pod))),
      ),
  ),
});

/** Volumes stay as long as they are bound. */
export const pvProtectionController: Actor = controller({
  name: 'pv-protection-controller',
  watches: [ownKeys('persistentvolumes')],
  reconcile: protect(
    'persistentvolumes',
    'kubernetes.io/pv-protection',
    (object) => (object as { status?: { phase?: string } }).status?.phase === 'Bound',
  ),
});
