import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../base/user-error.ts';
import { administratorOf } from '../cluster/administrator.ts';
import type { ClusterConfig, ClusterSpec } from '../cluster/config.ts';
import { LAB_SECTION } from '../cluster/deeds.ts';
import { emptyKubeconfig } from '../kubectl/kubeconfig/config.ts';
import { deleteStateFile, StateFile } from '../store/state-file.ts';
import { addCluster } from '../workstation/kubeconfig.ts';
import { readKubeconfig, removeCluster, writeKubeconfig } from './kubeconfig.ts';
import { kubeconfigFile, stateFileByServer, stateFileOf, stateFiles } from './locations.ts';

type Environment = Record<string, string | undefined>;

/**
 * Makes a cluster and its context; resolves with its state file. `preset`: the one that `config`
 * is, but for its name and clock. Throws UserError if there is
 * one of that name.
 */
export async function makeCluster(env: Environment, config: ClusterConfig, preset?: string): Promise<{ path: string }> {
  const { name } = config.metadata;
  const path = stateFileOf(env, name);
  if (stateFiles(env).some((existing) => existing.path === path)) {
    throw new UserError(
      env.KUBEMU_STATE
        ? `there is a cluster already in ${path}\nRemove it with: kubemu delete cluster`
        : `there is a cluster already that is named ${name}\nRemove it with: kubemu delete cluster ${name}`,
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  const server = freeServer(env, config.spec.apiServer);
  const { createCluster } = await import('../cluster/create.ts');
  const user = await createCluster({
    config: { ...config, spec: { ...config.spec, apiServer: server } },
    path,
    preset: server === config.spec.apiServer ? preset : undefined,
  });
  const kubeconfig = await readKubeconfig(kubeconfigFile(env));
  addCluster(kubeconfig, name, { server, user });
  writeKubeconfig(kubeconfigFile(env), kubeconfig);
  return { path };
}

/** Writes the kubeconfig anew from the state files: of a state that was copied here, say. */
export async function restoreKubeconfig(env: Environment): Promise<void> {
  const config = emptyKubeconfig();
  for (const { path } of stateFiles(env)) {
    const section = StateFile.open(path).state.section<unknown>('cluster');
    const name = section.get('name') as string;
    const { apiServer } = section.get('spec') as ClusterSpec;
    addCluster(config, name, { server: apiServer, user: administratorOf(section) });
  }
  writeKubeconfig(kubeconfigFile(env), config);
}

/** Removes a cluster's files and its context. */
export async function removeClusterFiles(env: Environment, name: string, path: string): Promise<void> {
  const before = clusterBefore(path);
  deleteStateFile(path);
  const kubeconfig = await readKubeconfig(kubeconfigFile(env));
  const wasCurrent = kubeconfig.currentContext === name;
  removeCluster(kubeconfig, name);
  if (wasCurrent && before !== undefined && kubeconfig.contexts.has(before)) kubeconfig.currentContext = before;
  writeKubeconfig(kubeconfigFile(env), kubeconfig);
}

/** The cluster that was the current one before a lab's was made; undefined of any other cluster. */
function clusterBefore(path: string): string | undefined {
  try {
    return StateFile.open(path).state.section<string>(LAB_SECTION).get('before');
  } catch {
    // A damaged file is removed all the same.
    return undefined;
  }
}

/** The address of the API server: the next free port if another cluster has it, since the address tells clusters apart. */
export function freeServer(env: Environment, wanted: string): string {
  const url = new URL(wanted);
  let port = Number(url.port || 443);
  const at = () => `https://${url.hostname}:${port}`;
  while (stateFileByServer(env, at()) !== undefined) port++;
  return at();
}
