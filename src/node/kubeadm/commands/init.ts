import { parseCidr, parseIp } from '../../../base/ip.ts';
import { AUTHORITIES, CERTIFICATES, certificatePath, isKubeconfig, PKI } from '../../pki/certificates.ts';
import { issueDefined } from '../../pki/issue.ts';
import { userKubeconfig } from '../../pki/kubeconfig.ts';
import { connect, wantedVersion } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { ofKind, readConfiguration } from '../configuration.ts';
import { CONTROL_PLANE, MANIFESTS, writeManifest } from '../manifests.ts';

const PHASE_FLAGS = ['config', 'dry-run', 'kubernetes-version', 'cert-dir', 'patches', 'kubeconfig', 'node-name'];

/** In the order in which kubeadm makes them: each authority before what it signs. */
const ORDER = [
  'ca',
  'apiserver',
  'apiserver-kubelet-client',
  'front-proxy-ca',
  'front-proxy-client',
  'etcd-ca',
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'apiserver-etcd-client',
];

function certificatePhase(call: Call, name: string): void {
  const authority = AUTHORITIES.find((one) => one.name === name);
  const definition = CERTIFICATES.find((one) => one.name === name);
  const base = (authority ?? definition!).base;
  const there = call.host.files.stat(`${PKI}/${base}.crt`) !== undefined;
  if (there) {
    call.out(
      authority
        ? `[certs] Using existing ${base} certificate authority`
        : `[certs] Using existing ${base} certificate and key on disk`,
    );
    return;
  }
  call.out(`[certs] Generating ${JSON.stringify(base)} certificate and key`);
  if (definition)
    call.host.files.write(certificatePath(definition), issueDefined(call.host, definition, call.host.now()));
}

const KUBECONFIGS: Record<string, string> = {
  admin: 'admin.conf',
  'controller-manager': 'controller-manager.conf',
  scheduler: 'scheduler.conf',
  'super-admin': 'super-admin.conf',
};

function kubeconfigPhase(call: Call, name: string): void {
  const definition = CERTIFICATES.find((one) => one.name === KUBECONFIGS[name])!;
  const path = certificatePath(definition);
  if (call.host.files.stat(path)) {
    call.out(`[kubeconfig] Using existing kubeconfig file: ${JSON.stringify(path)}`);
    return;
  }
  call.out(`[kubeconfig] Writing ${JSON.stringify(definition.base)} kubeconfig file`);
  const certificate = issueDefined(call.host, definition, call.host.now());
  call.host.files.write(path, userKubeconfig(call.host, definition.commonName, certificate), { mode: 0o600 });
}

async function versionOf(call: Call): Promise<string> {
  const path = call.text('config');
  const cluster = path ? ofKind(await readConfiguration(call.host, path), 'ClusterConfiguration') : undefined;
  return wantedVersion(call, call.text('kubernetes-version') ?? (cluster?.kubernetesVersion as string | undefined));
}

const leaf = (name: string, short: string, run: Command['run']): Command => ({
  name,
  short,
  flags: PHASE_FLAGS,
  maxArgs: 0,
  run,
});

const certsPhase: Command = {
  name: 'certs',
  short: 'Certificate generation',
  commands: [
    leaf('all', 'Generate all certificates', (call) => {
      call.out(`[certs] Using certificateDir folder ${JSON.stringify(PKI)}`);
      for (const name of ORDER) certificatePhase(call, name);
      call.out('[certs] Using the existing "sa" key');
    }),
    ...ORDER.map((name) => leaf(name, `Generate the ${name} certificate`, (call) => certificatePhase(call, name))),
    leaf('sa', 'Generate a private key for signing service account tokens along with its public key', (call) =>
      call.out('[certs] Using the existing "sa" key'),
    ),
  ].sort((a, b) => (a.name < b.name ? -1 : 1)),
};

const kubeconfigPhases: Command = {
  name: 'kubeconfig',
  short: 'Generate all kubeconfig files necessary to establish the control plane and the admin kubeconfig file',
  commands: [
    ...Object.keys(KUBECONFIGS).map((name) =>
      leaf(name, `Generate a kubeconfig file for ${name}`, (call) => kubeconfigPhase(call, name)),
    ),
    leaf('all', 'Generate all kubeconfig files', (call) => {
      call.out('[kubeconfig] Using kubeconfig folder "/etc/kubernetes"');
      for (const name of Object.keys(KUBECONFIGS)) kubeconfigPhase(call, name);
    }),
    leaf('kubelet', 'Generate a kubeconfig file for the kubelet to use', (call) =>
      call.out('[kubeconfig] Using existing kubeconfig file: "/etc/kubernetes/kubelet.conf"'),
    ),
  ].sort((a, b) => (a.name < b.name ? -1 : 1)),
};

async function controlPlanePhase(call: Call, components: string[]): Promise<void> {
  const version = await versionOf(call);
  call.out(`[control-plane] Using manifest folder ${JSON.stringify(MANIFESTS)}`);
  for (const component of components) {
    call.out(`[control-plane] Creating static Pod manifest for ${JSON.stringify(component)}`);
    await writeManifest(call.host, component, version);
  }
}

