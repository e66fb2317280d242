import chalk from 'chalk';
import type { ClusterSpec } from '../../cluster/config.ts';
import { StateFile } from '../../store/state-file.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import { kubeconfigFile, stateFiles } from '../locations.ts';
import type { ProcessStreams } from '../streams.ts';
import { plainTable } from '../table.ts';

/** `kubemu get clusters` */
export async function getClusters(streams: ProcessStreams): Promise<void> {
  const files = stateFiles(process.env);
  if (files.length === 0) {
    streams.err('There is no cluster yet. Make one with: kubemu create cluster\n');
    return;
  }
  const { currentContext } = await readKubeconfig(kubeconfigFile(process.env));
  streams.out(
    plainTable(
      ['', 'NAME', 'VERSION', 'NODES', 'CLOCK', 'STATE'],
      files.map(({ path }) => row(path, currentContext)),
    ),
  );
}

function row(path: string, current: string): string[] {
  try {
    const section = StateFile.open(path).state.section<unknown>('cluster');
    const name = section.get('name') as string;
    const { kubernetesVersion, nodes, clock } = section.get('spec') as ClusterSpec;
    return [name === current ? '*' : '', name, kubernetesVersion, String(nodes.length), clock.mode, path];
  } catch (error) {
    return ['', chalk.red('?'), '', '', '', (error as Error).message.split('\n')[0]!];
  }
}
