import { AUTHORITIES, CERTIFICATES, PKI } from '../../pki/certificates.ts';
import { authorityCertificate, authorityKey, issueDefined, leafKey } from '../../pki/issue.ts';
import { kubeletKubeconfig, userKubeconfig } from '../../pki/kubeconfig.ts';
import { connect, wantedVersion } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { ofKind, readConfiguration } from '../configuration.ts';
import { CONTROL_PLANE, MANIFESTS, writeManifest } from '../manifests.ts';
import { authorityHash, createToken } from './token.ts';

/** Flags by phase. Source: kubeadm/app/cmd/phases/init. */
const CERTS = ['cert-dir', 'config', 'dry-run', 'kubernetes-version'];
const SERVING = [
  ...CERTS,
  'apiserver-advertise-address',
  'apiserver-cert-extra-sans',
  'control-plane-endpoint',
  'service-cidr',
  'service-dns-domain',
];
const KUBECONFIG = [
  'apiserver-advertise-address',
  'apiserver-bind-port',
  'cert-dir',
  'config',
  'control-plane-endpoint',
  'dry-run',
  'kubeconfig-dir',
  'kubernetes-version',
];
const COMPONENT = ['cert-dir', 'config', 'dry-run', 'image-repository', 'kubernetes-version', 'patches'];
const COMPONENTS: Record<string, string[]> = {
  'kube-apiserver': [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'apiserver-extra-args',
    'control-plane-endpoint',
    'feature-gates',
    'service-cidr',
  ],
  'kube-controller-manager': ['controller-manager-extra-args', 'pod-network-cidr'],
  'kube-scheduler': ['scheduler-extra-args'],
};
const ETCD = ['cert-dir', 'config', 'dry-run', 'image-repository', 'patches'];
const UPLOAD = ['config', 'cri-socket', 'dry-run', 'kubeconfig'];
const ADDON = ['config', 'dry-run', 'image-repository', 'kubeconfig', 'kubernetes-version'];
const DNS = ['feature-gates', 'print-manifest', 'service-cidr', 'service-dns-domain'];
const PROXY = [
  'apiserver-advertise-address',
  'apiserver-bind-port',
  'control-plane-endpoint',
  'pod-network-cidr',
  'print-manifest',
];

/** A phase that is run by itself. */
const leaf = (name: string, short: string, run: Command['run'], flags: string[]): Command => ({
  name,
  short,
  flags,
  maxArgs: 0,
  run,
});

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

/** The folder of certificates that a command is about. */
const folderOf = (call: Call): string => call.text('cert-dir') ?? PKI;

/** Names and addresses that a server's certificate is for, as kubeadm tells of them. */
function signedFor({ host }: Call, base: string): string | undefined {
  const { name, record } = host;
  const address = record().internalIP;
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  if (base === 'apiserver') return `DNS names [${[name, ...service].sort().join(' ')}] and IPs [10.96.0.1 ${address}]`;
  if (base === 'etcd/server' || base === 'etcd/peer')
    return `DNS names [${[name, 'localhost'].sort().join(' ')}] and IPs [${address} 127.0.0.1 ::1]`;
  return undefined;
}

function certificatePhase(call: Call, name: string): void {
  const { files, now } = call.host;
  const authority = AUTHORITIES.find((one) => one.name === name);
  const definition = CERTIFICATES.find((one) => one.name === name);
  const base = (authority ?? definition!).base;
  const path = `${folderOf(call)}/${base}`;
  if (files.stat(`${path}.crt`) !== undefined) {
    call.out(
      authority
        ? `[certs] Using existing ${base} certificate authority`
        : `[certs] Using existing ${base} certificate and key on disk`,
    );
    return;
  }
  const signer = AUTHORITIES.find((one) => one.name === definition?.authority);
  if (signer && !files.stat(`${folderOf(call)}/${signer.base}.crt`))
    throw new KubeadmError(
      `error execution phase certs/${name}: couldn't load CA certificate ${signer.base} for ${base}: couldn't load ${signer.base} certificate authority from ${folderOf(call)}`,
    );
  call.out(`[certs] Generating ${JSON.stringify(base)} certificate and key`);
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (!files.stat(folder)) files.makeDir(folder);
  files.write(
    `${path}.crt`,
    definition ? issueDefined(call.host, definition, now()) : authorityCertificate(name, now()),
  );
  files.write(`${path}.key`, authority ? authorityKey(name) : leafKey(), { mode: 0o600 });
  const names = signedFor(call, base);
  if (names) call.out(`[certs] ${base} serving cert is signed for ${names}`);
}

