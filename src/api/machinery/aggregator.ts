import type { V1APIService } from '@kubernetes/client-node';
import type { Resource } from '../../types/objects.ts';
import type { ApiResponse } from '../request.ts';
import type { ApiGroup } from '../schema/registry.ts';
import type { ApiWorld } from '../world.ts';
import { PLAIN_TYPE } from './content-types.ts';

type APIService = Resource<V1APIService>;

const API_SERVICES = 'apiservices.apiregistration.k8s.io';

/** The groups and versions that API services promise, and that this server does not serve itself: nobody can be reached behind them. */
export function promisedGroups({ store, registry }: ApiWorld): ApiGroup[] {
  const groups = new Map<string, APIService['spec'][]>();
  for (const { spec } of store.list(API_SERVICES) as APIService[]) {
    const { group = '', version = '', service } = spec ?? {};
    if (!service || registry.resources(group, version)) continue;
    groups.set(group, [...(groups.get(group) ?? []), spec]);
  }
  const newest = (specs: APIService['spec'][]) =>
    [...specs].sort((a, b) => (b?.versionPriority ?? 0) - (a?.versionPriority ?? 0)).map((spec) => spec?.version ?? '');
  return [...groups].map(([name, specs]) => ({ name, versions: newest(specs) }));
}

/** Whether an API service promises this version of a group. */
export const isPromised = (world: ApiWorld, group: string, version: string): boolean =>
  promisedGroups(world).some(({ name, versions }) => name === group && versions.includes(version));

/** What is told of an API that cannot be reached. */
export const serviceUnavailable = (): ApiResponse => ({
  status: 503,
  contentType: PLAIN_TYPE,
  warnings: [],
  body: 'service unavailable\n',
});
