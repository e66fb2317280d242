import type { ActorWorld } from '../../runtime/actor.ts';
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '../../types/objects.ts';
import { claim } from '../shared/claim.ts';
import { hashControllerRevision } from '../shared/hash.ts';
import { createRevision, HASH_LABEL, rawData, revisionData, revisionsOf, sameRevision } from '../shared/history.ts';
import { sameJson } from '../shared/objects.ts';
import { isNotFound } from '../shared/pod-control.ts';
import { isPodFinished, nextAvailable } from '../shared/pods.ts';
import {
  claimsFor,
  isHealthy,
  isRunningAndAvailable,
  isRunningAndReady,
  isTerminating,
  newPod,
  ordinalOf,
  revisionOfPod,
} from './pods.ts';

export const COMPONENT = 'statefulset-controller';

/** A place among the replicas: the pod that is there, or the one that should be. */
interface Replica {
  ordinal: number;
  pod: Pod;
  created: boolean;
}

/** One look at a stateful set and its pods (pkg/controller/statefulset). */
export class StatefulControl {
  private current!: ControllerRevision;
  private update!: ControllerRevision;
  private collisions: number;
  private pods: Pod[] = [];

  constructor(
    private readonly world: ActorWorld,
    private readonly set: StatefulSet,
  ) {
    this.collisions = set.status?.collisionCount ?? 0;
  }

  run(): void {
    this.pods = claim(this.world, 'pods', this.set, this.set.spec!.selector);
    const revisions = this.syncRevisions();
    let deleted = 0;
    try {
      deleted = this.set.metadata.deletionTimestamp ? 0 : this.syncPods();
    } finally {
      this.writeStatus(deleted);
    }
    this.truncate(revisions);
    const available = nextAvailable(this.pods, this.set.spec!.minReadySeconds ?? 0, this.world.now());
    const { namespace, name } = this.set.metadata;
    if (available !== undefined) this.world.wake(`${namespace}/${name}`, available);
  }

  // Revisions.

  private syncRevisions(): ControllerRevision[] {
    const { template, selector } = this.set.spec!;
    const revisions = revisionsOf(this.world, this.set, selector);
    const number = (revisions.at(-1)?.revision ?? 0) + 1;
    const equal = revisions.filter((revision) => sameRevision(revision, template)).at(-1);
    if (!equal) {
      const hash = (count: number | undefined) => hashControllerRevision(rawData(revisionData(template)), count);
      const made = createRevision(this.world, this.set, number, hash, this.collisions, HASH_LABEL);
      this.update = made.revision;
      this.collisions = made.collisions ?? 0;
      revisions.push(this.update);
    } else if (equal !== revisions.at(-1)) {
      // Going back: the old revision becomes the newest.
      this.update = this.world.client.update('controllerrevisions.apps', { ...equal, revision: number });
    } else this.update = equal;
    const { currentRevision } = this.set.status ?? {};
    this.current = revisions.find(({ metadata }) => metadata.name === currentRevision) ?? this.update;
    return revisions;
  }

  private truncate(revisions: ControllerRevision[]): void {
    const live = new Set([this.current, this.update].map(({ metadata }) => metadata.name));
    for (const pod of this.pods) live.add(revisionOfPod(pod));
    const idle = revisions.filter(({ metadata }) => !live.has(metadata.name));
    const excess = Math.max(0, idle.length - (this.set.spec!.revisionHistoryLimit ?? 10));
    for (const { metadata } of idle.slice(0, excess))
      this.world.client.delete('controllerrevisions.apps', metadata.namespace!, metadata.name!);
  }

