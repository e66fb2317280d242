import chalk from 'chalk';
import { UserError } from '../../base/user-error.ts';
import { type Choices, choose } from '../../cluster/choices.ts';
import { type ClusterConfig, ConfigError, validateConfig } from '../../cluster/config.ts';
import { readImages } from '../../cluster/images-shape.ts';
import { readPreset } from '../../cluster/presets.ts';
import type { ImageFixture } from '../../sh/images/family.ts';
import { makeCluster } from '../clusters.ts';
import { realHost } from '../host.ts';
import type { ProcessStreams } from '../streams.ts';

export interface CreateOptions extends Choices {
  preset: string;
  config?: string;
  images?: string[];
  pullUnknown?: boolean;
}

/** `kubemu create cluster` */
export async function createCluster(streams: ProcessStreams, options: CreateOptions): Promise<void> {
  const base = options.config ? await readConfig(streams, options.config) : readPreset(options.preset);
  const added = await Promise.all((options.images ?? []).map((path) => imagesOf(streams, path)));
  const config = withRegistry(choose(base, options), added, options.pullUnknown ?? false);
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
