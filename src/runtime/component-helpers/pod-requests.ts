import { Quantity } from '../../base/quantity.ts';
import type { Container, Pod } from '../../types/objects.ts';

/** Amounts by resource name; cpu in thousandths, everything else in units. */
export type Resources = Record<string, number>;

/** What a container is taken to use that requests nothing (util.DefaultMilliCPURequest, DefaultMemoryRequest). */
const GUESS: Resources = { cpu: 100, memory: 200 * 1024 * 1024 };

/** `{cpu: "500m"}` as numbers. */
export function parseResources(list: Record<string, string> | undefined): Resources {
  const amount = (name: string, text: string) => {
    const quantity = Quantity.parse(text);
    return name === 'cpu' ? quantity.milliValue() : quantity.value();
  };
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, amount(name, text)]));
}

export function addTo(sum: Resources, more: Resources, times = 1): void {
  for (const name in more) sum[name] = (sum[name] ?? 0) + more[name]! * times;
}

function raiseTo(highest: Resources, other: Resources): void {
  for (const [name, amount] of Object.entries(other)) highest[name] = Math.max(highest[name] ?? 0, amount);
}

/** resource.PodRequests: containers and sidecars together, or what an init container needs while they are not all there. */
export function podRequests(pod: Pod, guess = false): Resources {
  const requestsOf = (container: Container) => ({
    ...(guess && GUESS),
    ...parseResources(container.resources?.requests),
  });
  const { containers = [], initContainers = [], overhead } = pod.spec!;
  const sum: Resources = {};
  for (const container of containers) addTo(sum, requestsOf(container));
  const sidecars: Resources = {};
  const starting: Resources = {};
  for (const container of initContainers) {
    const own = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addTo(sum, own);
      addTo(sidecars, own);
      raiseTo(starting, sidecars);
    } else {
      const needed = { ...sidecars };
      addTo(needed, own);
      raiseTo(starting, needed);
    }
  }
  raiseTo(sum, starting);
  addTo(sum, parseResources(overhead));
  return sum;
}
