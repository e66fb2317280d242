import type { Loader } from './loader.ts';
import type { Run } from './patches.ts';

/** What the command line says of helm. */
export interface HelmOptions {
  enabled: boolean;
  /** The program: `helm`. */
  command: string;
}

const MERGES = ['merge', 'override', 'replace'];

/** Digits of a temporary folder's name. */
const FOLDER = '1140772886';

/** A chart of helm's. There is no helm here: it is told as by a machine that has none. */
export function configureHelmChart(loader: Loader, helm: HelmOptions, config: Record<string, unknown>): Run {
  if (!helm.enabled) throw new Error('must specify --enable-helm');
  // A plugin's own name is its metadata's, where it says none itself.
  const { name = (config.metadata as { name?: string } | undefined)?.name, valuesMerge, configHome } = config;
  if (!name) throw new Error('chart name cannot be empty');
  for (const file of (config.additionalValuesFiles as string[] | undefined) ?? []) {
    try {
      loader.read(file);
    } catch (error) {
      throw new Error(`could not load additionalValuesFile: ${(error as Error).message}`);
    }
  }
  if (valuesMerge && !MERGES.includes(String(valuesMerge))) {
    throw new Error(`valuesMerge must be one of [merge override replace]`);
  }
  const home = configHome ? String(configHome) : `/tmp/kustomize-helm-${FOLDER}/helm`;
  const env = `[HELM_CONFIG_HOME=${home} HELM_CACHE_HOME=${home}/.cache HELM_DATA_HOME=${home}/.data]`;
  const { command } = helm;
  return () => {
    throw new Error(
      `unable to run: '${command} version -c --short' with env=${env} (is '${command}' installed?): exec: ${JSON.stringify(command)}: executable file not found in $PATH`,
    );
  };
}
