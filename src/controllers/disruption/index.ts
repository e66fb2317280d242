import { selects } from '../../api/machinery/selectors.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, Pod, PodDisruptionBudget } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson, scaledValue } from '../shared/objects.ts';
import { controllerOf, ownKeys } from '../shared/owners.ts';
import { isPodFinished, isPodReady } from '../shared/pods.ts';
import { resourceOfKind } from '../shared/resources.ts';

const COMPONENT = 'controllermanager';

type Status = NonNullable<PodDisruptionBudget['status']>;

interface Scaled extends KubeObject {
  spec?: { replicas?: number };
}

/** What scales a pod: its controller, or the deployment above a replica set. */
function scaleOf(pod: Pod, world: ActorWorld): Scaled | string {
  let object: KubeObject = pod;
  for (;;) {
    const owner = controllerOf(object);
    if (!owner) {
      if (object !== pod) return object as Scaled;
      return `found no controller ref for pod "${pod.metadata.name}"`;
    }
    const resource = resourceOfKind(world, owner.apiVersion, owner.kind);
    const found = resource && world.client.get(resource, pod.metadata.namespace!, owner.name);
    if (!found) return `could not find the controller ${owner.kind} "${owner.name}"`;
    object = found;
    if (owner.kind === 'DaemonSet' || owner.kind === 'Job')
      return `${resource!.replace(/\./, '.')} does not implement the scale subresource`;
  }
}

/** How many pods there should be: the sum of what their controllers want. */
function expectedPods(pods: Pod[], world: ActorWorld): number | string {
  const controllers = new Map<string, number>();
  for (const pod of pods) {
    const scale = scaleOf(pod, world);
    if (typeof scale === 'string') return scale;
    controllers.set(scale.metadata.uid!, scale.spec?.replicas ?? 1);
  }
  return [...controllers.values()].reduce((sum, replicas) => sum + replicas, 0);
}

/** Expected and desired pods; a text when they cannot be told. */
function demand(
  budget: PodDisruptionBudget,
  pods: Pod[],
  world: ActorWorld,
): { expected: number; desired: number } | string {
  const { minAvailable, maxUnavailable } = budget.spec!;
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  if (minAvailable === undefined && maxUnavailable === undefined) return { expected: pods.length, desired: 0 };
  const expected = expectedPods(pods, world);
  if (typeof expected === 'string') return expected;
  if (minAvailable !== undefined) return { expected, desired: scaledValue(minAvailable, expected, true) };
  return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable!, expected, true)) };
}

function conditionFor(status: Status, allowed: number, generation: number, now: number): Status['conditions'] {
  const [value, reason] = allowed > 0 ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods'];
  const current = status.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = current?.status === value ? current!.lastTransitionTime : formatTime(now);
  const next = {
    type: 'DisruptionAllowed',
    status: value!,
    observedGeneration: generation,
    lastTransitionTime,
    reason: reason!,
    message: '',
  };
  return [...(status.conditions ?? []).filter((one) => one !== current), next] as Status['conditions'];
}

function reconcile(key: string, world: ActorWorld): void {
  const budget = world.client.get('poddisruptionbudgets.policy', ...splitKey(key));
  if (!budget) return;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    world.events.event(budget, type, reason, message, { component: COMPONENT });
  const pods = world.client
    .list('pods', budget.metadata.namespace)
    .filter((pod) => selects(budget.spec?.selector, pod.metadata.labels) && !isPodFinished(pod));
  if (pods.length === 0) tell('Normal', 'NoPods', 'No matching pods found');
  const wanted = demand(budget, pods, world);
  if (typeof wanted === 'string') {
    tell('Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${wanted}`);
    return;
  }
  const healthy = pods.filter((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp).length;
  const allowed = wanted.expected > 0 ? Math.max(0, healthy - wanted.desired) : 0;
  const { generation = 1 } = budget.metadata;
  const old = budget.status ?? ({} as Status);
  const status = {
    observedGeneration: generation,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: wanted.desired,
    expectedPods: wanted.expected,
    conditions: conditionFor(old, allowed, generation, world.now()),
  } as Status;
  if (!sameJson(status, { ...old, disruptedPods: undefined }))
    world.client.updateStatus('poddisruptionbudgets.policy', { ...budget, status });
}

const budgetsOver = (labels: Record<string, string> | undefined, namespace: string | undefined, world: ActorWorld) =>
  world.client
    .list('poddisruptionbudgets.policy', namespace)
    .filter(({ spec }) => selects(spec?.selector, labels))
    .map(keyOf);

/** Tells how many pods of each budget may be evicted (pkg/controller/disruption). */
export const disruptionController: Actor = controller({
  name: 'disruption-controller',
  watches: [
    ownKeys('poddisruptionbudgets.policy'),
    {
      resource: 'pods',
      keys: ({ object, previous }, world) => [
        ...new Set([
          ...budgetsOver(object.metadata.labels, object.metadata.namespace, world),
          ...(previous ? budgetsOver(previous.metadata.labels, object.metadata.namespace, world) : []),
        ]),
      ],
    },
  ],
  reconcile,
});
