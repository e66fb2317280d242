import { fnv1a32 } from '../../base/hash.ts';
import { Quantity } from '../../base/quantity.ts';
import type { Container, Node, Pod } from '../../types/objects.ts';

/** What a container uses: thousandths of a core, and bytes. */
export interface Usage {
  cpu: number;
  memory: number;
}

const MEBIBYTE = 1024 * 1024;
/** How often metrics are scraped (--metric-resolution), ms. */
const RESOLUTION = 15_000;
/** What a node's own programs use. */
const SYSTEM: Usage = { cpu: 65, memory: 640 * MEBIBYTE };

/** A number from 0 to 1 that stays the same for a name. */
const share = (name: string): number => fnv1a32(name) / 2 ** 32;

/** What containers are kept busy with, by `NAMESPACE/POD/CONTAINER`. */
export type Loads = ReadonlyMap<string, Usage>;

/** A steady load that differs from container to container, and a little from time to time; and what keeps it busy. */
function usageOf(name: string, { resources }: Container, now: number, load: Usage = { cpu: 0, memory: 0 }): Usage {
  const turn = Math.floor(now / RESOLUTION);
  const cpu = (0.6 + 2 * share(name)) * (0.9 + 0.2 * share(`${name} ${turn}`));
  const { cpu: cores, memory: limit } = resources?.limits ?? {};
  const most = limit ? Quantity.parse(limit).value() * 0.6 : Number.POSITIVE_INFINITY;
  const quota = cores ? Quantity.parse(cores).milliValue() : Number.POSITIVE_INFINITY;
  // Whoever is throttled stays a little below the quota.
  const throttled = quota * (0.99 + 0.01 * share(`${name} ${turn}`));
  return {
    cpu: Math.min(cpu + load.cpu * (0.97 + 0.06 * share(`${name} ${turn} load`)), throttled),
    memory: Math.min((2.5 + 8 * share(`${name} memory`)) * MEBIBYTE, most) + load.memory,
  };
}

/** The usage of each running container of a pod at `now` (ms), by name; undefined when nothing of the pod runs yet. */
export function podUsage(pod: Pod, now: number, loads?: Loads): Record<string, Usage> | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const running = [...initContainerStatuses, ...containerStatuses].filter(({ state }) => state?.running);
  const entries = running.flatMap(({ name }) => {
    const container = [...initContainers, ...containers].find((one) => one.name === name);
    const load = loads?.get(`${pod.metadata.namespace}/${pod.metadata.name}/${name}`);
    return container ? [[name, usageOf(`${pod.metadata.uid}/${name}`, container, now, load)] as const] : [];
  });
  return entries.length > 0 && pod.status?.phase === 'Running' ? Object.fromEntries(entries) : undefined;
}

export const sum = (usages: Usage[]): Usage =>
  usages.reduce((total, { cpu, memory }) => ({ cpu: total.cpu + cpu, memory: total.memory + memory }), {
    cpu: 0,
    memory: 0,
  });

/** What a node uses: its pods, and its own programs. */
export function nodeUsage(node: Node, pods: readonly Pod[], now: number, loads?: Loads): Usage {
  const own = {
    ...SYSTEM,
    cpu: SYSTEM.cpu * (0.9 + 0.2 * share(`${node.metadata.uid} ${Math.floor(now / RESOLUTION)}`)),
  };
  return sum([own, ...pods.flatMap((pod) => Object.values(podUsage(pod, now, loads) ?? {}))]);
}

/** As the metrics API writes it: nanocores and kibibytes. */
export const written = ({ cpu, memory }: Usage): { cpu: string; memory: string } => ({
  cpu: `${Math.round(cpu * 1e6)}n`,
  memory: `${Math.round(memory / 1024)}Ki`,
});
