import { posix } from 'node:path';
import type { JsonValue } from '../../base/go-json.ts';
import { CommandError } from '../errors.ts';
import type { KubectlEnvironment } from '../io.ts';
import type { Klog } from '../log/klog.ts';
import { emptyKubeconfig, fromFile, type Kubeconfig } from './config.ts';
import { decodeKubeconfig } from './decode.ts';
import { readSimpleYaml } from './simple-yaml.ts';

/** Fields of a stanza that name files, relative to the kubeconfig's own folder. */
const PATH_FIELDS = {
  clusters: ['certificate-authority'],
  users: ['client-certificate', 'client-key', 'tokenFile'],
} as const;

/** Reads one kubeconfig file; undefined when there is none. Throws what kubectl says of a file that cannot be read. */
export async function loadFile(
  environment: KubectlEnvironment,
  path: string,
  log?: Klog,
): Promise<Kubeconfig | undefined> {
  try {
    if (!environment.host.stat(path)) return undefined;
    const config = await readKubeconfig(environment, path);
    log?.info(6, 'loader.go:402', `Config loaded from file:  ${path}`);
    return config;
  } catch (error) {
    throw new CommandError(`error loading config file "${path}": ${(error as Error).message}`);
  }
}

/** One file alone; throws what is wrong with it. */
export async function readKubeconfig({ host }: KubectlEnvironment, path: string): Promise<Kubeconfig> {
  if (host.stat(path)?.directory) throw new Error(`read ${path}: is a directory`);
  const text = host.readFile(path);
  return fromFile(await decodeKubeconfig((readSimpleYaml(text) ?? (await parseText(text))) as JsonValue));
}

/** One document, whose errors come from the YAML reader itself. */
async function parseText(text: string): Promise<JsonValue> {
  const { parseYaml } = await import('../../base/yaml/parse.ts');
  return parseYaml(text).catch((error: Error) => {
    throw new Error(error.message.replace(/^error converting YAML to JSON: /, ''));
  });
}

/** Makes the paths in a file absolute, by the folder that it stands in. */
function resolvePaths(environment: KubectlEnvironment, path: string, config: Kubeconfig): Kubeconfig {
  const absolute = path.startsWith('/') ? path : `${environment.host.cwd}/${path}`;
  const folder = absolute.slice(0, absolute.lastIndexOf('/'));
  for (const [section, fields] of Object.entries(PATH_FIELDS)) {
    for (const stanza of config[section as keyof typeof PATH_FIELDS].values() as Iterable<Record<string, string>>) {
      for (const field of fields) {
        if (stanza[field] && !stanza[field].startsWith('/')) stanza[field] = posix.join(folder, stanza[field]);
      }
    }
  }
  return config;
}

/** Merges files as clientcmd does: the first file that has a stanza or a current-context wins. */
export async function loadKubeconfig(
  environment: KubectlEnvironment,
  paths: string[],
  options: { explicit?: boolean; keepPaths?: boolean; log?: Klog } = {},
): Promise<Kubeconfig> {
  const merged: Kubeconfig = { ...emptyKubeconfig(), origins: new WeakMap() };
  for (const path of paths) {
    const config = await loadFile(environment, path, options.log);
    if (!config) {
      if (options.explicit) throw new CommandError(`stat ${path}: no such file or directory`);
      continue;
    }
    if (!options.keepPaths) resolvePaths(environment, path, config);
    for (const section of ['clusters', 'users', 'contexts'] as const) {
      const into = merged[section] as Map<string, unknown>;
      for (const [name, value] of config[section]) {
        if (into.has(name)) continue;
        into.set(name, value);
        merged.origins?.set(value, path);
      }
    }
    merged.currentContext ||= config.currentContext;
    merged.preferences = { ...config.preferences, ...merged.preferences };
  }
  return merged;
}
