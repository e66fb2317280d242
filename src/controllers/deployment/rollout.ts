import { ApiError } from '../../api/request.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { Deployment, ReplicaSet } from '../../types/objects.ts';
import { computeHash } from '../shared/hash.ts';
import { byCreation, createdAt, sameJson, sameTemplate, withAnnotations } from '../shared/objects.ts';
import { controlledBy, controllerRef, isControlledBy } from '../shared/owners.ts';
import { isAlreadyExists, isNamespaceTerminating } from '../shared/pod-control.ts';
import { isPodFinished } from '../shared/pods.ts';
import {
  desiredReplicas,
  maxReplicas,
  newSetAnnotations,
  REVISION,
  revisionOf,
  sizeAnnotations,
} from './annotations.ts';
import {
  actualIn,
  availableIn,
  isRolling,
  maxSurge,
  maxUnavailable,
  newSetSize,
  replicasOf,
  wantedIn,
} from './sizes.ts';
import {
  calculateStatus,
  conditionOf,
  deadlineOf,
  hasHistoryLimit,
  hasProgressDeadline,
  isComplete,
  newCondition,
  rolloutStatus,
  type Status,
  withCondition,
} from './status.ts';

export const COMPONENT = 'deployment-controller';
const HASH_LABEL = 'pod-template-hash';

/** One look at a deployment and its replica sets, and what is done about them (pkg/controller/deployment). */
export class Rollout {
  constructor(
    private readonly world: ActorWorld,
    private deployment: Deployment,
    private sets: ReplicaSet[],
  ) {}

  run(): void {
    const { metadata, spec } = this.deployment;
    if (metadata.deletionTimestamp) return this.syncStatus(this.newest());
    this.checkPaused();
    if (spec!.paused || this.isScaling()) this.scaleOnly();
    else if (spec!.strategy?.type === 'Recreate') this.recreate();
    else this.rollingUpdate();
  }

  // What there is.

  /** The replica set of the current template: the oldest, should there be several. */
  private newest(): ReplicaSet | undefined {
    const template = this.deployment.spec!.template;
    return [...this.sets].sort(byCreation).find((set) => sameTemplate(set.spec!.template!, template));
  }

  private older(newest: ReplicaSet | undefined): ReplicaSet[] {
    return this.sets.filter((set) => set.metadata.uid !== newest?.metadata.uid);
  }

  private isScaling(): boolean {
    this.syncRevision(false);
    const active = this.sets.filter((set) => replicasOf(set) > 0);
    return active.some((set) => (desiredReplicas(set) ?? replicasOf(this.deployment)) !== replicasOf(this.deployment));
  }

  private replace(set: ReplicaSet): ReplicaSet {
    this.sets = this.sets.map((one) => (one.metadata.uid === set.metadata.uid ? set : one));
    return set;
  }

  private putStatus(status: Status, annotations?: Record<string, string>): void {
    const changed = annotations ? withAnnotations(this.deployment, annotations) : this.deployment;
    this.deployment = this.world.client.updateStatus('deployments.apps', { ...changed, status });
  }

