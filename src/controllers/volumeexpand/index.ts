import { Quantity } from '../../base/quantity.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import {
  finishResize,
  resizeCondition,
  resizeStatus,
  writeResize,
} from '../../runtime/component-helpers/claim-resize.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';

const CLAIMS = 'persistentvolumeclaims';
/** What a cloud takes to make a disk larger, ms. */
const RESIZING = 4_000;
/** Marks the entries of the queue in which a volume has become larger. */
const RESIZED = 'resized:';
/** Drivers of network shares: no file system of the node has to grow with them. */
const SHARES = ['file.csi.azure.com', 'nfs.csi.k8s.io', 'efs.csi.aws.com', 'smb.csi.k8s.io'];
const RESTART = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

const size = (text: string | undefined) => Quantity.parse(text ?? '0');
const requestOf = ({ spec }: PersistentVolumeClaim) => spec?.resources?.requests?.storage;
const capacityOf = ({ status }: PersistentVolumeClaim) => status?.capacity?.storage;
const isTooSmall = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.phase === 'Bound' && size(requestOf(claim)).compare(size(capacityOf(claim))) > 0;

/** A bound claim that asks for more than before. */
const grows: Actor['watches'] = [
  {
    resource: CLAIMS,
    keys({ type, object, previous }) {
      const claim = object as PersistentVolumeClaim;
      const before = previous as PersistentVolumeClaim | undefined;
      if (type !== 'MODIFIED' || !before || !isTooSmall(claim)) return [];
      return size(requestOf(claim)).compare(size(requestOf(before))) > 0 ? [keyOf(claim)] : [];
    },
  },
];

const volumeOf = (claim: PersistentVolumeClaim, { client }: ActorWorld): PersistentVolume | undefined =>
  client.get('persistentvolumes', '', claim.spec?.volumeName ?? '');

/** Leaves the work to the resizers of CSI drivers: none of the volumes that Kubernetes knows itself can grow (pkg/controller/volume/expand). */
export const volumeExpandController: Actor = controller({
  name: 'expand-controller',
  watches: grows,
  reconcile(key, world) {
    const claim = world.client.get(CLAIMS, ...splitKey(key));
    if (!claim || !isTooSmall(claim) || !volumeOf(claim, world)) return;
    const message = 'waiting for an external controller to expand this PVC';
    world.events.event(claim, 'Normal', 'ExternalExpanding', message, { component: 'volume_expand' });
  },
});

/** external-resizer: asks the driver for a larger volume. */
function begin(claim: PersistentVolumeClaim, volume: PersistentVolume, driver: string, world: ActorWorld): void {
  if (!isTooSmall(claim) || resizeStatus(claim)) return;
  writeResize(world.client, claim, 'ControllerResizeInProgress', {
    allocatedResources: { storage: requestOf(claim)! },
    conditions: [resizeCondition('Resizing', world.now())],
  });
  const message = `External resizer is resizing volume ${volume.metadata.name}`;
  world.events.event(claim, 'Normal', 'Resizing', message, { component: `external-resizer ${driver}` });
  world.wake(RESIZED + keyOf(claim), world.now() + RESIZING);
}

/** The volume has grown; unless it is a share, its file system has to grow as well, where it is mounted. */
function end(claim: PersistentVolumeClaim, volume: PersistentVolume, driver: string, world: ActorWorld): void {
  const { client, events, now } = world;
  const storage = claim.status?.allocatedResources?.storage;
  if (!storage || resizeStatus(claim) !== 'ControllerResizeInProgress') return;
  client.update('persistentvolumes', { ...volume, spec: { ...volume.spec!, capacity: { storage } } });
  const tell = (reason: string, message: string) =>
    events.event(claim, 'Normal', reason, message, { component: `external-resizer ${driver}` });
  if (SHARES.includes(driver) || volume.spec!.volumeMode === 'Block') {
    const annotations = {
      ...claim.metadata.annotations,
      'volume.kubernetes.io/node-expansion-not-required': 'true',
    };
    const marked = client.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations } });
    finishResize(client, marked, storage);
    return tell('VolumeResizeSuccessful', 'Resize volume succeeded');
  }
  const conditions = [...(claim.status?.conditions ?? []), resizeCondition('FileSystemResizePending', now(), RESTART)];
  writeResize(client, claim, 'NodeResizePending', { conditions });
  tell('FileSystemResizeRequired', 'Require file system resize of volume on node');
}

/** The external resizers of all CSI drivers that the cluster has. */
export const csiResizer: Actor = controller({
  name: 'csi-resizer',
  watches: [
    ...grows,
    {
      resource: CLAIMS,
      keys: ({ type, object, previous }) =>
        type === 'MODIFIED' && previous && resizeStatus(previous as PersistentVolumeClaim) && isTooSmall(object)
          ? [keyOf(object)]
          : [],
    },
  ],
  reconcile(key, world) {
    const isDone = key.startsWith(RESIZED);
    const claim = world.client.get(CLAIMS, ...splitKey(isDone ? key.slice(RESIZED.length) : key));
    const volume = claim && volumeOf(claim, world);
    const driver = volume?.spec?.csi?.driver;
    if (!driver || !world.client.get('csidrivers.storage.k8s.io', '', driver)) return;
    (isDone ? end : begin)(claim!, volume!, driver, world);
  },
});
