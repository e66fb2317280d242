import { ApiError } from '../../api/request.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, Namespace } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { resourcesInUse } from '../shared/resources.ts';

type Condition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number];

/** How long a deleted namespace is left alone, so that all API servers know of it (namespaceDeletionGracePeriod), ms. */
const GRACE = 5_000;
/** Marks the entries of the queue that do the work, once the grace is over. */
const DUE = 'due:';
/** Seconds that finalizers are expected to take. */
const FINALIZER_ESTIMATE = 15;

/** What each condition says when all is well: its reason and message. */
const FINE: Record<string, [reason: string, message: string]> = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  NamespaceDeletionContentFailure: [
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
};

interface Remaining {
  /** By resource. */
  objects: Map<string, KubeObject[]>;
  errors: string[];
}

function deleteAll(world: ActorWorld, namespace: string, resources: string[]): Remaining {
  const objects = new Map<string, KubeObject[]>();
  const errors: string[] = [];
  for (const resource of resources) {
    for (const { metadata } of world.client.list(resource, namespace)) {
      if (metadata.deletionTimestamp) continue;
      try {
        world.client.delete(resource, namespace, metadata.name!, { propagationPolicy: 'Background' });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code !== 404) errors.push(error.message);
      }
    }
    const left = world.client.list(resource, namespace);
    if (left.length > 0) objects.set(resource, left);
  }
  return { objects, errors };
}

function conditionsFor({ objects, errors }: Remaining): Map<string, [reason: string, message: string]> {
  const wrong = new Map<string, [string, string]>();
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`;
    wrong.set('NamespaceDeletionContentFailure', ['ContentDeletionFailed', message]);
  }
  if (objects.size > 0) {
    const parts = [...objects].map(([resource, left]) => {
      const [plural, group = ''] = resource.split(/\.(.*)/);
      return `${plural}.${group} has ${left.length} resource instances`;
    });
    wrong.set('NamespaceContentRemaining', [
      'SomeResourcesRemain',
      `Some resources are remaining: ${parts.sort().join(', ')}`,
    ]);
  }
  const finalizers = new Map<string, number>();
  for (const { metadata } of [...objects.values()].flat()) {
    for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  }
  if (finalizers.size > 0) {
    const parts = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
    wrong.set('NamespaceFinalizersRemaining', [
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${parts.sort().join(', ')}`,
    ]);
  }
  return wrong;
}

function writeConditions(world: ActorWorld, namespace: Namespace, remaining: Remaining): void {
  const wrong = conditionsFor(remaining);
  const at = formatTime(world.now());
  const old = namespace.status?.conditions ?? [];
  const own = Object.entries(FINE).map(([type, fine]): Condition => {
    const [reason, message] = wrong.get(type) ?? fine;
    const status = wrong.has(type) ? 'True' : 'False';
    const before = old.find((condition) => condition.type === type);
    if (before?.status === status && before.message === message && before.reason === reason) return before;
    return { type, status, lastTransitionTime: at, reason, message };
  });
  if (own.every((condition) => old.includes(condition))) return;
  const others = old.filter((condition) => !(condition.type in FINE));
  world.client.updateStatus('namespaces', {
    ...namespace,
    status: { ...namespace.status, conditions: [...others, ...own] },
  });
}

/** Seconds until what remains should be gone: the longest grace of a pod, or a guess for finalizers. */
function estimate({ objects }: Remaining): number {
  const times = [...objects].flatMap(([resource, left]) =>
    left.map(({ metadata }) =>
      resource === 'pods' ? (metadata.deletionGracePeriodSeconds ?? 0) : metadata.finalizers ? FINALIZER_ESTIMATE : 0,
    ),
  );
  return Math.max(0, ...times);
}

function empty(key: string, world: ActorWorld): void {
  const namespace = world.client.get('namespaces', '', key);
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.length) return;
  // Pods go first, for what they use must outlast them.
  const pods = deleteAll(world, key, ['pods']);
  const isPodless = pods.objects.size === 0;
  const others = isPodless ? resourcesInUse(world).filter((resource) => resource !== 'pods') : [];
  const remaining = isPodless ? deleteAll(world, key, others) : pods;
  // While pods remain, what else does is not counted.
  writeConditions(world, namespace, isPodless ? remaining : { ...pods, objects: new Map() });
  if (remaining.objects.size > 0 || remaining.errors.length > 0) {
    world.wake(DUE + key, world.now() + Math.min(GRACE, (Math.trunc(estimate(remaining) / 2) + 1) * 1000));
    return;
  }
  const finalizers = namespace.spec.finalizers.filter((finalizer) => finalizer !== 'kubernetes');
  world.client.patch('namespaces', '', key, { spec: { finalizers } }, 'finalize');
}

/** Empties namespaces that are being deleted, and lets them go (pkg/controller/namespace). */
export const namespaceController: Actor = controller({
  name: 'namespace-controller',
  watches: [
    {
      resource: 'namespaces',
      keys: ({ type, object }) =>
        type !== 'DELETED' && object.metadata.deletionTimestamp ? [object.metadata.name!] : [],
    },
  ],
  reconcile(key, world) {
    if (key.startsWith(DUE)) empty(key.slice(DUE.length), world);
    else world.wake(DUE + key, world.now() + GRACE);
  },
});
