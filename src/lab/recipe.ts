import { readJsonAsset } from '../base/assets.ts';
import { formatTime } from '../base/time.ts';
import { type ClusterConfig, ConfigError, nodesOf, resolveVersion, validateConfig } from '../cluster/config.ts';
import { fillState } from '../cluster/create.ts';
import { snapshotState } from '../store/memory-keeper.ts';
import { MemoryState } from '../store/state.ts';
import { type Lab, LabError } from './format/lab.ts';
import type { Action } from './perform.ts';

/** What a lab's cluster is like unless the lab says. */
const PRESET = 'kubeadm';
const SEED = 1;

/** A way in which a cluster can be broken: fixtures/labs/broken. */
export interface Breakage {
  title: string;
  break: Action[];
  repair: Action[];
}

export function readBreakage(lab: Lab): Breakage | undefined {
  if (!lab.broken) return undefined;
  try {
    return readJsonAsset<Breakage>(`dist/data/labs/broken/${lab.broken}.json`);
  } catch {
    throw new LabError([`${lab.file}:1: broken: there is no fixtures/labs/broken/${lab.broken}.yaml`]);
  }
}

/** When and where a lab's cluster begins. */
export interface Beginning {
  name: string;
  seed?: number;
  /** Cluster time, ms. */
  epoch: number;
  server?: string;
}

/** The configuration of a lab's cluster. Throws LabError. */
function configOf(lab: Lab): { config: ClusterConfig; preset?: string } {
  const { preset = PRESET, config, nodes, addons, kubernetesVersion } = lab.cluster;
  try {
    if (config !== undefined) return { config: validateConfig(config, `${lab.file}: cluster.config`) };
    const base = readJsonAsset<ClusterConfig>(`dist/data/clusters/${preset}.json`);
    const { spec } = base;
    if (nodes === undefined && !addons && !kubernetesVersion) return { config: base, preset };
    return {
      config: {
        ...base,
        spec: {
          ...spec,
          ...(kubernetesVersion && { kubernetesVersion: resolveVersion(kubernetesVersion) }),
          addons: [...spec.addons, ...(addons ?? [])],
          ...(nodes !== undefined && { nodes: nodesOf(spec, instances(spec, nodes)).slice(0, nodes), pool: undefined }),
        },
      },
    };
  } catch (error) {
    if (error instanceof ConfigError) throw new LabError(error.message.split('\n'));
    throw error;
  }
}

/** The numbers of a pool's instances, so that there are `nodes` in all. */
const instances = ({ nodes: fixed, pool }: ClusterConfig['spec'], nodes: number): number[] =>
  Array.from({ length: Math.max(0, nodes - fixed.length) }, (_, index) => (pool?.first ?? 0) + index);

/** Makes a lab's cluster, on a manual clock and at rest, before anything of the lab is in it. Throws LabError. */
export async function makeCluster(lab: Lab, { name, seed = SEED, epoch, server }: Beginning): Promise<string> {
  const { config, preset } = configOf(lab);
  const { spec } = config;
  const state = new MemoryState();
  const whole: ClusterConfig = {
    ...config,
    metadata: { name },
    spec: {
      ...spec,
      seed: lab.cluster.seed ?? seed,
      clock: { ...spec.clock, mode: 'manual', epoch: formatTime(epoch) },
      ...(server && { apiServer: server }),
    },
  };
  const elsewhere = server !== undefined && server !== spec.apiServer;
  await fillState(state, { config: whole, ...(preset && !elsewhere && { preset }) });
  return snapshotState(state);
}
