import type { ActorWorld } from '../../runtime/actor.ts';
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '../../types/objects.ts';
import { claim } from '../shared/claim.ts';
import { hashControllerRevision } from '../shared/hash.ts';
import { createRevision, HASH_LABEL, rawData, revisionData, revisionsOf, sameRevision } from '../shared/history.ts';
import { sameJson } from '../shared/objects.ts';
import { isAlreadyExists, isNotFound } from '../shared/pod-control.ts';
import { isPodFinished, nextAvailable } from '../shared/pods.ts';
import { Claims } from './claims.ts';
import {
  isHealthy,
  isInRange,
  isRunningAndAvailable,
  isRunningAndReady,
  isTerminating,
  newPod,
  ordinalOf,
  revisionOfPod,
  withIdentity,
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
  private readonly claims: Claims;

  constructor(
    private readonly world: ActorWorld,
    private readonly set: StatefulSet,
  ) {
    this.collisions = set.status?.collisionCount ?? 0;
    this.claims = new Claims(world, set, (...what) => this.event(...what));
  }

  run(): void {
    this.pods = claim(this.world, 'pods', this.set, this.set.spec!.selector, (pod) => ordinalOf(this.set, pod) >= 0);
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
      .filter((pod) => ordinalOf(this.set, pod) >= 0 && !isInRange(this.set, pod))
      .sort((a, b) => ordinalOf(this.set, b) - ordinalOf(this.set, a));
    for (const replica of replicas) if (this.processReplica(replica) && this.monotonic) return 0;
    const firstUnhealthy = [...replicas.map(({ pod }) => pod), ...[...condemned].reverse()].find(
      (pod) => !isHealthy(pod),
    );
    for (const pod of condemned) if (!this.claims.followPolicy(pod)) this.claims.applyPolicy(pod);
    for (const pod of condemned) if (this.processCondemned(pod, firstUnhealthy) && this.monotonic) return 0;
    if (this.set.spec!.updateStrategy?.type === 'OnDelete') return 0;
    return this.rollingUpdate(replicas);
  }

  /** Whether nothing more may be done before this replica is well. */
  private processReplica({ pod, created }: Replica): boolean {
    if (isPodFinished(pod)) {
      if (!isTerminating(pod)) this.deletePod(pod);
      return true;
    }
    if (!created) {
      if (this.claims.areStale(pod)) return true;
      this.createPod(pod);
      return true;
    }
    if (pod.status?.phase === 'Pending') {
      this.claims.create(pod);
      this.claims.applyPolicy(pod);
    }
    if (this.monotonic && (isTerminating(pod) || !isRunningAndReady(pod) || !this.isAvailable(pod))) return true;
    this.correct(pod);
    return false;
  }

  /** Brings the pod's labels and its claims' owners back in order (UpdateStatefulPod). */
  private correct(pod: Pod): void {
    const corrected = withIdentity(this.set, pod);
    if (corrected === pod && this.claims.followPolicy(pod)) return;
    const what = `Pod ${pod.metadata.name}`;
    try {
      this.claims.applyPolicy(pod);
      if (corrected !== pod) this.world.client.update('pods', corrected);
    } catch (error) {
      this.tell('update', what, error);
      throw error;
    }
    this.tell('update', what);
  }

  private isAvailable(pod: Pod): boolean {
    return isRunningAndAvailable(pod, this.set, this.world.now());
  }

  private processCondemned(pod: Pod, firstUnhealthy: Pod | undefined): boolean {
    if (isTerminating(pod)) return true;
    if (this.monotonic && pod !== firstUnhealthy && !this.isAvailable(pod)) return true;
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

  private tell(verb: 'create' | 'update' | 'delete', what: string, error?: unknown): void {
    const result = error ? `failed error: ${(error as Error).message}` : 'successful';
    const reason = `${error ? 'Failed' : 'Successful'}${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
    this.event(
      error ? 'Warning' : 'Normal',
      reason,
      `${verb} ${what} in StatefulSet ${this.set.metadata.name} ${result}`,
    );
  }

  private event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.set, type, reason, message, { component: COMPONENT });
  }

  private createPod(pod: Pod): void {
    const what = `Pod ${pod.metadata.name}`;
    try {
      this.claims.create(pod);
      this.world.client.create('pods', pod);
      this.claims.applyPolicy(pod);
    } catch (error) {
      if (!isAlreadyExists(error)) this.tell('create', what, error);
      throw error;
    }
    this.tell('create', what);
  }

  private deletePod(pod: Pod): void {
    const what = `Pod ${pod.metadata.name}`;
    try {
      this.world.client.delete('pods', pod.metadata.namespace!, pod.metadata.name!);
    } catch (error) {
      if (isNotFound(error)) return;
      this.tell('delete', what, error);
      throw error;
    }
    this.tell('delete', what);
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
