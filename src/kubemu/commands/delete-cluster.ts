import { removeClusterFiles } from '../clusters.ts';
import { findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu delete cluster` */
export async function deleteCluster(streams: ProcessStreams, wanted: string | undefined): Promise<void> {
  const { name, path } = await findCluster(process.env, wanted);
  await removeClusterFiles(process.env, name, path);
  streams.out(`Deleted cluster ${name}.\n`);
}