  private templateOf({ data }: ControllerRevision): PodTemplateSpec {
    const { $patch: _, ...template } = (data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec
      .template;
    return template;
  }

  // Pods.

  private get start(): number {
    return this.set.spec!.ordinals?.start ?? 0;
  }

  private get monotonic(): boolean {
    return this.set.spec!.podManagementPolicy !== 'Parallel';
  }

  private newReplica(ordinal: number): Replica {
    const { rollingUpdate, type } = this.set.spec!.updateStrategy ?? {};
    const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : (this.set.status?.currentReplicas ?? 0);
    const isCurrent = (type === 'RollingUpdate' || rollingUpdate) && ordinal < this.start + kept;
    const revision = isCurrent ? this.current : this.update;
    const pod = newPod(this.set, this.templateOf(revision), revision.metadata.name!, ordinal);
    return { ordinal, pod, created: false };
  }

  /** Does what may be done now; tells how many pods of the current revision it ended for an update. */
  private syncPods(): number {
    const size = this.set.spec!.replicas ?? 1;
    const placed = new Map(this.pods.map((pod) => [ordinalOf(this.set, pod), pod]));
    const replicas = Array.from({ length: size }, (_, index): Replica => {
      const ordinal = this.start + index;
      const pod = placed.get(ordinal);
      return pod ? { ordinal, pod, created: true } : this.newReplica(ordinal);
    });
    const condemned = this.pods
      .filter((pod) => {
        const ordinal = ordinalOf(this.set, pod);
        return ordinal >= 0 && (ordinal < this.start || ordinal >= this.start + size);
      })
      .sort((a, b) => ordinalOf(this.set, b) - ordinalOf(this.set, a));
    for (const replica of replicas) if (this.processReplica(replica) && this.monotonic) return 0;
    if (!this.monotonic && replicas.some(({ created }) => !created)) return 0;
    const firstUnhealthy = [...replicas.map(({ pod }) => pod), ...[...condemned].reverse()].find(
      (pod) => !isHealthy(pod),
    );
    for (const pod of condemned) if (this.processCondemned(pod, firstUnhealthy) && this.monotonic) return 0;
    if (condemned.length > 0 || this.set.spec!.updateStrategy?.type === 'OnDelete') return 0;
    return this.rollingUpdate(replicas);
  }

  /** Whether nothing more may be done before this replica is well. */
  private processReplica({ ordinal, pod, created }: Replica): boolean {
    if (isPodFinished(pod)) {
      if (!isTerminating(pod)) this.deletePod(pod);
      return true;
    }
    if (!created) {
      this.createClaims(ordinal, pod);
      this.createPod(pod);
      return true;
    }
    if (pod.status?.phase === 'Pending') this.createClaims(ordinal, pod);
    if (!this.monotonic) return false;
    return isTerminating(pod) || !isRunningAndReady(pod) || !this.isAvailable(pod);
  }

  private isAvailable(pod: Pod): boolean {
    return isRunningAndAvailable(pod, this.set, this.world.now());
  }

  private processCondemned(pod: Pod, firstUnhealthy: Pod | undefined): boolean {
    if (isTerminating(pod)) return true;
    if (this.monotonic && pod !== firstUnhealthy && !this.isAvailable(pod)) return true;
    this.claimsFollow(pod);
    this.deletePod(pod);
    return true;
  }

  private rollingUpdate(replicas: Replica[]): number {
    const least = this.start + (this.set.spec!.updateStrategy?.rollingUpdate?.partition ?? 0);
    for (const { ordinal, pod } of [...replicas].reverse()) {
      if (ordinal < least) return 0;
      if (revisionOfPod(pod) !== this.update.metadata.name && !isTerminating(pod)) {
        this.deletePod(pod);
        return 1;
      }
      if (!isHealthy(pod)) return 0;
    }
    return 0;
  }

  private tell(verb: 'create' | 'delete', what: string, success: string, error?: unknown): void {
    const result = error ? `failed error: ${(error as Error).message}` : success;
    const reason = `${error ? 'Failed' : 'Successful'}${verb === 'create' ? 'Create' : 'Delete'}`;
    const message = `${verb} ${what} in StatefulSet ${this.set.metadata.name} ${result}`;
    this.world.events.event(this.set, error ? 'Warning' : 'Normal', reason, message, { component: COMPONENT });
  }

  private createPod(pod: Pod): void {
    try {
      this.world.client.create('pods', pod);
    } catch (error) {
      this.tell('create', `Pod ${pod.metadata.name}`, '', error);
      throw error;
    }
    this.tell('create', `Pod ${pod.metadata.name}`, 'successful');
  }

  private deletePod(pod: Pod): void {
    try {
      this.world.client.delete('pods', pod.metadata.namespace!, pod.metadata.name!);
    } catch (error) {
      if (isNotFound(error)) return;
      this.tell('delete', `Pod ${pod.metadata.name}`, '', error);
      throw error;
    }
    this.tell('delete', `Pod ${pod.metadata.name}`, 'successful');
  }

  // Claims.

  private createClaims(ordinal: number, pod: Pod): void {
    const { client } = this.world;
    const owned = this.set.spec!.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    const { apiVersion, kind, metadata } = this.set;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name!, uid: metadata.uid! }];
    for (const { claim: wanted } of claimsFor(this.set, ordinal)) {
      const { namespace = '', name = '' } = wanted.metadata;
      if (client.get('persistentvolumeclaims', namespace, name)) continue;
      const what = `Claim ${name} Pod ${pod.metadata.name}`;
      const object = owned ? { ...wanted, metadata: { ...wanted.metadata, ownerReferences } } : wanted;
      try {
        client.create('persistentvolumeclaims', object);
      } catch (error) {
        this.tell('create', what, '', error);
        throw error;
      }
      this.tell('create', what, 'success');
    }
  }

  /** With `whenScaled: Delete`, the claims of a pod that is not to come back go with it. */
  private claimsFollow(pod: Pod): void {
    if (this.set.spec!.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    const { name = '', uid = '' } = pod.metadata;
    for (const { claim: wanted } of claimsFor(this.set, ordinalOf(this.set, pod))) {
      const found = this.world.client.get('persistentvolumeclaims', wanted.metadata.namespace!, wanted.metadata.name!);
      if (!found) continue;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid }];
      this.world.client.update('persistentvolumeclaims', {
        ...found,
        metadata: { ...found.metadata, ownerReferences },
      });
    }
  }

  // The status.

  private writeStatus(deleted: number): void {
    const count = (test: (pod: Pod) => boolean) => this.pods.filter(test).length;
    const living = (revision: ControllerRevision) =>
      count((pod) => !isTerminating(pod) && revisionOfPod(pod) === revision.metadata.name);
    const counts = {
      replicas: this.pods.length,
      readyReplicas: count(isRunningAndReady),
      currentReplicas: living(this.current) - deleted,
      updatedReplicas: living(this.update),
      availableReplicas: count((pod) => this.isAvailable(pod)),
    };
    const wanted = this.set.spec!.replicas ?? 1;
    const complete =
      this.set.spec!.updateStrategy?.type === 'RollingUpdate' &&
      [counts.updatedReplicas, counts.readyReplicas, counts.replicas].every((number) => number === wanted);
    if (complete) counts.currentReplicas = counts.updatedReplicas;
    const { replicas, availableReplicas, ...others } = counts;
    const status = {
      observedGeneration: this.set.metadata.generation,
      replicas,
      ...Object.fromEntries(Object.entries(others).filter(([, number]) => number > 0)),
      currentRevision: complete ? this.update.metadata.name : this.current.metadata.name,
      updateRevision: this.update.metadata.name,
      collisionCount: this.collisions,
      availableReplicas,
      ...(this.set.status?.conditions && { conditions: this.set.status.conditions }),
    } as NonNullable<StatefulSet['status']>;
    if (!sameJson(status, this.set.status))
      this.world.client.updateStatus('statefulsets.apps', { ...this.set, status });
  }
}
