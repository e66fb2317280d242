import type { DiscoveredGroup, DiscoveryMemory } from '../kubectl/transport.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSession } from './session.ts';

/** How long kubectl believes what it discovered, ms. */
const LIFETIME = 6 * 3_600_000;

interface Remembered {
  /** Cluster time, ms. */
  at: number;
  /** Those of custom resources: all others never change. */
  groups: DiscoveredGroup[];
}

const sectionOf = (cluster: Cluster) => cluster.state.section<Remembered>('discovery');
const KEY = 'kubectl';

/** The groups that have a custom resource definition. */
function customGroups({ store }: Cluster): Set<string> {
  const definitions = store.list('customresourcedefinitions.apiextensions.k8s.io') as { spec?: { group?: string } }[];
  return new Set(definitions.map(({ spec }) => spec?.group ?? ''));
}

/**
 * What kubectl remembers of a cluster, kept in its state. Whoever never had to ask again remembers no custom resource: no definition
 * is written without discovery before.
 */
export function discoveryMemory(session: ClusterSession): DiscoveryMemory {
  return {
    recall: async (groups) => {
      const cluster = await session.reading();
      const custom = customGroups(cluster);
      const remembered = sectionOf(cluster).get(KEY);
      if (custom.size === 0 && !remembered) return groups;
      if (remembered && cluster.clock.now() - remembered.at > LIFETIME) return groups;
      const others = groups.filter(({ metadata }) => !custom.has(metadata?.name ?? ''));
      return [...others, ...((remembered?.groups ?? []) as typeof groups)];
    },
    keep: async (groups) => {
      const cluster = await session.reading();
      const custom = customGroups(cluster);
      const seen = groups.filter(({ metadata }) => custom.has(metadata?.name ?? ''));
      const remembered = sectionOf(cluster).get(KEY);
      if (JSON.stringify(seen) === JSON.stringify(remembered?.groups ?? [])) return;
      sectionOf(await session.writing()).set(KEY, { at: cluster.clock.now(), groups: seen });
    },
  };
}
