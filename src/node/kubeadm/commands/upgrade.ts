import { alignTabs } from '../../../base/tabwriter.ts';
import { CERTIFICATES } from '../../pki/certificates.ts';
import {
  clusterVersion,
  connect,
  hasConfiguration,
  imagesOf,
  kubeadmVersion,
  kubeconfigServer,
  readingConfiguration,
  versionParts,
} from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { CONTROL_PLANE, MANIFESTS } from '../manifests.ts';
import { renew } from './certs.ts';

const COMMON = ['config', 'ignore-preflight-errors', 'kubeconfig'];
const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config?timeout=10s';

/** Reads kubeadm's configuration, which an upgrade cannot do without. */
function configuration(call: Call, phase: string): void {
  connect(call, `GET ${CONFIG_MAP}`);
  readingConfiguration(call, phase);
  if (!hasConfiguration(call))
    throw new KubeadmError('failed to get config map: configmaps "kubeadm-config" not found');
}

const newer = (a: string, b: string): boolean => {
  const [x, y] = [versionParts(a)!, versionParts(b)!];
  const at = x.findIndex((part, i) => part !== y[i]);
  return at >= 0 && x[at]! > y[at]!;
};

/** Why the control plane cannot go to that version; undefined if it can. */
function hindrance(call: Call, wanted: string): string | undefined {
  const own = kubeadmVersion(call);
  const current = clusterVersion(call);
  const [, minor = 0] = versionParts(wanted)!;
  const [, ownMinor = 0] = versionParts(own)!;
  const [, currentMinor = 0] = versionParts(current)!;
  if (newer(wanted, own))
    return `Specified version to upgrade to ${JSON.stringify(wanted)} is higher than the kubeadm version ${JSON.stringify(own)}. Upgrade kubeadm first using the tool you used to install kubeadm`;
  if (minor > currentMinor + 1)
    return `Specified version to upgrade to ${JSON.stringify(wanted)} is too high; kubeadm can upgrade only 1 minor version at a time`;
  if (minor < ownMinor - 1 || minor < currentMinor)
    return `Specified version to upgrade to ${JSON.stringify(wanted)} is too low; kubeadm can only upgrade to a version with the same or a higher minor version`;
  return undefined;
}

const imageVersion = (call: Call, component: string): string => {
  const pods = call.host.list('pods', 'kube-system');
  const pod = pods.find(({ metadata }) => metadata.labels?.component === component);
  return pod?.spec?.containers[0]?.image?.split(':').at(-1) ?? clusterVersion(call);
};

const addonVersion = (call: Call, kind: 'daemonsets.apps' | 'deployments.apps', name: string): string =>
  call.host.get(kind, 'kube-system', name)?.spec?.template.spec?.containers[0]?.image?.split(':').at(-1) ?? '';

const columns = (rows: string[][]): string =>
  alignTabs(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 10, tabWidth: 4, padding: 3 });

function planTable(call: Call, target: string): string {
  const { host } = call;
  const kubelets = host
    .list('nodes')
    .map((node) => ['kubelet', node.metadata.name!, node.status?.nodeInfo?.kubeletVersion ?? '', target]);
  const old = kubelets.filter(([, , current]) => current !== target);
  const [dns = '', , etcd = ''] = imagesOf(target)
    .slice(4)
    .map((image) => image.split(':').at(-1)!);
  const masters = host
    .list('nodes')
    .filter((node) => 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {}));
  const components = masters.flatMap((node) =>
    CONTROL_PLANE.map((component) => [component, node.metadata.name!, imageVersion(call, component), target]),
  );
  const rows = [
    ...components,
    ['kube-proxy', '', addonVersion(call, 'daemonsets.apps', 'kube-proxy'), target],
    ['CoreDNS', '', addonVersion(call, 'deployments.apps', 'coredns'), dns],
    ...masters.map((node) => ['etcd', node.metadata.name!, imageVersion(call, 'etcd'), etcd]),
  ];
  const head = ['COMPONENT', 'NODE', 'CURRENT', 'TARGET'];
  return [
    "Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':",
    columns([head, ...old]),
    `Upgrade to the latest version in the v1.${versionParts(target)![1]} series:`,
    '',
    columns([head, ...rows]),
    'You can now apply the upgrade by executing the following command:',
    '',
    `\tkubeadm upgrade apply ${target}`,
    '',
    '_____________________________________________________________________',
    '',
    '',
    'The table below shows the current state of component configs as understood by this version of kubeadm.',
    'Configs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or',
    'resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually',
    'upgrade to is denoted in the "PREFERRED VERSION" column.',
    '',
    'API GROUP                 CURRENT VERSION   PREFERRED VERSION   MANUAL UPGRADE REQUIRED',
    'kubeproxy.config.k8s.io   v1alpha1          v1alpha1            no',
    'kubelet.config.k8s.io     v1beta1           v1beta1             no',
    '_____________________________________________________________________',
    '',
  ].join('\n');
}

