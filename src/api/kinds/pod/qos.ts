import { Quantity } from '../../../base/quantity.ts';
import type { Pod } from '../../../types/objects.ts';

const COMPUTE = ['cpu', 'memory'];

/** ComputePodQOS: Guaranteed, Burstable or BestEffort, by what the containers ask for. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  let asked = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    const requests = (resources?.requests ?? {}) as Record<string, string>;
    const limits = (resources?.limits ?? {}) as Record<string, string>;
    for (const name of COMPUTE) {
      const request = Quantity.parse(requests[name] ?? '0');
      const limit = Quantity.parse(limits[name] ?? '0');
      if (!request.isZero() || !limit.isZero()) asked = true;
      if (limit.isZero() || request.compare(limit) !== 0) guaranteed = false;
    }
  }
  if (!asked) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
