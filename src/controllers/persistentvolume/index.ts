import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { PersistentVolume } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { BOUND_BY_CONTROLLER, ClaimBinding, COMPONENT } from './binding.ts';
import { MADE, makeVolume } from './provisioning.ts';

/** All claims and volumes are looked at anew this often, ms. */
const RESYNC = 15_000;
/** Marks the entries of the queue for volumes, and for claims that are looked at anew. */
const VOLUME = 'volume:';
const RESYNCED = 'resync:';
const RECYCLED = 'recycled:';
/** What the pod that empties a volume takes, ms. */
const RECYCLING_TIME = 10_000;
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

function syncClaim(key: string, world: ActorWorld): void {
  const claim = world.client.get('persistentvolumeclaims', ...splitKey(key));
  if (!claim) return;
  new ClaimBinding(world, claim).run();
  const after = world.client.get('persistentvolumeclaims', ...splitKey(key));
  // New volumes and classes are found then, too.
  if (after && after.status?.phase !== 'Bound') world.wake(RESYNCED + key, world.now() + RESYNC);
}

/** syncVolume: a volume's phase, and what becomes of it when its claim is gone. */
function syncVolume(name: string, world: ActorWorld): void {
  const volume = world.client.get('persistentvolumes', '', name);
  if (!volume) return;
  const reference = volume.spec!.claimRef;
  if (!reference?.uid) return setPhase(volume, 'Available', world);
  const claim = world.client.get('persistentvolumeclaims', reference.namespace!, reference.name!);
  if (claim?.metadata.uid === reference.uid) {
    if (claim.spec!.volumeName === name) setPhase(volume, 'Bound', world);
    else if (!claim.spec!.volumeName) world.wake(keyOf(claim), world.now());
    else unbind(volume, world);
    return;
  }
  if (volume.status?.phase !== 'Released' && volume.status?.phase !== 'Failed') setPhase(volume, 'Released', world);
  else if (volume.spec!.persistentVolumeReclaimPolicy === 'Delete') reclaim(volume, world);
  else if (volume.spec!.persistentVolumeReclaimPolicy === 'Recycle') startRecycling(volume, world);
}

/** Makes a volume free again: forgets the claim, or, if a user named that, only which one of its name it was. */
function unbind(volume: PersistentVolume, world: ActorWorld): void {
  const { [BOUND_BY_CONTROLLER]: chosen, ...annotations } = volume.metadata.annotations ?? {};
  const { uid: _, resourceVersion: __, ...claimRef } = volume.spec!.claimRef!;
  const metadata = { ...volume.metadata, annotations };
  const free = world.client.update('persistentvolumes', {
    ...volume,
    metadata: chosen ? metadata : volume.metadata,
    spec: { ...volume.spec!, claimRef: chosen ? undefined : claimRef },
  });
  setPhase(free, 'Available', world);
}

/** The pod that empties a volume needs its time; volumes of other kinds cannot be emptied. */
function startRecycling(volume: PersistentVolume, world: ActorWorld): void {
  const { hostPath, nfs } = volume.spec!;
  if (hostPath || nfs) return world.wake(RECYCLED + volume.metadata.name, world.now() + RECYCLING_TIME);
  if (volume.status?.phase === 'Failed') return;
  const message = 'No recycler plugin found for the volume!';
  world.events.event(volume, 'Warning', 'VolumeFailedRecycle', message, { component: COMPONENT });
  setPhase(volume, 'Failed', world, message);
}

function recycled(name: string, world: ActorWorld): void {
  const volume = world.client.get('persistentvolumes', '', name);
  if (volume?.status?.phase !== 'Released' || volume.metadata.deletionTimestamp) return;
  world.events.event(volume, 'Normal', 'VolumeRecycled', 'Volume recycled', { component: COMPONENT });
  unbind(volume, world);
}

function setPhase(volume: PersistentVolume, phase: string, world: ActorWorld, message?: string): void {
  if (volume.status?.phase === phase) return;
  world.client.updateStatus('persistentvolumes', {
    ...volume,
    status: { ...volume.status, phase, message },
  } as PersistentVolume);
}

/** Deletes what was made for the claim; a volume that nobody can delete fails. */
function reclaim(volume: PersistentVolume, world: ActorWorld): void {
  const { name = '', annotations, deletionTimestamp } = volume.metadata;
  const { hostPath } = volume.spec!;
  if (deletionTimestamp || volume.status?.phase === 'Failed') return;
  if (annotations?.[PROVISIONED_BY] || hostPath?.path.startsWith('/tmp/')) {
    world.client.delete('persistentvolumes', '', name);
    return;
  }
  // Its driver's provisioner would see to it.
  if (volume.spec!.csi) return;
  const message = hostPath
    ? `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`
    : `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
  world.events.event(volume, 'Warning', 'VolumeFailedDelete', message, { component: COMPONENT });
  setPhase(volume, 'Failed', world, message);
}

/** Binds claims and volumes, has volumes made, and gives them up (pkg/controller/volume/persistentvolume). */
export const persistentVolumeController: Actor = controller({
  name: COMPONENT,
  watches: [
    {
      resource: 'persistentvolumeclaims',
      keys({ type, object }, { client }) {
        if (type !== 'DELETED') return [keyOf(object)];
        return client
          .list('persistentvolumes')
          .filter(({ spec }) => spec?.claimRef?.uid === object.metadata.uid)
          .map(({ metadata }) => VOLUME + metadata.name);
      },
    },
    {
      resource: 'persistentvolumes',
      keys({ type, object }) {
        const { claimRef } = (object as PersistentVolume).spec!;
        if (type !== 'DELETED') return [VOLUME + object.metadata.name];
        return claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : [];
      },
    },
  ],
  reconcile(key, world) {
    if (key.startsWith(RECYCLED)) return recycled(key.slice(RECYCLED.length), world);
    if (key.startsWith(VOLUME)) return syncVolume(key.slice(VOLUME.length), world);
    if (key.startsWith(MADE)) {
      const claim = world.client.get('persistentvolumeclaims', ...splitKey(key.slice(MADE.length)));
      return claim && makeVolume(claim, world);
    }
    syncClaim(key.startsWith(RESYNCED) ? key.slice(RESYNCED.length) : key, world);
  },
  settles: (key) => !key.startsWith(RESYNCED),
});