const plan: Command = {
  name: 'plan',
  short: 'Check which versions are available to upgrade to and validate whether your current cluster is upgradeable.',
  use: '[version] [flags]',
  flags: [
    ...COMMON,
    'allow-experimental-upgrades',
    'allow-missing-template-keys',
    'allow-release-candidate-upgrades',
    'etcd-upgrade',
    'output',
    'print-config',
    'show-managed-fields',
  ],
  maxArgs: 1,
  run(call) {
    call.out('[preflight] Running pre-flight checks.');
    configuration(call, 'upgrade/config');
    call.out('[upgrade] Running cluster health checks');
    call.out('[upgrade] Fetching available versions to upgrade to');
    const current = clusterVersion(call);
    const own = kubeadmVersion(call);
    const target = call.args[0] ?? own;
    call.out(`[upgrade/versions] Cluster version: ${current.replace('v', '')}`);
    call.out(`[upgrade/versions] kubeadm version: ${own}`);
    call.out(`[upgrade/versions] Target version: ${target}`);
    call.out(`[upgrade/versions] Latest version in the v1.${versionParts(current)![1]} series: ${target}`);
    if (!newer(target, current)) return;
    call.out('');
    call.out(planTable(call, target));
  },
};

/** Moves a component's manifest to the images of a version: its kubelet does the rest. */
function upgradeManifest(call: Call, component: string, image: string): void {
  const path = `${MANIFESTS}/${component}.yaml`;
  const { files } = call.host;
  const time = new Date(call.host.now()).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '-');
  call.out(`[upgrade/staticpods] Preparing for ${JSON.stringify(component)} upgrade`);
  call.out(
    `[upgrade/staticpods] Moving new manifest to ${JSON.stringify(path)} and backing up old manifest to "/etc/kubernetes/tmp/kubeadm-backup-manifests-${time}/${component}.yaml"`,
  );
  call.out('[upgrade/staticpods] Waiting for the kubelet to restart the component');
  call.out('[upgrade/staticpods] This can take up to 5m0s');
  const text = files.read(path);
  files.write(path, text.replace(/^(\s*(?:- )?image:\s*)\S+$/m, `$1${image}`));
  call.out(`[apiclient] Found 1 Pods for label selector component=${component}`);
  call.out(`[upgrade/staticpods] Component ${JSON.stringify(component)} upgraded successfully!`);
}

/** Until the kubelet has restarted the whole control plane, ms. */
const RESTARTS = 45_000;

function upgradeControlPlane(call: Call, version: string): void {
  const [apiserver = '', manager = '', scheduler = '', , , , etcd = ''] = imagesOf(version);
  const wanted: [string, string][] = [
    ['etcd', etcd],
    ['kube-apiserver', apiserver],
    ['kube-controller-manager', manager],
    ['kube-scheduler', scheduler],
  ];
  for (const [component, image] of wanted) {
    if (component === 'etcd' && call.host.files.read(`${MANIFESTS}/etcd.yaml`).includes(etcd)) {
      call.out('[upgrade/staticpods] Preparing for "etcd" upgrade');
      call.out('[upgrade/staticpods] Current and new manifests of etcd are equal, skipping upgrade');
    } else upgradeManifest(call, component, image);
  }
  call.wait(RESTARTS);
  if (call.text('certificate-renewal') !== 'false') for (const definition of CERTIFICATES) renew(call.host, definition);
}

