import { readJsonAsset } from '../base/assets.ts';
import { formatTime } from '../base/time.ts';
import { choose } from '../cluster/choices.ts';
import { type ClusterConfig, ConfigError, validateConfig } from '../cluster/config.ts';
import { makeSnapshot } from '../cluster/in-memory.ts';
import { readPreset } from '../cluster/presets.ts';
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
  /** Cluster time, ms. */
  epoch: number;
  server?: string;
}

/** The configuration of a lab's cluster. Throws LabError. */
function configOf(lab: Lab): { config: ClusterConfig; preset?: string } {
  const { preset = PRESET, config, nodes, addons: addon, kubernetesVersion } = lab.cluster;
  try {
    if (config !== undefined) return { config: validateConfig(config, `${lab.file}: cluster.config`) };
    const base = readPreset(preset);
    if (nodes === undefined && !addon && !kubernetesVersion) return { config: base, preset };
    return { config: choose(base, { nodes, addon, kubernetesVersion }) };
  } catch (error) {
    if (error instanceof ConfigError) throw new LabError(error.message.split('\n'));
    throw error;
  }
}

/** The address that the API server of a lab's cluster has, unless another cluster has it. */
export const serverOf = (lab: Lab): string => configOf(lab).config.spec.apiServer;

/** Makes a lab's cluster, on a manual clock and at rest, before anything of the lab is in it. Throws LabError. */
export async function makeCluster(lab: Lab, { name, epoch, server }: Beginning): Promise<string> {
  const { config, preset } = configOf(lab);
  const { spec } = config;
  const whole: ClusterConfig = {
    ...config,
    metadata: { name },
    spec: {
      ...spec,
      seed: lab.cluster.seed ?? SEED,
      clock: { ...spec.clock, mode: 'manual', epoch: formatTime(epoch) },
      ...(server && { apiServer: server }),
    },
  };
  const elsewhere = server !== undefined && server !== spec.apiServer;
  return await makeSnapshot({ config: whole, ...(preset && !elsewhere && { preset }) });
}