  private checkPaused(): void {
    if (!hasProgressDeadline(this.deployment)) return;
    const status = this.deployment.status ?? {};
    const current = conditionOf(status, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') return;
    const wasPaused = current?.reason === 'DeploymentPaused';
    const isPaused = this.deployment.spec!.paused ?? false;
    if (wasPaused === isPaused) return;
    const [reason, message] = isPaused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed'];
    this.putStatus(withCondition(status, newCondition('Progressing', 'Unknown', reason!, message!, this.world.now())));
  }

  // The newest replica set.

  /** getNewReplicaSet: finds the newest set and brings its revision up to date; makes it if `create` and it is missing. */
  private syncRevision(create: boolean): ReplicaSet | undefined {
    const newest = this.newest();
    const revision = Math.max(0, ...this.older(newest).map(revisionOf)) + 1;
    if (!newest) return create ? this.createNewest(revision) : undefined;
    const annotations = newSetAnnotations(this.deployment, newest, revision, true);
    const { minReadySeconds = 0 } = this.deployment.spec!;
    const stale = (newest.spec!.minReadySeconds ?? 0) !== minReadySeconds;
    if (stale || !sameJson(annotations, newest.metadata.annotations)) {
      const spec = { ...newest.spec!, minReadySeconds: minReadySeconds || undefined };
      return this.replace(
        this.world.client.update('replicasets.apps', { ...withAnnotations(newest, annotations), spec }),
      );
    }
    const status = this.deployment.status ?? {};
    const known = !hasProgressDeadline(this.deployment) || conditionOf(status, 'Progressing') !== undefined;
    const message = `Found new replica set "${newest.metadata.name}"`;
    this.writeRevision(
      newest.metadata.annotations?.[REVISION] ?? '',
      known ? status : withCondition(status, this.progressing('True', 'FoundNewReplicaSet', message)),
    );
    return newest;
  }

  private writeRevision(revision: string, status: Status): void {
    const current = this.deployment.metadata.annotations?.[REVISION];
    if (current !== revision || !sameJson(status, this.deployment.status)) {
      this.putStatus(status, { [REVISION]: revision });
    }
  }

  private progressing(value: 'True' | 'False', reason: string, message: string) {
    return newCondition('Progressing', value, reason, message, this.world.now());
  }

  private newSet(revision: number): ReplicaSet {
    const { metadata, spec, status } = this.deployment;
    const hash = computeHash(spec!.template, status?.collisionCount);
    const labels = { ...spec!.template.metadata?.labels, [HASH_LABEL]: hash };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace,
        labels,
        ownerReferences: [controllerRef(this.deployment)],
      },
      spec: {
        replicas: 0,
        ...(spec!.minReadySeconds && { minReadySeconds: spec!.minReadySeconds }),
        selector: { ...spec!.selector, matchLabels: { ...spec!.selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...spec!.template, metadata: { ...spec!.template.metadata, labels } },
      },
    } as ReplicaSet;
    const sized = { ...set, spec: { ...set.spec!, replicas: newSetSize(this.deployment, [...this.sets, set], set) } };
    return withAnnotations(sized, newSetAnnotations(this.deployment, sized, revision, false));
  }

  private createNewest(revision: number): ReplicaSet | undefined {
    const wanted = this.newSet(revision);
    let created: ReplicaSet;
    let existed = false;
    try {
      created = this.world.client.create('replicasets.apps', wanted);
    } catch (error) {
      if (!isAlreadyExists(error)) return this.failedToCreate(wanted, error);
      const found = this.world.client.get('replicasets.apps', wanted.metadata.namespace!, wanted.metadata.name!);
      if (!found || !isControlledBy(found, this.deployment)) return this.collision(error);
      if (!sameTemplate(found.spec!.template!, this.deployment.spec!.template)) return this.collision(error);
      created = found;
      existed = true;
    }
    this.sets = [...this.sets.filter((set) => set.metadata.uid !== created.metadata.uid), created];
    if (!existed && replicasOf(created) > 0) this.tellScaled('up', created, 0, replicasOf(created));
    const status = this.deployment.status ?? {};
    const message = `Created new replica set "${created.metadata.name}"`;
    const says = !existed && hasProgressDeadline(this.deployment);
    this.writeRevision(
      String(revision),
      says ? withCondition(status, this.progressing('True', 'NewReplicaSetCreated', message)) : status,
    );
    return created;
  }

  /** Another template has the same hash: the next try counts the collision in. */
  private collision(error: unknown): never {
    const status = this.deployment.status ?? {};
    this.putStatus({ ...status, collisionCount: (status.collisionCount ?? 0) + 1 });
    throw error;
  }

  private failedToCreate(set: ReplicaSet, error: unknown): never {
    if (error instanceof ApiError && !isNamespaceTerminating(error)) {
      const message = `Failed to create new replica set "${set.metadata.name}": ${error.message}`;
      if (hasProgressDeadline(this.deployment)) {
        const condition = this.progressing('False', 'ReplicaSetCreateError', message);
        this.putStatus(withCondition(this.deployment.status ?? {}, condition));
      }
      this.tell('Warning', 'ReplicaSetCreateError', message);
    }
    throw error;
  }

