import { labelSelectorText, type Selector } from '../../api/kinds/shared/label-selector-text.ts';
import { selects } from '../../api/machinery/selectors.ts';
import { formatTime, parseTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, Pod, PodDisruptionBudget } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson, scaledValue } from '../shared/objects.ts';
import { controllerOf, ownKeys } from '../shared/owners.ts';
import { isPodFinished, isPodReady } from '../shared/pods.ts';
import { resourceOfKind } from '../shared/resources.ts';

const COMPONENT = 'controllermanager';
/** How long the deletion of an evicted pod is awaited (DeletionTimeout), ms. */
const DELETION_TIMEOUT = 120_000;

type Status = NonNullable<PodDisruptionBudget['status']>;

interface Scaled extends KubeObject {
  spec?: { replicas?: number };
}

/** What scales a pod: its controller, or the deployment above a replica set; nothing for a pod on its own. */
function scaleOf(pod: Pod, world: ActorWorld): Scaled | string | undefined {
  let object: KubeObject = pod;
  for (;;) {
    const owner = controllerOf(object);
    if (!owner) return object === pod ? undefined : (object as Scaled);
    const resource = resourceOfKind(world, owner.apiVersion, owner.kind);
    if (!resource) return `no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`;
    const found = world.client.get(resource, pod.metadata.namespace!, owner.name);
    if (found?.metadata.uid !== owner.uid) return `found no controllers for pod "${pod.metadata.name}"`;
    object = found;
    if (owner.kind === 'DaemonSet' || owner.kind === 'Job')
      return `${resource} does not implement the scale subresource`;
  }
}

/** How many pods there should be: the sum of what their controllers want. `unmanaged`: some have no controller. */
function expectedPods(pods: Pod[], world: ActorWorld): { expected: number; unmanaged: boolean } | string {
  const controllers = new Map<string, number>();
  let unmanaged = false;
  for (const pod of pods) {
    const scale = scaleOf(pod, world);
    if (typeof scale === 'string') return scale;
    if (scale) controllers.set(scale.metadata.uid!, scale.spec?.replicas ?? 1);
    else unmanaged = true;
  }
  return { expected: [...controllers.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

/** Expected and desired pods; a text when they cannot be told. */
function demand(
  budget: PodDisruptionBudget,
  pods: Pod[],
  world: ActorWorld,
): { expected: number; desired: number; unmanaged?: boolean } | string {
  const { minAvailable, maxUnavailable } = budget.spec!;
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  if (minAvailable === undefined && maxUnavailable === undefined) return { expected: 0, desired: 0 };
  const counted = expectedPods(pods, world);
  if (typeof counted === 'string') return counted;
  const { expected } = counted;
  if (minAvailable !== undefined) return { ...counted, desired: scaledValue(minAvailable, expected, true) };
  return { ...counted, desired: Math.max(0, expected - scaledValue(maxUnavailable!, expected, true)) };
}

function conditionFor(
  status: Status,
  [value, reason, message]: [value: 'True' | 'False', reason: string, message: string],
  generation: number,
  now: number,
): Status['conditions'] {
  const current = status.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = current?.status === value ? current!.lastTransitionTime : formatTime(now);
  const next = {
    type: 'DisruptionAllowed',
    status: value,
    observedGeneration: generation,
    lastTransitionTime,
    reason,
    message,
  };
  return [...(status.conditions ?? []).filter((one) => one !== current), next] as Status['conditions'];
}

const unmanagedMessage = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${labelSelectorText((spec?.selector ?? {}) as Selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

/** Nobody may be evicted while it cannot be told how many there should be. */
function failSafe(budget: PodDisruptionBudget, message: string, world: ActorWorld): void {
  const old = budget.status ?? ({} as Status);
  const conditions = conditionFor(old, ['False', 'SyncFailed', message], old.observedGeneration ?? 0, world.now());
  const status = { ...old, disruptionsAllowed: 0, conditions } as Status;
  if (!sameJson(status, old)) world.client.updateStatus('poddisruptionbudgets.policy', { ...budget, status });
}

/** The pods whose deletion is awaited since the eviction, and until when (ms) (buildDisruptedPodMap). */
function disruptedAmong(
  pods: Pod[],
  { metadata, status }: PodDisruptionBudget,
  world: ActorWorld,
): { disrupted: Record<string, string>; until: number } {
  const disrupted: Record<string, string> = {};
  let until = Number.POSITIVE_INFINITY;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const time = status?.disruptedPods?.[name] as string | undefined;
    if (deletionTimestamp || !time) continue;
    const end = parseTime(time) + DELETION_TIMEOUT;
    if (end < world.now()) {
      const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.namespace} to be deleted but it wasn't`;
      world.events.event(pod, 'Warning', 'NotDeleted', message, { component: COMPONENT });
      continue;
    }
    disrupted[name] = time;
    until = Math.min(until, end);
  }
  return { disrupted, until };
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
    return failSafe(budget, wanted, world);
  }
  if (wanted.unmanaged) tell('Warning', 'UnmanagedPods', unmanagedMessage(budget));
  const { disrupted, until } = disruptedAmong(pods, budget, world);
  if (Number.isFinite(until)) world.wake(key, until + 1);
  const healthy = pods.filter(
    (pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp && !disrupted[pod.metadata.name!],
  ).length;
  const allowed = wanted.expected > 0 ? Math.max(0, healthy - wanted.desired) : 0;
  const { generation = 1 } = budget.metadata;
  const old = budget.status ?? ({} as Status);
  const status = {
    observedGeneration: generation,
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: wanted.desired,
    expectedPods: wanted.expected,
    conditions: conditionFor(
      old,
      allowed > 0 ? ['True', 'SufficientPods', ''] : ['False', 'InsufficientPods', ''],
      generation,
      world.now(),
    ),
  } as Status;
  if (!sameJson(status, old)) world.client.updateStatus('poddisruptionbudgets.policy', { ...budget, status });
}

const budgetsOver = (labels: Record<string, string> | undefined, namespace: string | undefined, world: ActorWorld) =>
  world.client
    .list('poddisruptionbudgets.policy', namespace)
    .filter(({ spec }) => selects(spec?.selector, labels))
    .map(keyOf);

/** Evictions know no pod of two budgets. */
function tellOfSeveral(pod: KubeObject, budgets: string[], world: ActorWorld): void {
  const { metadata } = pod;
  if (budgets.length < 2) return;
  const chosen = splitKey(budgets[0]!)[1];
  const message = `Pod "${metadata.namespace}"/"${metadata.name}" matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`;
  world.events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message, { component: COMPONENT });
}

/** Tells how many pods of each budget may be evicted (pkg/controller/disruption). */
export const disruptionController: Actor = controller({
  name: 'disruption-controller',
  watches: [
    ownKeys('poddisruptionbudgets.policy'),
    {
      resource: 'pods',
      keys({ type, object, previous }, world) {
        const { namespace, labels } = object.metadata;
        const budgets = budgetsOver(labels, namespace, world);
        if (type !== 'DELETED') tellOfSeveral(object, budgets, world);
        return [...new Set([...budgets, ...(previous ? budgetsOver(previous.metadata.labels, namespace, world) : [])])];
      },
    },
  ],
  reconcile,
});
