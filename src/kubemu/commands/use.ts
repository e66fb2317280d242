import { findCluster } from '../current.ts';
import { readKubeconfig, writeKubeconfig } from '../kubeconfig.ts';
import { kubeconfigFile } from '../locations.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu use` */
export async function use(streams: ProcessStreams, wanted: string): Promise<void> {
  const { name } = await findCluster(process.env, wanted);
  const path = kubeconfigFile(process.env);
  const config = await readKubeconfig(path);
  config.currentContext = name;
  writeKubeconfig(path, config);
  streams.out(`Switched to cluster ${name}.\n`);
}