/** The add-ons that kubeadm itself keeps. */
function upgradeAddons(call: Call, version: string): void {
  const images = imagesOf(version);
  const { client } = call.host;
  const set = (kind: 'daemonsets.apps' | 'deployments.apps', name: string, image: string) => {
    if (!client.get(kind, 'kube-system', name)) return;
    client.patch(kind, 'kube-system', name, { spec: { template: { spec: { containers: [{ name, image }] } } } });
  };
  set('deployments.apps', 'coredns', images[4]!);
  set('daemonsets.apps', 'kube-proxy', images[3]!);
  call.out('[addons] Applied essential addon: CoreDNS');
  call.out('[addons] Applied essential addon: kube-proxy');
}

const ADDONS = [
  ['all', 'Upgrade all the addons'],
  ['coredns', 'Upgrade the CoreDNS addon'],
  ['kube-proxy', 'Upgrade the kube-proxy addon'],
] as const;

/** The version that an upgrade is to. Throws KubeadmError for what is none. */
function targetOf(given: string | undefined): string {
  if (!given) throw new KubeadmError('missing one or more required arguments. Required arguments: [version]');
  const parts = versionParts(given);
  if (!parts) throw new KubeadmError(`couldn't parse version ${JSON.stringify(given)}`);
  return `v${parts.join('.')}`;
}

function storeConfiguration(call: Call, version: string): void {
  const { client } = call.host;
  const stored = client.get('configmaps', 'kube-system', 'kubeadm-config')!;
  const text = stored.data!.ClusterConfiguration!.replace(/^kubernetesVersion: .*$/m, `kubernetesVersion: ${version}`);
  client.update('configmaps', { ...stored, data: { ...stored.data, ClusterConfiguration: text } });
  call.out(
    '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace',
  );
}

const storeKubelet = (call: Call): void =>
  call.out(
    '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
  );

const kubeletConfig = (call: Call): void => {
  call.out('[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"');
  call.out('[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!');
};

function applyControlPlane(call: Call, version: string): void {
  call.out(
    `[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version ${JSON.stringify(version)} (timeout: 5m0s)...`,
  );
  upgradeControlPlane(call, version);
  call.out('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!');
}

const PHASE_FLAGS = ['config', 'dry-run', 'kubeconfig'];

/** A phase of `upgrade apply` that is run by itself. */
const applied = (
  name: string,
  short: string,
  run: (call: Call, version: string) => void,
  more: string[] = [],
): Command => ({
  name,
  short,
  use: '[version]',
  flags: [...PHASE_FLAGS, ...more],
  maxArgs: 1,
  run(call) {
    const version = targetOf(call.args[0]);
    configuration(call, 'upgrade');
    run(call, version);
  },
});

const applyPhase: Command = {
  name: 'phase',
  short: 'Use this command to invoke single phase of the "apply" workflow',
  commands: [
    {
      name: 'addon',
      short: 'Upgrade the default kubeadm addons',
      commands: ADDONS.map(([name, short]) => applied(name, short, upgradeAddons)),
    },
    applied('bootstrap-token', 'Configures bootstrap token and cluster-info RBAC rules', (call) =>
      call.out('[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules'),
    ),
    applied('control-plane', 'Upgrade the control plane', applyControlPlane, [
      'certificate-renewal',
      'etcd-upgrade',
      'patches',
    ]),
    applied('kubelet-config', 'Upgrade the kubelet configuration for this node', kubeletConfig, ['patches']),
    applied('post-upgrade', 'Run post upgrade tasks', () => {}),
    applied(
      'preflight',
      'Run preflight checks before upgrade',
      (call) => call.out('[upgrade/preflight] Running preflight checks'),
      ['allow-experimental-upgrades', 'allow-release-candidate-upgrades', 'force', 'ignore-preflight-errors', 'yes'],
    ),
    {
      name: 'upload-config',
      aliases: ['uploadconfig'],
      short: 'Upload the kubeadm and kubelet configurations to ConfigMaps',
      commands: [
        applied('all', 'Upload all the configurations to ConfigMaps', (call, version) => {
          storeConfiguration(call, version);
          storeKubelet(call);
        }),
        applied('kubeadm', 'Upload the kubeadm ClusterConfiguration to a ConfigMap', storeConfiguration),
        applied('kubelet', 'Upload the kubelet configuration to a ConfigMap', storeKubelet),
      ],
    },
  ],
};

