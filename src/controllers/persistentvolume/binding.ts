import { DEFAULT_STORAGE_CLASS, defaultClass } from '../../api/kinds/shared/default-class.ts';
import { Quantity } from '../../base/quantity.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import { claimNames, isBound, matchingVolume, waitsForConsumer } from '../../runtime/component-helpers/volumes.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/objects.ts';
import { omitEmpty, sameJson } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import { provision } from './provisioning.ts';

export const COMPONENT = 'persistentvolume-controller';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

type Claim = PersistentVolumeClaim;
type Volume = PersistentVolume;

const isFor = ({ spec }: Volume, { metadata }: Claim): boolean => {
  const reference = spec?.claimRef;
  if (reference?.name !== metadata.name || reference?.namespace !== metadata.namespace) return false;
  return !reference?.uid || reference.uid === metadata.uid;
};

/** One look at a claim, and what is done to bind it (syncClaim of pkg/controller/volume/persistentvolume). */
export class ClaimBinding {
  constructor(
    private readonly world: ActorWorld,
    private claim: Claim,
  ) {}

  run(): void {
    if (isBound(this.claim) || this.claim.metadata.annotations?.[BIND_COMPLETED]) this.syncBound();
    else if (this.claim.spec!.volumeName) this.syncRequested(this.claim.spec!.volumeName);
    else this.syncUnbound();
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.claim, type, reason, message, { component: COMPONENT });
  }

  private setPhase(phase: 'Pending' | 'Lost'): void {
    if (this.claim.status?.phase === phase) return;
    this.claim = this.world.client.updateStatus('persistentvolumeclaims', { ...this.claim, status: { phase } });
  }

  private syncUnbound(): void {
    const { client } = this.world;
    const volumes = client.list('persistentvolumes');
    const selected = this.claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
    const waits = waitsForConsumer(this.claim, client) && !selected;
    const reserved = volumes.find((volume) => volume.spec?.claimRef && isFor(volume, this.claim));
    const volume = reserved ?? (waits ? undefined : matchingVolume(this.claim, volumes));
    if (volume) return this.bind(volume);
    if (this.assignDefaultClass()) return;
    if (waits) this.tellWaiting();
    else if (this.claim.spec!.storageClassName) provision(this.claim, this.world);
    else
      this.tell(
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      );
    this.setPhase('Pending');
  }

  /** A claim without a class gets the default one as soon as there is one. */
  private assignDefaultClass(): boolean {
    const { spec } = this.claim;
    if (spec!.storageClassName !== undefined) return false;
    const found = defaultClass(this.world.client.list('storageclasses.storage.k8s.io'), DEFAULT_STORAGE_CLASS);
    if (!found) return false;
    const storageClassName = found.metadata.name!;
    this.world.client.update('persistentvolumeclaims', { ...this.claim, spec: { ...spec!, storageClassName } });
    return true;
  }

  private tellWaiting(): void {
    const { name, namespace } = this.claim.metadata;
    const users = this.world.client
      .list('pods', namespace)
      .filter((pod) => !isPodFinished(pod) && !pod.spec?.nodeName && claimNames(pod).some((one) => one.name === name))
      .map(({ metadata }) => metadata.name!);
    if (users.length === 0)
      return this.tell('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    const pods = users.length > 1 ? `pods ${users.join(',')}` : `pod ${users[0]}`;
    this.tell('Normal', 'WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
  }

  /** The user has asked for this very volume. */
  private syncRequested(name: string): void {
    const volume = this.world.client.get('persistentvolumes', '', name);
    if (!volume) return this.setPhase('Pending');
    if (volume.spec!.claimRef && !isFor(volume, this.claim)) {
      this.tell('Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
      return this.setPhase('Pending');
    }
    const mismatch = volume.spec!.claimRef ? undefined : this.mismatch(volume);
    if (mismatch) {
      this.tell('Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
      return this.setPhase('Pending');
    }
    this.bind(volume);
  }

  private mismatch({ spec }: Volume): string | undefined {
    const { resources, storageClassName, volumeMode, accessModes } = this.claim.spec!;
    const wanted = Quantity.parse(resources?.requests?.storage ?? '0');
    if (Quantity.parse(spec!.capacity?.storage ?? '0').compare(wanted) < 0) return 'requested PV is too small';
    if ((spec!.storageClassName ?? '') !== (storageClassName ?? '')) return 'storageClassName does not match';
    if ((spec!.volumeMode ?? 'Filesystem') !== (volumeMode ?? 'Filesystem')) return 'incompatible volumeMode';
    return accessModes?.every((mode) => spec!.accessModes?.includes(mode)) ? undefined : 'incompatible accessMode';
  }

  private syncBound(): void {
    const { volumeName } = this.claim.spec!;
    const volume = volumeName ? this.world.client.get('persistentvolumes', '', volumeName) : undefined;
    if (volume && (!volume.spec!.claimRef || isFor(volume, this.claim))) return this.bind(volume);
    const [reason, message] = !volumeName
      ? ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!']
      : !volume
        ? ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!']
        : ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly'];
    if (this.claim.status?.phase !== 'Lost') this.tell('Warning', reason!, message!);
    this.setPhase('Lost');
  }

  /** Writes the volume, its phase, the claim and its status: whatever of the four is not yet so. */
  private bind(volume: Volume): void {
    const { client } = this.world;
    const bound = this.bindVolume(volume);
    if (bound.status?.phase !== 'Bound')
      client.updateStatus('persistentvolumes', { ...bound, status: { ...bound.status, phase: 'Bound' } } as Volume);
    const { spec, metadata } = this.claim;
    const chosen = !spec!.volumeName;
    const annotations = {
      ...metadata.annotations,
      [BIND_COMPLETED]: 'yes',
      ...(chosen && { [BOUND_BY_CONTROLLER]: 'yes' }),
    };
    const next = {
      ...this.claim,
      metadata: { ...metadata, annotations },
      spec: { ...spec, volumeName: volume.metadata.name },
    };
    if (!sameJson(next, this.claim)) this.claim = client.update('persistentvolumeclaims', next);
    const { accessModes, capacity } = volume.spec!;
    const status = {
      ...this.claim.status,
      phase: 'Bound',
      accessModes,
      capacity: this.claim.status?.capacity ?? capacity,
    };
    if (!sameJson(status, this.claim.status))
      this.claim = client.updateStatus('persistentvolumeclaims', { ...this.claim, status });
  }

  private bindVolume(volume: Volume): Volume {
    const { namespace, name, uid, resourceVersion } = this.claim.metadata;
    const before = volume.spec!.claimRef;
    if (before?.uid === uid) return volume;
    const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
    const annotations = before
      ? volume.metadata.annotations
      : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
    return this.world.client.update('persistentvolumes', {
      ...volume,
      metadata: { ...volume.metadata, ...(annotations && { annotations }) },
      spec: { ...volume.spec!, claimRef: omitEmpty(claimRef) },
    });
  }
}