/** The key pair that signs the tokens of service accounts. */
function accountKey(call: Call): void {
  const { files, shipped } = call.host;
  const path = `${folderOf(call)}/sa`;
  if (files.stat(`${path}.key`)) return call.out('[certs] Using the existing "sa" key');
  call.out('[certs] Generating "sa" key and public key');
  if (!files.stat(folderOf(call))) files.makeDir(folderOf(call));
  for (const end of ['key', 'pub']) files.write(`${path}.${end}`, shipped[`${PKI}/sa.${end}`]?.() ?? '');
}

const KUBECONFIGS = ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler'];

function kubeconfigPhase(call: Call, name: string): void {
  const folder = call.text('kubeconfig-dir') ?? '/etc/kubernetes';
  const file = `${folder}/${name}.conf`;
  const { files } = call.host;
  if (files.stat(file)) return call.out(`[kubeconfig] Using existing kubeconfig file: ${JSON.stringify(file)}`);
  call.out(`[kubeconfig] Writing ${JSON.stringify(`${name}.conf`)} kubeconfig file`);
  if (!files.stat(folder)) files.makeDir(folder);
  const definition = CERTIFICATES.find((one) => one.name === `${name}.conf`);
  const text = definition
    ? userKubeconfig(call.host, definition.commonName, issueDefined(call.host, definition, call.host.now()))
    : kubeletKubeconfig(call.host);
  files.write(file, text, { mode: 0o600 });
}

export async function versionOf(call: Call): Promise<string> {
  const path = call.text('config');
  const cluster = path ? ofKind(await readConfiguration(call.host, path), 'ClusterConfiguration') : undefined;
  return wantedVersion(call, call.text('kubernetes-version') ?? (cluster?.kubernetesVersion as string | undefined));
}

const certsPhase: Command = {
  name: 'certs',
  short: 'Certificate generation',
  commands: [
    leaf(
      'all',
      'Generate all certificates',
      (call) => {
        call.out(`[certs] Using certificateDir folder ${JSON.stringify(folderOf(call))}`);
        for (const name of ORDER) certificatePhase(call, name);
        accountKey(call);
      },
      SERVING,
    ),
    ...ORDER.map((name) =>
      leaf(
        name,
        `Generate the ${name} certificate`,
        (call) => certificatePhase(call, name),
        name === 'apiserver' ? SERVING : CERTS,
      ),
    ),
    leaf(
      'sa',
      'Generate a private key for signing service account tokens along with its public key',
      accountKey,
      CERTS,
    ),
  ].sort((a, b) => (a.name < b.name ? -1 : 1)),
};

