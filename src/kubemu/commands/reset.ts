import { UserError } from '../../base/user-error.ts';
import type { ClusterSpec } from '../../cluster/config.ts';
import { LAB_SECTION } from '../../cluster/deeds.ts';
import { StateFile } from '../../store/state-file.ts';
import { makeCluster, removeClusterFiles } from '../clusters.ts';
import { findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu reset` */
export async function reset(streams: ProcessStreams): Promise<void> {
  const { name, path } = await findCluster(process.env);
  const { state } = StateFile.open(path);
  if (state.section(LAB_SECTION).has('id'))
    throw new UserError(`${name} is a lab's cluster: kubemu lab reset begins the task anew`);
  const section = state.section<unknown>('cluster');
  const spec = section.get('spec') as ClusterSpec;
  const own = (section.get('name') as string | undefined) ?? name;
  await removeClusterFiles(process.env, own, path);
  await makeCluster(process.env, { apiVersion: 'kubemu.dev/v1alpha1', kind: 'Cluster', metadata: { name: own }, spec });
  streams.out(`Cluster ${own} is as it was when it was created.\n`);
}
