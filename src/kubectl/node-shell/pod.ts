import type { NodeShellArguments } from './arguments.ts';

const IMAGE = 'docker.io/library/alpine';

/** What the plugin's environment variables choose. */
export interface NodeShellSettings {
  image?: string;
  cpu: string;
  memory: string;
  pullSecret?: string;
}

export const imageOf = (args: NodeShellArguments, settings: NodeShellSettings): string =>
  args.image || settings.image || IMAGE;

/** What the container runs: a login shell, or a command, in the namespaces of the machine's first process. */
function commandOf({ command, plain, namespaces }: NodeShellArguments): string[] | null {
  if (plain) return command.length ? command : null;
  const flags = (['mount', 'uts', 'ipc', 'net', 'pid'] as const)
    .filter((name) => namespaces[name])
    .map((name) => `--${name}`);
  const enter = ['nsenter', '--target', '1', ...flags];
  return command.length ? [...enter, '--', ...command] : [...enter, '--', 'bash', '-l'];
}

/** The overrides of the pod that `kubectl run` makes: privileged, in the host's namespaces, on that node whatever its taints. */
export function overridesOf(
  args: NodeShellArguments,
  settings: NodeShellSettings,
  tty: boolean,
  limited: boolean,
): unknown {
  const { namespaces, claims, plain, node } = args;
  const amounts = { cpu: settings.cpu, memory: settings.memory };
  const volumes = claims.map(
    (claimName) => ({ persistentVolumeClaim: { claimName }, name: 'pvc' }) as Record<string, unknown>,
  );
  const mounts = claims.map(() => ({ mountPath: '/opt-pvc', name: 'pvc' }));
  if (plain) {
    volumes.push({ hostPath: { path: '/', type: '' }, name: 'host-root' });
    mounts.push({ mountPath: '/host', name: 'host-root' });
  }
  return {
    spec: {
      nodeName: node,
      hostPID: namespaces.pid,
      hostIPC: namespaces.ipc,
      hostNetwork: namespaces.net,
      imagePullSecrets: settings.pullSecret ? [{ name: settings.pullSecret }] : null,
      containers: [
        {
          securityContext: { privileged: true },
          image: imageOf(args, settings),
          name: 'nsenter',
          stdin: true,
          stdinOnce: true,
          tty,
          command: commandOf(args),
          resources: limited ? { limits: amounts, requests: amounts } : {},
          volumeMounts: mounts,
        },
      ],
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { effect: 'NoExecute', operator: 'Exists' },
      ],
      volumes,
    },
  };
}