const apply: Command = {
  name: 'apply',
  short: 'Upgrade your Kubernetes cluster to the specified version',
  use: '[version]',
  flags: [
    ...COMMON,
    'allow-experimental-upgrades',
    'allow-release-candidate-upgrades',
    'certificate-renewal',
    'dry-run',
    'etcd-upgrade',
    'force',
    'patches',
    'print-config',
    'skip-phases',
    'yes',
  ],
  commands: [applyPhase],
  maxArgs: 1,
  run(call) {
    const version = targetOf(call.args[0]);
    configuration(call, 'upgrade');
    call.out('[upgrade/preflight] Running preflight checks');
    call.out('[upgrade] Running cluster health checks');
    call.out(`[upgrade/preflight] You have chosen to upgrade the cluster version to ${JSON.stringify(version)}`);
    call.out(`[upgrade/versions] Cluster version: ${clusterVersion(call)}`);
    call.out(`[upgrade/versions] kubeadm version: ${kubeadmVersion(call)}`);
    const why = hindrance(call, version);
    if (why)
      throw new KubeadmError(
        `error execution phase preflight: the --version argument is invalid due to these fatal errors:\n\n\t- ${why}\n\nPlease fix the misalignments highlighted above and try upgrading again`,
      );
    if (!call.given('yes') && !call.given('force')) {
      call.ask('[upgrade] Are you sure you want to proceed? [y/N]: ');
      if (!/^y(es)?$/i.test(call.context.stdin.split('\n')[0]!.trim()))
        throw new KubeadmError(
          "error execution phase preflight: won't proceed; the user didn't answer (Y|y) in order to continue",
        );
    }
    call.out('[upgrade/preflight] Pulling images required for setting up a Kubernetes cluster');
    call.out('[upgrade/preflight] This might take a minute or two, depending on the speed of your internet connection');
    call.out("[upgrade/preflight] You can also perform this action beforehand using 'kubeadm config images pull'");
    if (call.given('dry-run')) return call.out('[upgrade/successful] Finished dryrunning successfully!');
    applyControlPlane(call, version);
    storeConfiguration(call, version);
    storeKubelet(call);
    kubeletConfig(call);
    call.out('[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules');
    upgradeAddons(call, version);
    call.out('');
    call.out(`[upgrade] SUCCESS! A control plane node of your cluster was upgraded to ${JSON.stringify(version)}.\n`);
    call.out('[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.');
  },
};

const isMaster = ({ host }: Call): boolean => host.files.stat(`${MANIFESTS}/kube-apiserver.yaml`) !== undefined;

/** Connects as `upgrade node` does: with the administrator's kubeconfig on a control plane, with the kubelet's elsewhere. */
function asNode(call: Call): void {
  const own = isMaster(call) ? '/etc/kubernetes/admin.conf' : '/etc/kubernetes/kubelet.conf';
  const path = call.text('kubeconfig') ?? own;
  try {
    kubeconfigServer(call, path);
  } catch (error) {
    throw new KubeadmError(
      `couldn't create a Kubernetes client from file ${JSON.stringify(path)}: ${(error as Error).message}`,
    );
  }
  connect(call, `GET ${CONFIG_MAP}`, path);
  readingConfiguration(call, 'upgrade');
}

const NOT_A_MASTER = 'Skipping phase. Not a control plane node.';

