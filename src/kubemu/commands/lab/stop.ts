import { rmSync } from 'node:fs';
import { UserError } from '../../../base/user-error.ts';
import { originOf } from '../../../lab/run.ts';
import { StateFile } from '../../../store/state-file.ts';
import { removeClusterFiles } from '../../clusters.ts';
import { findCluster } from '../../current.ts';
import { readKubeconfig } from '../../kubeconfig.ts';
import { kubeconfigFile } from '../../locations.ts';
import type { ProcessStreams } from '../../streams.ts';
import { filesOf, progressOf } from './playing.ts';

/** `kubemu lab stop [ID]` */
export async function stop(streams: ProcessStreams, wanted: string | undefined): Promise<void> {
  const { name, path } = await findCluster(process.env, wanted && `lab-${wanted.replace(/^lab-/, '')}`);
  const origin = originOf(StateFile.open(path).state);
  if (!origin) throw new UserError(`the cluster ${name} is none of a lab`);
  await removeClusterFiles(process.env, name, path);
  const files = filesOf(process.env, origin.id);
  for (const file of [files.start, files.lab]) rmSync(file, { force: true });
  progressOf(process.env).update(origin.id, ({ run: _, ...rest }) => rest);
  const { currentContext } = await readKubeconfig(kubeconfigFile(process.env));
  const now = currentContext ? ` The current cluster is ${currentContext}.` : '';
  streams.out(`The lab ${origin.id} is over, and its cluster is gone.${now}\n`);
}
