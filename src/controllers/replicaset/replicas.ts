import { matchesLabels, requirementsOf, selects } from '../../api/machinery/selectors.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { LabelSelector, Pod, ReplicaSet, ReplicationController } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { claim } from '../shared/claim.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { omitEmpty, sameJson } from '../shared/objects.ts';
import { controlledBy, controllerKeys, controllerOf, ownKeys } from '../shared/owners.ts';
import { PodControl, podFromTemplate, slowStart } from '../shared/pod-control.ts';
import { byDeletionOrder, isPodActive, isPodAvailable, isPodReady, nextAvailable } from '../shared/pods.ts';

type Replicas = ReplicaSet | ReplicationController;
type Status = NonNullable<ReplicaSet['status']>;

/** What differs between replica sets and replication controllers, which one controller runs upstream, too. */
export interface ReplicasKind {
  /** Of the actor: `replicaset-controller`; also the source of its events. */
  name: string;
  resource: 'replicasets.apps' | 'replicationcontrollers';
  kind: string;
  selector(object: Replicas): LabelSelector | undefined;
}

/** So many pods are created or deleted in one go (replicaset.BurstReplicas). */
const BURST = 500;

/** Keeps as many pods running as `spec.replicas` says (pkg/controller/replicaset). */
export function replicasController(what: ReplicasKind): Actor {
  const matching = (pod: Pod, world: ActorWorld) =>
    (world.client.list(what.resource, pod.metadata.namespace) as Replicas[])
      .filter((object) => selects(what.selector(object), pod.metadata.labels))
      .map(keyOf);
  return controller({
    name: what.name,
    watches: [
      ownKeys(what.resource),
      controllerKeys('pods', what.kind, (event, world) => matching(event.object as Pod, world)),
    ],
    reconcile: (key, world) => reconcile(what, key, world),
  });
}

function reconcile(what: ReplicasKind, key: string, world: ActorWorld): void {
  const object = world.client.get(what.resource, ...splitKey(key)) as Replicas | undefined;
  if (!object) return;
  const pods = claim(world, 'pods', object, what.selector(object), isPodActive);
  const difference = pods.length - (object.spec!.replicas ?? 1);
  let failure: Error | undefined;
  if (!object.metadata.deletionTimestamp) {
    try {
      manageReplicas(what, object, pods, difference, world);
    } catch (error) {
      failure = error as Error;
    }
  }
  writeStatus(what, object, nextStatus(object, pods, difference, failure, world.now()), world);
  const available = nextAvailable(pods, object.spec!.minReadySeconds ?? 0, world.now());
  if (available !== undefined) world.wake(key, available);
  if (failure) throw failure;
}

function manageReplicas(
  what: ReplicasKind,
  object: Replicas,
  pods: Pod[],
  difference: number,
  world: ActorWorld,
): void {
  const control = new PodControl(world, object, what.name);
  if (difference < 0) {
    slowStart(Math.min(-difference, BURST), () => control.create(podFromTemplate(object.spec!.template!, object)));
  } else if (difference > 0) {
    const order = byDeletionOrder(relatedPods(what, object, world), world.now());
    for (const pod of [...pods].sort(order).slice(0, Math.min(difference, BURST))) control.delete(pod);
  }
}

/** The pods of all replica sets that the same object controls: they should not crowd a node together. */
function relatedPods(what: ReplicasKind, object: Replicas, world: ActorWorld): Pod[] {
  const owner = controllerOf(object);
  const siblings = owner
    ? (world.client.list(what.resource, object.metadata.namespace) as Replicas[]).filter(
        (one) => controllerOf(one)?.uid === owner.uid,
      )
    : [object];
  return siblings.flatMap((one) => controlledBy(world.client, 'pods', one));
}

function nextStatus(
  object: Replicas,
  pods: Pod[],
  difference: number,
  failure: Error | undefined,
  now: number,
): Status {
  const { template, minReadySeconds = 0 } = object.spec!;
  const wanted = requirementsOf({ matchLabels: template?.metadata?.labels ?? {} })!;
  const ready = pods.filter(isPodReady);
  const available = minReadySeconds === 0 ? ready : ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now));
  return {
    ...object.status,
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter((pod) => matchesLabels(wanted, pod.metadata.labels)).length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
    conditions: nextConditions(object, difference, failure, now),
  };
}

function nextConditions(object: Replicas, difference: number, failure: Error | undefined, now: number) {
  const conditions = (object.status?.conditions ?? []) as NonNullable<Status['conditions']>;
  const others = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  if (!failure) return others;
  if (others.length < conditions.length) return conditions;
  return [
    ...others,
    {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: formatTime(now),
      reason: difference < 0 ? 'FailedCreate' : 'FailedDelete',
      message: failure.message,
    },
  ];
}

function writeStatus(what: ReplicasKind, object: Replicas, next: Status, world: ActorWorld): void {
  const status = {
    ...omitEmpty({ ...next, observedGeneration: object.metadata.generation }),
    replicas: next.replicas,
  };
  if (!sameJson(status, object.status)) world.client.updateStatus(what.resource, { ...object, status } as ReplicaSet);
}
