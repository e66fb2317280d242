import { type ClusterConfig, ConfigError, nodesOf, resolveVersion } from './config.ts';

/** What somebody who makes a cluster may choose over its preset or configuration. */
export interface Choices {
  name?: string;
  nodes?: number;
  nodeInstances?: number[];
  kubernetesVersion?: string;
  seed?: number;
  clock?: 'real' | 'manual';
  epoch?: string;
  addon?: string[];
}

/** Add-ons that are the network between pods. */
const NETWORKS = ['flannel', 'kindnet', 'calico'];

/** The configuration with what was chosen over it, its pool unfolded into nodes. Throws ConfigError in the words of the command line. */
export function choose(config: ClusterConfig, options: Choices): ClusterConfig {
  const { spec } = config;
  const { clock, epoch, seed, kubernetesVersion, nodeInstances } = options;
  if (epoch !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(epoch)) {
    throw new ConfigError(`--epoch: ${epoch} is not allowed: it must look like 2026-01-01T00:00:00Z`);
  }
  // One network is enough.
  const replaced = new Set(options.addon?.includes('calico') ? NETWORKS : []);
  return {
    ...config,
    metadata: { name: nameOf(options.name ?? config.metadata.name) },
    spec: {
      ...spec,
      kubernetesVersion: kubernetesVersion ? resolveVersion(kubernetesVersion) : spec.kubernetesVersion,
      clock: { ...spec.clock, ...(clock && { mode: clock }), ...(epoch && { epoch }) },
      ...(seed !== undefined && { seed }),
      addons: [...spec.addons.filter((addon) => !replaced.has(addon)), ...(options.addon ?? [])],
      nodes: chosenNodes(spec, options.nodes, nodeInstances),
      pool: undefined,
    },
  };
}

function nameOf(name: string): string {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) return name;
  throw new ConfigError(`--name: ${name} is not allowed: lower case letters, digits, "-" and "."`);
}

function chosenNodes(spec: ClusterConfig['spec'], total: number | undefined, instances: number[] | undefined) {
  if (instances) {
    if (!spec.pool) throw new ConfigError('--node-instances: this configuration has no node pool');
    return nodesOf(spec, instances);
  }
  if (total === undefined) return nodesOf(spec);
  if (total < 1) throw new ConfigError('--nodes: a cluster has at least one node');
  const pooled = total - spec.nodes.length;
  if (pooled <= 0) return nodesOf(spec, []).slice(0, total);
  if (!spec.pool)
    throw new ConfigError(`--nodes: this configuration has ${spec.nodes.length} nodes and no pool to add to`);
  const first = spec.pool.first ?? 0;
  return nodesOf(
    spec,
    Array.from({ length: pooled }, (_, index) => first + index),
  );
}
