import { aggregate } from '../../api/machinery/invalid.ts';
import { ApiError } from '../../api/request.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from '../../types/objects.ts';
import { sameJson } from '../shared/objects.ts';
import { controllerRef } from '../shared/owners.ts';
import { isAlreadyExists } from '../shared/pod-control.ts';
import { claimsFor, isInRange, ordinalOf } from './pods.ts';

/** Tells of the set, in an event. */
export type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

const names = (reference: OwnerReference, { apiVersion, kind, metadata }: KubeObject): boolean =>
  reference.apiVersion === apiVersion && reference.kind === kind && reference.name === metadata.name;

const isOwner = (reference: OwnerReference, owner: KubeObject): boolean => reference.uid === (owner.metadata.uid ?? '');

/** The volume claims of a stateful set's pods: made before the pod, and owned as the set's retention policy says. */
export class Claims {
  constructor(
    private readonly world: ActorWorld,
    private readonly set: StatefulSet,
    private readonly tell: Tell,
  ) {}

  /** Makes the claims that a pod misses; throws when one cannot be made or is about to go. */
  create(pod: Pod): void {
    const failures: string[] = [];
    for (const { claim } of claimsFor(this.set, ordinalOf(this.set, pod))) {
      const { namespace = '', name = '' } = claim.metadata;
      const found = this.world.client.get('persistentvolumeclaims', namespace, name);
      if (found?.metadata.deletionTimestamp) failures.push(`pvc ${name} is being deleted`);
      if (found) continue;
      const { set } = this;
      try {
        this.world.client.create('persistentvolumeclaims', claim);
        const message = `create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`;
        this.tell('Normal', 'SuccessfulCreate', message);
      } catch (error) {
        const { message } = error as Error;
        failures.push(`failed to create PVC ${name}: ${message}`);
        const what = `create Claim ${name} for Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
        if (!isAlreadyExists(error)) this.tell('Warning', 'FailedCreate', `${what} failed error: ${message}`);
      }
    }
    if (failures.length > 0) throw new ApiError(500, 'InternalError', aggregate(failures));
  }

  private claimsOf(pod: Pod): PersistentVolumeClaim[] {
    return claimsFor(this.set, ordinalOf(this.set, pod)).flatMap(
      ({ claim }) =>
        this.world.client.get('persistentvolumeclaims', claim.metadata.namespace!, claim.metadata.name!) ?? [],
    );
  }

  /** Whether a claim belongs to a former pod of this name, and will go with it (PodClaimIsStale). */
  areStale(pod: Pod): boolean {
    if (this.policy.whenScaled !== 'Delete') return false;
    return this.claimsOf(pod).some((claim) => this.isStale(claim, pod));
  }

  /** Whether every claim is owned as the policy says. */
  followPolicy(pod: Pod): boolean {
    return this.claimsOf(pod).every((claim) => this.isUpToDate(claim, pod));
  }

  /** Gives the claims of a pod the owners that the policy says. */
  applyPolicy(pod: Pod): void {
    for (const claim of this.claimsOf(pod)) {
      const { name } = claim.metadata;
      if (this.hasOtherController(claim, pod)) {
        const message = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
        this.tell('Warning', 'ConflictingController', message);
      }
      if (this.isUpToDate(claim, pod)) continue;
      const ownerReferences = this.ownersFor(claim, pod);
      this.world.client.update('persistentvolumeclaims', {
        ...claim,
        metadata: { ...claim.metadata, ownerReferences },
      });
    }
  }

  private get policy(): { whenScaled: string; whenDeleted: string } {
    const { whenScaled = 'Retain', whenDeleted = 'Retain' } = this.set.spec!.persistentVolumeClaimRetentionPolicy ?? {};
    return { whenScaled, whenDeleted };
  }

  private isStale({ metadata }: PersistentVolumeClaim, owner: KubeObject): boolean {
    const reference = metadata.ownerReferences?.find((one) => names(one, owner));
    return reference !== undefined && !isOwner(reference, owner);
  }

  /** The owners that the policy wants: the set while the pod is one of its replicas, the pod itself afterwards. */
  private wanted(pod: Pod): KubeObject[] {
    const { whenScaled, whenDeleted } = this.policy;
    if (whenScaled === 'Delete' && !isInRange(this.set, pod)) return [pod];
    return whenDeleted === 'Delete' ? [this.set] : [];
  }

  private hasOtherController({ metadata }: PersistentVolumeClaim, pod: Pod): boolean {
    const { whenScaled, whenDeleted } = this.policy;
    if (whenScaled === 'Retain' && whenDeleted === 'Retain') return false;
    return (metadata.ownerReferences ?? []).some((one) => {
      const owner = [this.set, pod].find((object) => names(one, object));
      return owner ? !isOwner(one, owner) : one.controller;
    });
  }

  private isUpToDate(claim: PersistentVolumeClaim, pod: Pod): boolean {
    if (this.isStale(claim, this.set) || this.isStale(claim, pod)) return true;
    const ours = (claim.metadata.ownerReferences ?? []).filter((one) => isOwner(one, this.set) || isOwner(one, pod));
    if (this.hasOtherController(claim, pod)) return ours.length === 0;
    if (ours.some(({ controller }) => !controller)) return false;
    const uids = (owners: (string | undefined)[]) => [...owners].sort();
    return sameJson(uids(ours.map(({ uid }) => uid)), uids(this.wanted(pod).map(({ metadata }) => metadata.uid)));
  }

  private ownersFor(claim: PersistentVolumeClaim, pod: Pod): OwnerReference[] {
    const others = (claim.metadata.ownerReferences ?? []).filter((one) => !names(one, this.set) && !names(one, pod));
    return this.hasOtherController(claim, pod) ? others : [...others, ...this.wanted(pod).map(controllerRef)];
  }
}
