import { Quantity } from '../../../base/quantity.ts';
import type { Pod } from '../../../types/objects.ts';

const COMPUTE = ['cpu', 'memory'];

/** What is less than nothing counts as nothing. */
function positive(text = '0'): Quantity {
  const quantity = Quantity.parse(text);
  return quantity.sign() < 0 ? Quantity.of(0) : quantity;
}

/** ComputePodQOS: Guaranteed, Burstable or BestEffort, by what the containers ask for. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  let asked = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    const requests = (resources?.requests ?? {}) as Record<string, string>;
    const limits = (resources?.limits ?? {}) as Record<string, string>;
    for (const name of COMPUTE) {
      const [request, limit] = [positive(requests[name]), positive(limits[name])];
      if (!request.isZero() || !limit.isZero()) asked = true;
      if (limit.isZero() || request.compare(limit) !== 0) guaranteed = false;
    }
  }
  if (!asked) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
