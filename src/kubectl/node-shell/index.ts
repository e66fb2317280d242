import type { KubectlEnvironment } from '../io.ts';
import { runKubectl } from '../main.ts';
import { NodeShellExit, parseNodeShellArguments } from './arguments.ts';
import { imageOf, overridesOf } from './pod.ts';

/** Runs kubectl with its output kept instead of printed. */
async function capture(
  argv: string[],
  environment: KubectlEnvironment,
): Promise<{ code: number; out: string; err: string }> {
  const kept = { out: '', err: '' };
  const io = Object.assign(Object.create(environment.io) as KubectlEnvironment['io'], {
    out: (text: string) => {
      kept.out += text;
    },
    err: (text: string) => {
      kept.err += text;
    },
  });
  const code = await runKubectl(argv, { ...environment, io });
  return { code, ...kept };
}

/**
 * kubectl-node_shell: a root shell on a node, through a privileged pod that enters the machine's namespaces. Like the plugin, it
 * does nothing that kubectl cannot: it runs a pod, attaches to it, and deletes it. Source: kvaps/kubectl-node-shell 1.11.0.
 */
export async function runNodeShell(argv: string[], environment: KubectlEnvironment): Promise<number> {
  const { io, host } = environment;
  try {
    const args = parseNodeShellArguments(argv);
    const kubectl = args.kubectl;
    const os = await capture(
      [...kubectl, 'get', 'node', args.node, '-o', 'jsonpath={.metadata.labels.kubernetes\\.io/os}'],
      environment,
    );
    if (os.code) {
      io.err(os.err);
      return 1;
    }
    const env = (name: string) => host.env[`KUBECTL_NODE_SHELL_${name}`];
    const settings = {
      image: env('IMAGE'),
      cpu: env('POD_CPU') ?? '100m',
      memory: env('POD_MEMORY') ?? '256Mi',
      pullSecret: env('IMAGE_PULL_SECRET_NAME'),
    };
    const pod = `nsenter-${environment.randomSuffix(6)}`;
    const image = imageOf(args, settings);
    const trial = await capture([...kubectl, 'run', '--image', image, pod, '--dry-run=server'], environment);
    const limited = !`${trial.out}${trial.err}`.includes('failed quota');
    const tty = io.stdinIsTerminal;
    const overrides = JSON.stringify(overridesOf(args, settings, tty, limited));
    io.err(`spawning "${pod}" on "${args.node}"\n`);
    const timeout = env('POD_RUNNING_TIMEOUT') ?? '1m';
    const run = [
      'run',
      '--image',
      image,
      '--restart=Never',
      `--overrides=${overrides}`,
      `--labels=${env('LABELS') ?? ''}`,
      `--pod-running-timeout=${timeout}`,
    ];
    const code = await runKubectl([...kubectl, ...run, ...(tty ? ['-t'] : []), '-i', pod], environment);
    // The plugin sends what the deletion prints to standard error.
    const deleted = await capture([...kubectl, 'delete', 'pod', '--wait=false', pod], environment);
    io.err(deleted.out + deleted.err);
    return code;
  } catch (error) {
    if (!(error instanceof NodeShellExit)) throw error;
    io.out(error.text);
    return error.code;
  }
}
