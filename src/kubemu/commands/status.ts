import chalk from 'chalk';
import { formatTime } from '../../base/time.ts';
import { ClusterSession } from '../../cluster/session.ts';
import { findCluster } from '../current.ts';
import { kubeconfigFile } from '../locations.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu status` */
export async function status(streams: ProcessStreams): Promise<void> {
  const { name, path } = await findCluster(process.env);
  const session = new ClusterSession({ path, command: 'kubemu status' });
  const { spec, clock, store } = await session.reading();
  await session.letGo();
  const count = (resource: string) => store.list(resource).length;
  const facts: [string, string][] = [
    ['Cluster', chalk.bold(name)],
    ['Kubernetes', spec.kubernetesVersion],
    ['API server', spec.apiServer],
    ['State', path],
    ['Kubeconfig', kubeconfigFile(process.env)],
    ['Clock', `${clock.mode}, ${formatTime(clock.now())}`],
    ['Nodes', String(count('nodes'))],
    ['Pods', String(count('pods'))],
  ];
  streams.out(facts.map(([key, value]) => `${`${key}:`.padEnd(12)}${value}\n`).join(''));
}