  // Scaling.

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.deployment, type, reason, message, { component: COMPONENT });
  }

  private tellScaled(direction: 'up' | 'down', set: ReplicaSet, from: number, to: number): void {
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${to}`;
    this.tell('Normal', 'ScalingReplicaSet', message);
  }

  /** Sets a replica set's size and what it remembers of the deployment's; tells whether the size changed. */
  private resize(set: ReplicaSet, size: number): boolean {
    const old = replicasOf(set);
    const annotations = sizeAnnotations(this.deployment);
    const remembers = Object.entries(annotations).every(([name, value]) => set.metadata.annotations?.[name] === value);
    if (old === size && remembers) return false;
    const next = { ...withAnnotations(set, annotations), spec: { ...set.spec!, replicas: size } };
    const written = this.replace(this.world.client.update('replicasets.apps', next));
    if (old === size) return false;
    this.tellScaled(old < size ? 'up' : 'down', written, old, size);
    return true;
  }

  private scaleTo(set: ReplicaSet, size: number): boolean {
    return replicasOf(set) !== size && this.resize(set, size);
  }

  /** Paused, or another number is wanted: sizes change, templates do not (deployment.sync). */
  private scaleOnly(): void {
    this.scale(this.syncRevision(false));
    const newest = this.newest();
    if (this.deployment.spec!.paused) this.cleanUp(this.older(newest));
    this.syncStatus(this.newest());
  }

  private scale(newest: ReplicaSet | undefined): void {
    const wanted = replicasOf(this.deployment);
    const older = this.older(newest);
    const active = this.sets.filter((set) => replicasOf(set) > 0);
    if (active.length <= 1) {
      const only = active[0] ?? newest ?? [...older].sort((a, b) => createdAt(b) - createdAt(a))[0];
      if (only) this.scaleTo(only, wanted);
    } else if (newest && this.isSaturated(newest)) {
      for (const set of older.filter((one) => replicasOf(one) > 0)) this.scaleTo(set, 0);
    } else if (isRolling(this.deployment)) this.scaleProportionally(active);
  }

  private isSaturated(newest: ReplicaSet): boolean {
    const wanted = replicasOf(this.deployment);
    return (
      replicasOf(newest) === wanted &&
      desiredReplicas(newest) === wanted &&
      (newest.status?.availableReplicas ?? 0) === wanted
    );
  }

  /** In the middle of an update every set gets its share of what is added or taken away. */
  private scaleProportionally(active: ReplicaSet[]): void {
    const wanted = replicasOf(this.deployment);
    const room = (wanted > 0 ? wanted + maxSurge(this.deployment) : 0) - wantedIn(active);
    const age = (a: ReplicaSet, b: ReplicaSet) => (room > 0 ? byCreation(b, a) : byCreation(a, b));
    const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || age(a, b));
    let added = 0;
    const sizes = ordered.map((set) => {
      const share = this.proportion(set, room, added);
      added += share;
      return replicasOf(set) + share;
    });
    if (room !== 0 && sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + room - added);
    for (const [index, set] of ordered.entries()) this.resize(set, sizes[index]!);
  }

  private proportion(set: ReplicaSet, room: number, added: number): number {
    const size = replicasOf(set);
    if (size === 0 || room === 0 || room === added) return 0;
    const wanted = replicasOf(this.deployment);
    const before = maxReplicas(set) ?? this.deployment.status?.replicas ?? size;
    const share =
      wanted === 0 ? -size : Math.round((size * (wanted + maxSurge(this.deployment))) / (before || 1)) - size;
    return room > 0 ? Math.min(share, room - added) : Math.max(share, room - added);
  }

  // The strategies.

  private rollingUpdate(): void {
    const newest = this.syncRevision(true)!;
    if (!this.growNewest(newest) && !this.shrinkOlder(newest)) {
      if (isComplete(this.deployment, this.deployment.status ?? {})) this.cleanUp(this.older(newest));
    }
    this.syncRolloutStatus();
  }

  private growNewest(newest: ReplicaSet): boolean {
    const wanted = replicasOf(this.deployment);
    if (replicasOf(newest) === wanted) return false;
    return this.scaleTo(newest, replicasOf(newest) > wanted ? wanted : newSetSize(this.deployment, this.sets, newest));
  }

  private shrinkOlder(newest: ReplicaSet): boolean {
    const minAvailable = replicasOf(this.deployment) - maxUnavailable(this.deployment);
    const active = () =>
      this.older(newest)
        .filter((set) => replicasOf(set) > 0)
        .sort(byCreation);
    if (active().length === 0) return false;
    const newUnavailable = replicasOf(newest) - (newest.status?.availableReplicas ?? 0);
    const limit = wantedIn([...active(), newest]) - minAvailable - newUnavailable;
    if (limit <= 0) return false;
    let total = 0;
    // Pods that are not available can go without loss.
    for (const set of active()) {
      const broken = replicasOf(set) - (set.status?.availableReplicas ?? 0);
      // It has just been scaled down: its status does not know yet.
      if (total < limit && broken < 0) return false;
      const count = Math.min(limit - total, broken);
      if (count > 0 && this.scaleTo(set, replicasOf(set) - count)) total += count;
    }
    const spare = availableIn([...active(), newest]) - minAvailable;
    let scaledDown = 0;
    for (const set of active()) {
      const count = Math.min(replicasOf(set), spare - scaledDown);
      if (count > 0 && this.scaleTo(set, replicasOf(set) - count)) scaledDown += count;
    }
    return total + scaledDown > 0;
  }

  private recreate(): void {
    const newest = this.syncRevision(false);
    const active = this.older(newest).filter((set) => replicasOf(set) > 0);
    const scaledDown = active.filter((set) => this.scaleTo(set, 0)).length > 0;
    if (!scaledDown && !this.oldPodsRun(newest)) {
      const made = this.syncRevision(true)!;
      this.scaleTo(made, replicasOf(this.deployment));
      if (isComplete(this.deployment, this.deployment.status ?? {})) this.cleanUp(this.older(made));
    }
    this.syncRolloutStatus();
  }

  /** Whether pods of former templates still exist, if only to end. */
  private oldPodsRun(newest: ReplicaSet | undefined): boolean {
    const older = this.older(newest);
    if (actualIn(older) > 0) return true;
    return older.some((set) => controlledBy(this.world.client, 'pods', set).some((pod) => !isPodFinished(pod)));
  }

  /** Forgets the oldest revisions beyond spec.revisionHistoryLimit. */
  private cleanUp(older: ReplicaSet[]): void {
    if (!hasHistoryLimit(this.deployment)) return;
    const cleanable = older.filter((set) => !set.metadata.deletionTimestamp);
    const excess = cleanable.length - this.deployment.spec!.revisionHistoryLimit!;
    if (excess <= 0) return;
    cleanable.sort((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b));
    for (const set of cleanable.slice(0, excess)) {
      const idle = replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0;
      if (!idle || set.metadata.generation! > (set.status?.observedGeneration ?? 0)) continue;
      this.world.client.delete('replicasets.apps', set.metadata.namespace!, set.metadata.name!);
      this.sets = this.sets.filter((one) => one !== set);
    }
  }

  // The status.

  private syncStatus(newest: ReplicaSet | undefined): void {
    const status = calculateStatus(this.deployment, this.sets, newest, this.world.now());
    if (!sameJson(status, this.deployment.status)) this.putStatus(status);
  }

  private syncRolloutStatus(): void {
    const status = rolloutStatus(this.deployment, this.sets, this.newest(), this.world.now());
    if (!sameJson(status, this.deployment.status)) return this.putStatus(status);
    const deadline = deadlineOf(this.deployment, status);
    if (deadline === undefined || isComplete(this.deployment, status)) return;
    const { namespace, name } = this.deployment.metadata;
    this.world.wake(`${namespace}/${name}`, deadline + 1000);
  }
}
