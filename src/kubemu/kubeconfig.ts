import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { emitYaml } from '../base/yaml/emit.ts';
import {
  emptyKubeconfig,
  fromFile,
  type Kubeconfig,
  type KubeconfigFile,
  toFile,
} from '../kubectl/kubeconfig/config.ts';
import { readSimpleYaml } from '../kubectl/kubeconfig/simple-yaml.ts';

/** kubemu's kubeconfig; an empty one if there is none. */
export async function readKubeconfig(path: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return emptyKubeconfig();
  }
  const { parseYaml } = await import('../base/yaml/parse.ts');
  return fromFile((readSimpleYaml(text) ?? (await parseYaml(text)) ?? {}) as KubeconfigFile);
}

/** Replaces the kubeconfig in one step; one without a stanza is removed. */
export function writeKubeconfig(path: string, config: Kubeconfig): void {
  if (config.clusters.size + config.contexts.size + config.users.size === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, emitYaml(toFile(config)), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** Removes what `addCluster` added; the current context moves to another cluster, if there is one. */
export function removeCluster(config: Kubeconfig, name: string): void {
  config.clusters.delete(name);
  config.users.delete(`${name}-admin`);
  config.contexts.delete(name);
  if (config.currentContext === name) config.currentContext = [...config.contexts.keys()].sort()[0] ?? '';
}
