import chalk from 'chalk';
import { UserError } from '../../base/user-error.ts';
import { type ClusterConfig, ConfigError, nodesOf, resolveVersion, validateConfig } from '../../cluster/config.ts';
import { readImages } from '../../cluster/images-shape.ts';
import { readPreset } from '../../cluster/presets.ts';
import type { ImageFixture } from '../../sh/images/family.ts';
import { makeCluster } from '../clusters.ts';
import { realHost } from '../host.ts';
import type { ProcessStreams } from '../streams.ts';

export interface CreateOptions {
  name?: string;
  preset: string;
  config?: string;
  nodes?: number;
  nodeInstances?: number[];
  kubernetesVersion?: string;
  seed?: number;
  clock?: 'real' | 'manual';
  epoch?: string;
  images?: string[];
  addon?: string[];
  pullUnknown?: boolean;
}

/** Add-ons that are the network between pods. */
const NETWORKS = ['flannel', 'kindnet', 'calico'];

/** `kubemu create cluster` */
export async function createCluster(streams: ProcessStreams, options: CreateOptions): Promise<void> {
  const base = options.config ? await readConfig(streams, options.config) : readPreset(options.preset);
  const added = await Promise.all((options.images ?? []).map((path) => imagesOf(streams, path)));
  const config = withRegistry(withOptions(base, options), added, options.pullUnknown ?? false);
  await makeCluster(process.env, config, isPreset(options) ? options.preset : undefined);
  const { kubernetesVersion, nodes } = config.spec;
  const number = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  streams.out(`Created cluster ${chalk.bold(config.metadata.name)} (Kubernetes ${kubernetesVersion}, ${number}).\n`);
}

/** Whether the cluster is a preset as it stands, whatever its name and clock. */
const isPreset = ({ config, nodes, nodeInstances, kubernetesVersion, seed, addon }: CreateOptions): boolean =>
  [config, nodes, nodeInstances, kubernetesVersion, seed, addon].every((option) => option === undefined);

async function readConfig(streams: ProcessStreams, path: string): Promise<ClusterConfig> {
  return validateConfig(await readYaml(streams, path), nameOfSource(path));
}

const nameOfSource = (path: string): string => (path === '-' ? 'standard input' : path);

async function readYaml(streams: ProcessStreams, path: string): Promise<unknown> {
  const { parseYaml, YamlError } = await import('../../base/yaml/parse.ts');
  let text: string;
  try {
    text = path === '-' ? await streams.readStdin() : realHost().readFile(path);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
  try {
    return await parseYaml(text);
  } catch (error) {
    if (error instanceof YamlError) throw new ConfigError(`${nameOfSource(path)}: ${error.message}`);
    throw error;
  }
}

/** A file of images. */
async function imagesOf(streams: ProcessStreams, path: string): Promise<ImageFixture> {
  const images = readImages(await readYaml(streams, path));
  if ('problems' in images)
    throw new ConfigError(images.problems.map((problem) => `${nameOfSource(path)}: ${problem}`).join('\n'));
  return images;
}

function withRegistry(config: ClusterConfig, added: ImageFixture[], pullUnknown: boolean): ClusterConfig {
  const { spec } = config;
  if (added.length === 0 && !pullUnknown) return config;
  const add = [...(spec.registry?.add ?? []), ...added];
  return {
    ...config,
    spec: {
      ...spec,
      registry: { ...spec.registry, ...(add.length > 0 && { add }), ...(pullUnknown && { pullUnknown }) },
    },
  };
}

/** The configuration with what the command line says over it, its pool unfolded into nodes. */
function withOptions(config: ClusterConfig, options: CreateOptions): ClusterConfig {
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
