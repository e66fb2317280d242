import { switchKubelet as switched } from '../../workstation/verbs.ts';
import { changeCluster, findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu node stop|start` */
export async function switchKubelet(streams: ProcessStreams, name: string, verb: 'stop' | 'start'): Promise<void> {
  const { path } = await findCluster(process.env);
  streams.out(
    await changeCluster(path, `kubemu node ${verb} ${name}`, async (cluster) => switched(cluster, name, verb)),
  );
}
