import type { ResourceQuota } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

type List = Record<string, string>;

/** `pods: 1/2, requests.cpu: 400m/1`, of the limits or of all others. */
function usage({ status }: ResourceQuota, limits: boolean): string {
  const hard = (status?.hard ?? {}) as List;
  const used = (status?.used ?? {}) as List;
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}

export const view: KindView<ResourceQuota> = {
  cells: { Request: (quota) => usage(quota, false), Limit: (quota) => usage(quota, true) },
};
