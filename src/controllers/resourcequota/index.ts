import { quotaMatches, usageOf } from '../../api/admission/resource-quota.ts';
import { Quantity } from '../../base/quantity.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Pod, ResourceQuota } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import { isResource, resourcesInUse } from '../shared/resources.ts';

/** --resource-quota-sync-period: all quotas are counted anew this often, ms. */
const RESYNC = 300_000;
/** Marks quotas of which only the status has changed: what is wrong with it stays until all are counted. */
const LATER = 'later:';

const nextResync = (now: number): number => (Math.floor(now / RESYNC) + 1) * RESYNC;

/** Objects of a resource that there is not are never counted. */
function isCountable(name: string, world: ActorWorld): boolean {
  const [, resource] = /^count\/(.+)$/.exec(name) ?? [];
  return resource === undefined || isResource(world, resource);
}

/** What a namespace uses of what the quota bounds. */
function usedOf(quota: ResourceQuota, world: ActorWorld): Record<string, string> {
  const hard = quota.spec?.hard ?? {};
  const names = Object.keys(hard).filter((name) => isCountable(name, world));
  const used = Object.fromEntries(names.map((name) => [name, Quantity.of(0)]));
  for (const resource of resourcesInUse(world)) {
    if (resource === 'events') continue;
    for (const object of world.client.list(resource, quota.metadata.namespace)) {
      if (!quotaMatches(quota, resource, object)) continue;
      for (const [name, amount] of Object.entries(usageOf(resource, object))) {
        if (name in used) used[name] = used[name]!.add(amount);
      }
    }
  }
  return Object.fromEntries(Object.entries(used).map(([name, amount]) => [name, amount.toString()]));
}

/** Keeps the status of quotas right when things go or end; what comes is counted by admission (pkg/controller/resourcequota). */
export const resourceQuotaController: Actor = controller({
  name: 'resourcequota-controller',
  watches: [
    {
      resource: 'resourcequotas',
      keys: ({ object, previous }) =>
        previous && sameJson((object as ResourceQuota).spec?.hard, (previous as ResourceQuota).spec?.hard)
          ? [LATER + keyOf(object)]
          : [keyOf(object)],
    },
    {
      resource: '*',
      keys({ type, resource, object, previous }, world) {
        const { namespace } = object.metadata;
        if (!namespace || resource === 'events' || resource === 'resourcequotas') return [];
        const ended = resource === 'pods' && isPodFinished(object as Pod) && !isPodFinished(previous as Pod);
        if (type !== 'DELETED' && !ended && resource !== 'services') return [];
        return world.client.list('resourcequotas', namespace).map(keyOf);
      },
    },
  ],
  reconcile(key, world) {
    if (key.startsWith(LATER)) return world.wake(key.slice(LATER.length), nextResync(world.now()));
    const quota = world.client.get('resourcequotas', ...splitKey(key));
    if (!quota) return;
    const status = { hard: quota.spec?.hard ?? {}, used: usedOf(quota, world) };
    if (!sameJson(status, quota.status)) world.client.updateStatus('resourcequotas', { ...quota, status });
  },
});
