import { dropMachine } from '../../reset.ts';
import { hasConfiguration, readingConfiguration } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';

/** The head of a klog line that warns. */
export function warning(call: Call, source: string, text: string): void {
  const time = new Date(Math.floor(call.host.now())).toISOString();
  call.err(`W${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000   19073 ${source}] ${text}`);
}

function preflight(call: Call): void {
  warning(
    call,
    'preflight.go:56',
    "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.",
  );
  if (!call.given('force')) {
    const [answer = ''] = call.context.stdin.split('\n');
    call.ask('[reset] Are you sure you want to proceed? [y/N]: ');
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new KubeadmError(
        "error execution phase preflight: won't proceed; the user didn't answer (Y|y) in order to continue",
      );
  }
  call.out('[preflight] Running pre-flight checks');
}

function removeMember(call: Call): void {
  if (call.host.files.stat('/etc/kubernetes/manifests/etcd.yaml'))
    return call.out('[reset] Deleted contents of the etcd data directory: /var/lib/etcd');
  warning(call, 'removeetcdmember.go:106', '[reset] No kubeadm config, using etcd pod spec to get data directory');
  call.out('[reset] No etcd config found. Assuming external etcd');
  call.out('[reset] Please, manually reset etcd to prevent further issues');
}

function cleanUp(call: Call): void {
  call.out('[reset] Stopping the kubelet service');
  call.out('[reset] Unmounting mounted directories in "/var/lib/kubelet"');
  const certificates = call.text('cert-dir') ?? '/etc/kubernetes/pki';
  const folders = ['/etc/kubernetes/manifests', '/var/lib/kubelet', certificates];
  dropMachine(call.host);
  call.out(`[reset] Deleting contents of directories: [${folders.join(' ')}]`);
  const files = ['admin', 'super-admin', 'kubelet', 'bootstrap-kubelet', 'controller-manager', 'scheduler'];
  call.out(`[reset] Deleting files: [${files.map((name) => `/etc/kubernetes/${name}.conf`).join(' ')}]`);
}

const phase: Command = {
  name: 'phase',
  short: 'Use this command to invoke single phase of the "reset" workflow',
  commands: [
    {
      name: 'cleanup-node',
      aliases: ['cleanupnode'],
      short: 'Run cleanup node.',
      flags: ['cert-dir', 'cleanup-tmp-dir', 'cri-socket', 'dry-run'],
      maxArgs: 0,
      run: cleanUp,
    },
    {
      name: 'preflight',
      aliases: ['pre-flight'],
      short: 'Run reset pre-flight checks',
      flags: ['dry-run', 'force', 'ignore-preflight-errors'],
      maxArgs: 0,
      run: preflight,
    },
    {
      name: 'remove-etcd-member',
      short: 'Remove a local etcd member.',
      flags: ['dry-run', 'kubeconfig'],
      maxArgs: 0,
      run: removeMember,
    },
  ],
};

/** What reset does not undo. */
const REST = `
The reset process does not perform cleanup of CNI plugin configuration,
network filtering rules and kubeconfig files.

For information on how to perform this cleanup manually, please see:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/
`;

export const reset: Command = {
  name: 'reset',
  short: "Performs a best effort revert of changes made to this host by 'kubeadm init' or 'kubeadm join'",
  flags: [
    'cert-dir',
    'cleanup-tmp-dir',
    'config',
    'cri-socket',
    'dry-run',
    'force',
    'ignore-preflight-errors',
    'kubeconfig',
    'skip-phases',
  ],
  commands: [phase],
  maxArgs: 0,
  run(call) {
    const { host } = call;
    if (host.files.stat('/etc/kubernetes/admin.conf')) {
      readingConfiguration(call, 'reset');
      if (!hasConfiguration(call))
        warning(
          call,
          'reset.go:141',
          '[reset] Unable to fetch the kubeadm-config ConfigMap from cluster: failed to get config map: configmaps "kubeadm-config" not found',
        );
    }
    preflight(call);
    removeMember(call);
    cleanUp(call);
    call.out(REST);
  },
};
