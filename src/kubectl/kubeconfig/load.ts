import { CommandError } from '../errors.ts';
import type { KubectlEnvironment } from '../io.ts';
import { emptyKubeconfig, fromFile, type Kubeconfig, type KubeconfigFile } from './config.ts';
import { readSimpleYaml } from './simple-yaml.ts';

/** Fields of a stanza that name files, relative to the kubeconfig's own folder. */
const PATH_FIELDS = {
  clusters: ['certificate-authority'],
  users: ['client-certificate', 'client-key', 'tokenFile'],
} as const;

/** Reads one kubeconfig file; undefined when there is none. Throws what kubectl says of a file that cannot be read. */
export async function loadFile(environment: KubectlEnvironment, path: string): Promise<Kubeconfig | undefined> {
  const stat = environment.host.stat(path);
  if (!stat) return undefined;
  if (stat.directory) throw new CommandError(`error loading config file "${path}": read ${path}: is a directory`);
  return fromFile(await parseFile(path, environment.host.readFile(path)));
}

async function parseFile(path: string, text: string): Promise<KubeconfigFile> {
  const simple = readSimpleYaml(text);
  if (simple !== undefined) return (simple ?? {}) as KubeconfigFile;
  const { parseManifest } = await import('../resource/decode.ts');
  try {
    return ((await parseManifest(text)) ?? {}) as KubeconfigFile;
  } catch (error) {
    throw new CommandError(`error loading config file "${path}": ${(error as Error).message}`);
  }
}

/** Makes the paths in a file absolute, by the folder that it stands in. */
function resolvePaths(environment: KubectlEnvironment, path: string, config: Kubeconfig): Kubeconfig {
  const absolute = path.startsWith('/') ? path : `${environment.host.cwd}/${path}`;
  const folder = absolute.slice(0, absolute.lastIndexOf('/'));
  for (const [section, fields] of Object.entries(PATH_FIELDS)) {
    for (const stanza of config[section as keyof typeof PATH_FIELDS].values() as Iterable<Record<string, string>>) {
      for (const field of fields) {
        if (stanza[field] && !stanza[field].startsWith('/')) stanza[field] = `${folder}/${stanza[field]}`;
      }
    }
  }
  return config;
}

/** Merges files as clientcmd does: the first file that has a stanza or a current-context wins. */
export async function loadKubeconfig(
  environment: KubectlEnvironment,
  paths: string[],
  options: { explicit?: boolean; keepPaths?: boolean } = {},
): Promise<Kubeconfig> {
  const merged = emptyKubeconfig();
  for (const path of paths) {
    const config = await loadFile(environment, path);
    if (!config) {
      if (options.explicit) throw new CommandError(`stat ${path}: no such file or directory`);
      continue;
    }
    if (!options.keepPaths) resolvePaths(environment, path, config);
    for (const section of ['clusters', 'users', 'contexts'] as const) {
      const into = merged[section] as Map<string, unknown>;
      for (const [name, value] of config[section]) if (!into.has(name)) into.set(name, value);
    }
    merged.currentContext ||= config.currentContext;
    merged.preferences = { ...config.preferences, ...merged.preferences };
  }
  return merged;
}
