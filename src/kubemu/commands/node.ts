import { changeNode as changed } from '../../workstation/node-verbs.ts';
import { changeCluster, findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu node stop|start|reboot|fill|cut|restore` */
export async function changeNode(streams: ProcessStreams, verb: string, name: string, args: string[]): Promise<void> {
  const { path } = await findCluster(process.env);
  const command = ['kubemu', 'node', verb, name, ...args].join(' ');
  streams.out(await changeCluster(path, command, async (cluster) => changed(cluster, verb, name, args)));
}