const kubeconfigPhases: Command = {
  name: 'kubeconfig',
  short: 'Generate all kubeconfig files necessary to establish the control plane and the admin kubeconfig file',
  commands: [
    ...KUBECONFIGS.map((name) =>
      leaf(
        name,
        `Generate a kubeconfig file for ${name}`,
        (call) => kubeconfigPhase(call, name),
        name === 'kubelet' ? [...KUBECONFIG, 'node-name'] : KUBECONFIG,
      ),
    ),
    leaf(
      'all',
      'Generate all kubeconfig files',
      (call) => {
        call.out(
          `[kubeconfig] Using kubeconfig folder ${JSON.stringify(call.text('kubeconfig-dir') ?? '/etc/kubernetes')}`,
        );
        for (const name of KUBECONFIGS) kubeconfigPhase(call, name);
      },
      [...KUBECONFIG, 'node-name'],
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
    leaf('all', 'Generate all static Pod manifest files', (call) => controlPlanePhase(call, CONTROL_PLANE), [
      ...COMPONENT,
      ...Object.values(COMPONENTS).flat(),
    ]),
    ...CONTROL_PLANE.map((name) =>
      leaf(
        name.replace('kube-', ''),
        `Generate the ${name} static Pod manifest`,
        (call) => controlPlanePhase(call, [name]),
        [...COMPONENT, ...COMPONENTS[name]!],
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
      ETCD,
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

async function uploadConfiguration(call: Call): Promise<void> {
  const { clusterConfiguration, printDocuments } = await import('../configuration.ts');
  const text = printDocuments([clusterConfiguration(await versionOf(call))]);
  upload(call, 'kubeadm-config', 'ClusterConfiguration', text);
  call.out(
    '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace',
  );
}

function uploadKubelet(call: Call): void {
  upload(call, 'kubelet-config', 'kubelet', call.host.files.read('/var/lib/kubelet/config.yaml'));
  call.out(
    '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
  );
}

const uploadPhases: Command = {
  name: 'upload-config',
  aliases: ['uploadconfig'],
  short: 'Upload the kubeadm and kubelet configuration to a ConfigMap',
  commands: [
    leaf(
      'all',
      'Upload all configuration to a config map',
      async (call) => {
        await uploadConfiguration(call);
        uploadKubelet(call);
      },
      UPLOAD,
    ),
    leaf('kubeadm', 'Upload the kubeadm ClusterConfiguration to a ConfigMap', uploadConfiguration, UPLOAD),
    leaf('kubelet', 'Upload the kubelet component config to a ConfigMap', uploadKubelet, UPLOAD),
  ],
};

const CONTROL_PLANE_LABELS = [
  'node-role.kubernetes.io/control-plane',
  'node.kubernetes.io/exclude-from-external-load-balancers',
];
const CONTROL_PLANE_TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' as const };

function markControlPlane(call: Call): void {
  const name = call.text('node-name') ?? call.host.name;
  connect(call, `GET /api/v1/nodes/${name}?timeout=10s`);
  const told = `[mark-control-plane] Marking the node ${name} as control-plane by adding the`;
  call.out(`${told} labels: [${CONTROL_PLANE_LABELS.join(' ')}]`);
  call.out(`${told} taints [${CONTROL_PLANE_TAINT.key}:${CONTROL_PLANE_TAINT.effect}]`);
  const { client } = call.host;
  const node = client.get('nodes', '', name);
  if (!node) return;
  const taints = (node.spec?.taints ?? []).filter(({ key }) => key !== CONTROL_PLANE_TAINT.key);
  const labels = Object.fromEntries(CONTROL_PLANE_LABELS.map((label) => [label, '']));
  client.patch('nodes', '', name, {
    metadata: { labels: { ...node.metadata.labels, ...labels } },
    spec: { taints: [...taints, CONTROL_PLANE_TAINT] },
  });
}

const BOOTSTRAP = [
  '[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles',
  '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes',
  '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials',
  '[bootstrap-token] Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token',
  '[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the cluster',
  '[bootstrap-token] Creating the "cluster-info" ConfigMap in the "kube-public" namespace',
];

/** Makes a token for nodes that join; answers it. */
function bootstrapToken(call: Call): string {
  connect(call, 'GET /api/v1/namespaces/kube-system/secrets?timeout=10s');
  const token = createToken(call, call.text('token'));
  call.out(`[bootstrap-token] Using token: ${call.given('skip-token-print') ? '<value withheld>' : token}`);
  for (const line of BOOTSTRAP) call.out(line);
  return token;
}

const KUBELET_CHECK = [
  '[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s',
  '[kubelet-check] The kubelet is healthy after 501.216ms',
];

function startKubelet(call: Call): void {
  const { host } = call;
  call.out('[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"');
  call.out('[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"');
  for (const path of ['/var/lib/kubelet/kubeadm-flags.env', '/var/lib/kubelet/config.yaml']) {
    if (host.files.stat(path)) continue;
    if (!host.files.stat('/var/lib/kubelet')) host.files.makeDir('/var/lib/kubelet');
    host.files.write(path, host.shipped[path]?.() ?? '');
  }
  call.out('[kubelet-start] Starting the kubelet');
  host.setRecord({ joined: true, kubelet: { active: true, since: host.now() } });
  host.changed('unit/kubelet');
}

function waitForControlPlane(call: Call): void {
  const { url } = call.host.apiServer();
  call.out(
    `[wait-control-plane] Waiting for the kubelet to boot up the control plane as static Pods from directory ${JSON.stringify(MANIFESTS)}`,
  );
  for (const line of KUBELET_CHECK) call.out(line);
  const check = '[control-plane-check]';
  call.out(`${check} Waiting for healthy control plane components. This can take up to 4m0s`);
  call.out(`${check} Checking kube-apiserver at ${url}/livez`);
  call.out(`${check} Checking kube-controller-manager at https://127.0.0.1:10257/healthz`);
  call.out(`${check} Checking kube-scheduler at https://127.0.0.1:10259/livez`);
  call.out(`${check} kube-controller-manager is healthy after 1.503792481s`);
  call.out(`${check} kube-scheduler is healthy after 2.118237862s`);
  call.out(`${check} kube-apiserver is healthy after 3.502412091s`);
}

function uploadCertificates(call: Call): void {
  if (!call.given('upload-certs')) return call.out('[upload-certs] Skipping phase. Please see --upload-certs');
  connect(call, 'GET /api/v1/namespaces/kube-system/secrets/kubeadm-certs?timeout=10s');
  const key = call.text('certificate-key') ?? call.host.random.hex(64);
  const { client } = call.host;
  const metadata = { name: 'kubeadm-certs', namespace: 'kube-system' };
  const data = { 'ca.crt': '', 'ca.key': '' };
  const there = client.get('secrets', 'kube-system', 'kubeadm-certs');
  if (!there) client.create('secrets', { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data });
  call.out('[upload-certs] Storing the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace');
  if (!call.given('skip-certificate-key-print')) call.out(`[upload-certs] Using certificate key:\n${key}`);
}

const finalizeKubelet = (call: Call): void =>
  call.out(
    '[kubelet-finalize] Updating "/etc/kubernetes/kubelet.conf" to point to a rotatable kubelet client certificate and key',
  );

function addon(call: Call, name: string): void {
  connect(call, 'GET /api/v1/namespaces/kube-system/configmaps?timeout=10s');
  call.out(`[addons] Applied essential addon: ${name}`);
}

/** The commands that join others, as the end of init shows them. */
function showJoinCommand(call: Call, token: string): void {
  const server = new URL(call.host.apiServer().url).host;
  call.out('\nYour Kubernetes control-plane has initialized successfully!\n');
  call.out('To start using your cluster, you need to run the following as a regular user:\n');
  call.out('  mkdir -p $HOME/.kube');
  call.out('  sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config');
  call.out('  sudo chown $(id -u):$(id -g) $HOME/.kube/config\n');
  call.out('Alternatively, if you are the root user, you can run:\n');
  call.out('  export KUBECONFIG=/etc/kubernetes/admin.conf\n');
  call.out('You should now deploy a pod network to the cluster.');
  call.out('Run "kubectl apply -f [podnetwork].yaml" with one of the options listed at:');
  call.out('  https://kubernetes.io/docs/concepts/cluster-administration/addons/\n');
  call.out('Then you can join any number of worker nodes by running the following on each as root:\n');
  call.out(`kubeadm join ${server} --token ${token} \\\n\t--discovery-token-ca-cert-hash ${authorityHash(call)} `);
}

/** Runs one phase below a group, by its name. */
const part = (group: Command, name: string, call: Call) => group.commands!.find((one) => one.name === name)!.run!(call);

/** What init does after its preflight, in kubeadm's order. */
export async function runPhases(call: Call): Promise<void> {
  const skipped = new Set(call.list('skip-phases') ?? []);
  let token = '';
  const steps: [name: string, run: () => void | Promise<void>][] = [
    ['certs', () => part(certsPhase, 'all', call)],
    ['kubeconfig', () => part(kubeconfigPhases, 'all', call)],
    ['etcd', () => part(etcdPhases, 'local', call)],
    ['control-plane', () => controlPlanePhase(call, CONTROL_PLANE)],
    ['kubelet-start', () => startKubelet(call)],
    ['wait-control-plane', () => waitForControlPlane(call)],
    ['upload-config', () => part(uploadPhases, 'all', call)],
    ['upload-certs', () => uploadCertificates(call)],
    ['mark-control-plane', () => markControlPlane(call)],
    [
      'bootstrap-token',
      () => {
        token = bootstrapToken(call);
      },
    ],
    ['kubelet-finalize', () => finalizeKubelet(call)],
    [
      'addon',
      () => {
        addon(call, 'CoreDNS');
        addon(call, 'kube-proxy');
      },
    ],
    ['show-join-command', () => showJoinCommand(call, token)],
  ];
  for (const [name, run] of steps) if (!skipped.has(name)) await run();
}

const FINALIZE = ['cert-dir', 'config', 'dry-run'];

/** `kubeadm init phase`; its preflight is init's own. */
export const initPhase = (preflight: Command['run']): Command => ({
  name: 'phase',
  short: 'Use this command to invoke single phase of the "init" workflow',
  commands: [
    {
      name: 'addon',
      short: 'Install required addons for passing conformance tests',
      commands: [
        leaf(
          'all',
          'Install all the addons',
          (call) => {
            addon(call, 'CoreDNS');
            addon(call, 'kube-proxy');
          },
          [...new Set([...ADDON, ...DNS, ...PROXY])].filter((flag) => flag !== 'print-manifest'),
        ),
        leaf('coredns', 'Install the CoreDNS addon to a Kubernetes cluster', (call) => addon(call, 'CoreDNS'), [
          ...ADDON,
          ...DNS,
        ]),
        leaf(
          'kube-proxy',
          'Install the kube-proxy addon to a Kubernetes cluster',
          (call) => addon(call, 'kube-proxy'),
          [...ADDON, ...PROXY],
        ),
      ],
    },
    {
      ...leaf(
        'bootstrap-token',
        'Generates bootstrap tokens used to join a node to a cluster',
        (call) => void bootstrapToken(call),
        ['config', 'dry-run', 'kubeconfig', 'skip-token-print'],
      ),
      aliases: ['bootstraptoken'],
    },
    certsPhase,
    controlPlanePhases,
    etcdPhases,
    kubeconfigPhases,
    {
      name: 'kubelet-finalize',
      short: 'Updates settings relevant to the kubelet after TLS bootstrap',
      commands: [
        leaf('all', 'Run all kubelet-finalize phases', finalizeKubelet, FINALIZE),
        leaf('enable-client-cert-rotation', 'Enable kubelet client certificate rotation', finalizeKubelet, FINALIZE),
      ],
    },
    leaf('kubelet-start', 'Write kubelet settings and (re)start the kubelet', startKubelet, [
      'config',
      'cri-socket',
      'dry-run',
      'image-repository',
      'node-name',
      'patches',
    ]),
    leaf('mark-control-plane', 'Mark a node as a control-plane', markControlPlane, ['config', 'dry-run', 'node-name']),
    leaf('preflight', 'Run pre-flight checks', preflight, [
      'config',
      'cri-socket',
      'dry-run',
      'ignore-preflight-errors',
      'image-repository',
    ]),
    leaf(
      'show-join-command',
      'Show the join command for control-plane and worker node',
      (call) => showJoinCommand(call, createToken(call)),
      [],
    ),
    leaf('upload-certs', 'Upload certificates to kubeadm-certs', uploadCertificates, [
      'certificate-key',
      'config',
      'dry-run',
      'kubeconfig',
      'skip-certificate-key-print',
      'upload-certs',
    ]),
    uploadPhases,
    { ...leaf('wait-control-plane', 'Wait for the control plane to start', waitForControlPlane, []), hidden: true },
  ],
});