const controlPlanePhases: Command = {
  name: 'control-plane',
  short: 'Generate all static Pod manifest files necessary to establish the control plane',
  commands: [
    leaf('all', 'Generate all static Pod manifest files', (call) => controlPlanePhase(call, CONTROL_PLANE)),
    ...CONTROL_PLANE.map((name) =>
      leaf(name.replace('kube-', ''), `Generate the ${name} static Pod manifest`, (call) =>
        controlPlanePhase(call, [name]),
      ),
    ),
  ],
};

const etcdPhases: Command = {
  name: 'etcd',
  short: 'Generate static Pod manifest file for local etcd',
  commands: [
    leaf(
      'local',
      'Generate the static Pod manifest file for a local, single-node local etcd instance',
      async (call) => {
        call.out(`[etcd] Creating static Pod manifest for local etcd in ${JSON.stringify(MANIFESTS)}`);
        await writeManifest(call.host, 'etcd', await versionOf(call));
      },
    ),
  ],
};

const CONFIG_MAPS = '/api/v1/namespaces/kube-system/configmaps';

function upload(call: Call, name: string, key: string, text: string): void {
  connect(call, `POST ${CONFIG_MAPS}?timeout=10s`);
  const { client } = call.host;
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data: { [key]: text },
  };
  const there = client.get('configmaps', 'kube-system', name);
  if (there) client.update('configmaps', { ...there, data: object.data });
  else client.create('configmaps', object);
}

const uploadPhases: Command = {
  name: 'upload-config',
  short: 'Upload the kubeadm and kubelet configuration to a ConfigMap',
  commands: [
    leaf('kubeadm', 'Upload the kubeadm ClusterConfiguration to a ConfigMap', async (call) => {
      const { clusterConfiguration, printDocuments } = await import('../configuration.ts');
      const text = printDocuments([clusterConfiguration(await versionOf(call))]);
      upload(call, 'kubeadm-config', 'ClusterConfiguration', text);
      call.out(
        '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace',
      );
    }),
    leaf('kubelet', 'Upload the kubelet component config to a ConfigMap', (call) => {
      upload(call, 'kubelet-config', 'kubelet', call.host.files.read('/var/lib/kubelet/config.yaml'));
      call.out(
        '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
      );
    }),
  ],
};

const markPhase: Command = {
  name: 'mark-control-plane',
  short: 'Mark a node as a control-plane',
  flags: ['config', 'dry-run', 'node-name'],
  maxArgs: 0,
  run(call) {
    const name = call.text('node-name') ?? call.host.name;
    call.out(
      `[mark-control-plane] Marking the node ${name} as control-plane by adding the labels: [node-role.kubernetes.io/control-plane node.kubernetes.io/exclude-from-external-load-balancers]`,
    );
    call.out(
      `[mark-control-plane] Marking the node ${name} as control-plane by adding the taints [node-role.kubernetes.io/control-plane:NoSchedule]`,
    );
  },
};

const phase: Command = {
  name: 'phase',
  short: 'Use this command to invoke single phase of the "init" workflow',
  commands: [certsPhase, controlPlanePhases, etcdPhases, kubeconfigPhases, markPhase, uploadPhases],
};

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

/** Ends with kubeadm's list of what a preflight found, if it found something. */
export function failPreflight(errors: string[]): void {
  if (errors.length === 0) return;
  throw new KubeadmError(
    [
      'error execution phase preflight: [preflight] Some fatal errors occurred:',
      ...errors,
      '[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`',
    ].join('\n'),
  );
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
  commands: [phase],
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
    call.out('[preflight] Running pre-flight checks');
    failPreflight(preflightErrors(call));
    await makeControlPlane(call);
  },
};

/** A control plane on a machine that was reset: the cluster's objects are what etcd's data still holds. */
async function makeControlPlane(call: Call): Promise<void> {
  const { host } = call;
  call.out('[preflight] Pulling images required for setting up a Kubernetes cluster');
  call.out('[preflight] This might take a minute or two, depending on the speed of your internet connection');
  call.out(`[certs] Using certificateDir folder ${JSON.stringify(PKI)}`);
  for (const name of ORDER) certificatePhase(call, name);
  call.out('[kubeconfig] Using kubeconfig folder "/etc/kubernetes"');
  for (const definition of CERTIFICATES.filter(isKubeconfig))
    kubeconfigPhase(call, definition.base.replace('.conf', ''));
  await etcdPhases.commands![0]!.run!(call);
  await controlPlanePhase(call, CONTROL_PLANE);
  host.setRecord({ joined: true, kubelet: { active: true, since: host.now() } });
  call.out('\nYour Kubernetes control-plane has initialized successfully!\n');
  call.out('To start using your cluster, you need to run the following as a regular user:\n');
  call.out(
    '  mkdir -p $HOME/.kube\n  sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config\n  sudo chown $(id -u):$(id -g) $HOME/.kube/config\n',
  );
}