/** The phases of `upgrade node`, in their order. */
const NODE_PHASES: [name: string, short: string, flags: string[], run: (call: Call) => void][] = [
  [
    'preflight',
    'Run upgrade node pre-flight checks',
    ['config', 'ignore-preflight-errors'],
    (call) => {
      call.out('[upgrade/preflight] Running pre-flight checks');
      if (!isMaster(call)) return call.out('[upgrade/preflight] Skipping prepull. Not a control plane node.');
      call.out('[upgrade/preflight] Pulling images required for setting up a Kubernetes cluster');
      call.out(
        '[upgrade/preflight] This might take a minute or two, depending on the speed of your internet connection',
      );
      call.out("[upgrade/preflight] You can also perform this action beforehand using 'kubeadm config images pull'");
    },
  ],
  [
    'control-plane',
    'Upgrade the control plane instance deployed on this node, if any',
    ['certificate-renewal', 'config', 'dry-run', 'etcd-upgrade', 'kubeconfig', 'patches'],
    (call) => {
      if (!isMaster(call)) return call.out(`[upgrade/control-plane] ${NOT_A_MASTER}`);
      call.out(
        `[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version ${JSON.stringify(clusterVersion(call))}...`,
      );
      call.out('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!');
    },
  ],
  [
    'kubeconfig',
    'Upgrade kubeconfig files for this node',
    ['config', 'dry-run', 'kubeconfig'],
    (call) =>
      call.out(
        `[upgrade/kubeconfig] ${isMaster(call) ? 'The kubeconfig files for this node were successfully upgraded!' : NOT_A_MASTER}`,
      ),
  ],
  [
    'kubelet-config',
    'Upgrade the kubelet configuration for this node',
    ['config', 'dry-run', 'kubeconfig', 'patches'],
    (call) => {
      call.out(
        '[upgrade/kubelet-config] Backing up kubelet config file to /etc/kubernetes/tmp/kubeadm-kubelet-config/config.yaml',
      );
      call.out('[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"');
      call.out('[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!');
    },
  ],
  [
    'addon',
    'Upgrade the default kubeadm addons',
    ['config', 'dry-run', 'kubeconfig'],
    (call) => {
      if (isMaster(call))
        return call.out('[upgrade/addon] Skipping upgrade of addons because control plane instances are not upgraded');
      call.out('[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.');
      call.out('[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.');
    },
  ],
  ['post-upgrade', 'Run post upgrade tasks', ['config', 'dry-run', 'kubeconfig'], () => {}],
];

const nodePhase: Command = {
  name: 'phase',
  short: 'Use this command to invoke single phase of the "node" workflow',
  commands: NODE_PHASES.map(([name, short, flags, run]): Command => {
    const whole = (call: Call) => {
      asNode(call);
      run(call);
    };
    const command = { name, short, ...(name === 'kubeconfig' && { hidden: true }) };
    if (name !== 'addon') return { ...command, flags, maxArgs: 0, run: whole };
    return {
      ...command,
      commands: ADDONS.map(([part, what]) => ({ name: part, short: what, flags, maxArgs: 0, run: whole })),
    };
  }).sort((a, b) => (a.name < b.name ? -1 : 1)),
};

const node: Command = {
  name: 'node',
  short: 'Upgrade commands for a node in the cluster',
  flags: [...COMMON, 'certificate-renewal', 'dry-run', 'etcd-upgrade', 'patches', 'skip-phases'],
  commands: [nodePhase],
  maxArgs: 0,
  run(call) {
    asNode(call);
    const skipped = new Set(call.list('skip-phases') ?? []);
    for (const [name, , , run] of NODE_PHASES) if (!skipped.has(name)) run(call);
  },
};

const diff: Command = {
  name: 'diff',
  short:
    'Show what differences would be applied to existing static pod manifests. See also: kubeadm upgrade apply --dry-run',
  use: '[version] [flags]',
  flags: [...COMMON],
  maxArgs: 1,
  run(call) {
    configuration(call, 'upgrade/diff');
    const version = call.args[0] ?? kubeadmVersion(call);
    for (const component of CONTROL_PLANE) {
      const path = `${MANIFESTS}/${component}.yaml`;
      const line =
        call.host.files
          .read(path)
          .split('\n')
          .find((text) => /^\s*(- )?image:/.test(text)) ?? '';
      const wanted = line.replace(/:[^:]*$/, `:${version}`);
      if (line === wanted) continue;
      call.out(`--- ${path}\n+++ new manifest\n-${line}\n+${wanted}`);
    }
  },
};

export const upgrade: Command = {
  name: 'upgrade',
  short: 'Upgrade your cluster smoothly to a newer version with this command',
  commands: [apply, diff, node, plan],
};
