import { runNodeShell } from '../../kubectl/node-shell/index.ts';
import { kubectlProcess } from '../kubectl-process.ts';
import { runProcess } from '../process.ts';

/** `kubectl-node_shell …`, which `kubectl node-shell …` runs too. */
export function main(argv: string[]): void {
  void runProcess('kubectl-node_shell', async (streams) => {
    const { environment, finish } = kubectlProcess(streams, ['kubectl-node_shell', ...argv].join(' '));
    const code = await runNodeShell(argv, environment);
    await finish();
    return code;
  });
}
