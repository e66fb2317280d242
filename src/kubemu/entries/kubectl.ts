import { runKubectl } from '../../kubectl/main.ts';
import { kubectlProcess } from '../kubectl-process.ts';
import { runProcess } from '../process.ts';

/** `kubectl …` */
export function main(argv: string[]): void {
  void runProcess('kubectl', async (streams) => {
    const { environment, finish } = kubectlProcess(streams, ['kubectl', ...argv].join(' '));
    const code = await runKubectl(argv, environment);
    await finish();
    return code;
  });
}
