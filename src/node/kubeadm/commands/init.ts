import { parseCidr, parseIp } from '../../../base/ip.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { CONTROL_PLANE, MANIFESTS } from '../manifests.ts';
import { initPhase, runPhases, versionOf } from './init-phases.ts';

const PORTS: [port: number, component: string][] = [
  [6443, 'kube-apiserver'],
  [10259, 'kube-scheduler'],
  [10257, 'kube-controller-manager'],
];

/** What is in the way of a new cluster on this machine, in the order in which kubeadm looks. */
export function preflightErrors(call: Call): string[] {
  const { host } = call;
  const there = (component: string) => host.files.stat(`${MANIFESTS}/${component}.yaml`) !== undefined;
  const files = [...CONTROL_PLANE, 'etcd'].filter(there).map((component) => {
    const path = `${MANIFESTS}/${component}.yaml`;
    return `\t[ERROR FileAvailable-${path.replaceAll('/', '-')}]: ${path} already exists`;
  });
  return [
    ...PORTS.filter(([, component]) => there(component)).map(
      ([port]) => `\t[ERROR Port-${port}]: Port ${port} is in use`,
    ),
    ...files,
    ...(host.record().kubelet.active ? ['\t[ERROR Port-10250]: Port 10250 is in use'] : []),
    ...(there('etcd') ? ['\t[ERROR Port-2379]: Port 2379 is in use', '\t[ERROR Port-2380]: Port 2380 is in use'] : []),
    ...(host.files.stat('/var/lib/etcd') && there('etcd')
      ? ['\t[ERROR DirAvailable--var-lib-etcd]: /var/lib/etcd is not empty']
      : []),
  ];
}

/** Checks that may be ignored, by the names that a flag has given. */
const ignored = (call: Call, errors: string[]): string[] => {
  const names = new Set((call.list('ignore-preflight-errors') ?? []).map((name) => name.toLowerCase()));
  return errors.filter(
    (line) => !names.has('all') && !names.has(/ERROR ([^\]]+)/.exec(line)?.[1]?.toLowerCase() ?? ''),
  );
};

/** Ends with kubeadm's list of what a preflight found, if it found something. */
export function failPreflight(call: Call, found: string[]): void {
  const errors = ignored(call, found);
  for (const line of found) if (!errors.includes(line)) call.err(line.replace('[ERROR', '[WARNING'));
  if (errors.length === 0) return;
  throw new KubeadmError(
    [
      'error execution phase preflight: [preflight] Some fatal errors occurred:',
      ...errors,
      '[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`',
    ].join('\n'),
  );
}

function preflight(call: Call): void {
  call.out('[preflight] Running pre-flight checks');
  failPreflight(call, preflightErrors(call));
  call.out('[preflight] Pulling images required for setting up a Kubernetes cluster');
  call.out('[preflight] This might take a minute or two, depending on the speed of your internet connection');
  call.out("[preflight] You can also perform this action beforehand using 'kubeadm config images pull'");
}

function checkNetworks(call: Call): void {
  for (const [flag, field] of [
    ['pod-network-cidr', 'networking.podSubnet'],
    ['service-cidr', 'networking.serviceSubnet'],
  ] as const) {
    const text = call.text(flag);
    if (text !== undefined && !parseCidr(text))
      throw new KubeadmError(`${field}: Invalid value: ${JSON.stringify(text)}: couldn't parse subnet`, 3);
  }
}

/** Flags that may stand beside --config. */
const WITH_CONFIG = new Set([
  'config',
  'v',
  'dry-run',
  'ignore-preflight-errors',
  'skip-phases',
  'upload-certs',
  'skip-token-print',
  'node-name',
  'certificate-key',
  'cri-socket',
  'patches',
  'rootfs',
]);

export const init: Command = {
  name: 'init',
  short: 'Run this command in order to set up the Kubernetes control plane',
  flags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'apiserver-cert-extra-sans',
    'cert-dir',
    'certificate-key',
    'config',
    'control-plane-endpoint',
    'cri-socket',
    'dry-run',
    'feature-gates',
    'ignore-preflight-errors',
    'image-repository',
    'kubernetes-version',
    'node-name',
    'patches',
    'pod-network-cidr',
    'service-cidr',
    'service-dns-domain',
    'skip-certificate-key-print',
    'skip-phases',
    'skip-token-print',
    'token',
    'token-ttl',
    'upload-certs',
  ],
  commands: [initPhase(preflight)],
  maxArgs: 0,
  async run(call) {
    const mixed = init.flags!.filter((flag) => call.given(flag) && !WITH_CONFIG.has(flag));
    if (call.given('config') && mixed.length > 0)
      throw new KubeadmError(`can not mix '--config' with arguments [${mixed.join(',')}]`);
    const address = call.text('apiserver-advertise-address');
    if (address !== undefined && !parseIp(address))
      throw new KubeadmError(
        `couldn't use ${JSON.stringify(address)} as "apiserver-advertise-address", must be ipv4 or ipv6 address`,
      );
    const version = await versionOf(call);
    checkNetworks(call);
    call.out(`[init] Using Kubernetes version: ${version}`);
    preflight(call);
    // A control plane on a machine that was reset: the cluster's objects are what etcd's data still holds.
    await runPhases(call);
  },
};
