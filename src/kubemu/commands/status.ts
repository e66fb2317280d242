import chalk from 'chalk';
import { ClusterSession } from '../../cluster/session.ts';
import { status as statusOf } from '../../workstation/verbs.ts';
import { findCluster } from '../current.ts';
import { kubeconfigFile } from '../locations.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu status` */
export async function status(streams: ProcessStreams): Promise<void> {
  const { name, path } = await findCluster(process.env);
  const session = new ClusterSession({ path, command: 'kubemu status' });
  const cluster = await session.reading();
  await session.letGo();
  streams.out(statusOf(cluster, { name: chalk.bold(name), state: path, kubeconfig: kubeconfigFile(process.env) }));
}
