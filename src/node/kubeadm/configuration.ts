import { emitYaml } from '../../base/yaml/emit.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import type { NodeHost } from '../host.ts';
import { KubeadmError } from './cobra.ts';

export const API_VERSION = 'kubeadm.k8s.io/v1beta4';
export const SOCKET = 'unix:///var/run/containerd/containerd.sock';
type Document = Record<string, unknown>;

export const TIMEOUTS = {
  controlPlaneComponentHealthCheck: '4m0s',
  discovery: '5m0s',
  etcdAPICall: '2m0s',
  kubeletHealthCheck: '4m0s',
  kubernetesAPICall: '1m0s',
  tlsBootstrap: '5m0s',
  upgradeManifests: '5m0s',
};

const registration = (name: string, taints: unknown): Document => ({
  criSocket: SOCKET,
  imagePullPolicy: 'IfNotPresent',
  imagePullSerial: true,
  name,
  taints,
});

export const initConfiguration = (token: string, address: string, name: string, taints: unknown): Document => ({
  apiVersion: API_VERSION,
  bootstrapTokens: [
    {
      groups: ['system:bootstrappers:kubeadm:default-node-token'],
      token,
      ttl: '24h0m0s',
      usages: ['signing', 'authentication'],
    },
  ],
  kind: 'InitConfiguration',
  localAPIEndpoint: { advertiseAddress: address, bindPort: 6443 },
  nodeRegistration: registration(name, taints),
  timeouts: TIMEOUTS,
});

export const clusterConfiguration = (version: string): Document => ({
  apiServer: {},
  apiVersion: API_VERSION,
  caCertificateValidityPeriod: '87600h0m0s',
  certificateValidityPeriod: '8760h0m0s',
  certificatesDir: '/etc/kubernetes/pki',
  clusterName: 'kubernetes',
  controllerManager: {},
  dns: {},
  encryptionAlgorithm: 'RSA-2048',
  etcd: { local: { dataDir: '/var/lib/etcd' } },
  imageRepository: 'registry.k8s.io',
  kind: 'ClusterConfiguration',
  kubernetesVersion: version,
  networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
  proxy: {},
  scheduler: {},
});

const pulling = { imagePullPolicy: 'IfNotPresent', imagePullSerial: true };
const renewing = { certificateRenewal: true, etcdUpgrade: true, ...pulling };

/** What `kubeadm config print` prints, by its subcommand. */
export const DEFAULTS: Record<string, () => Document[]> = {
  'init-defaults': () => [
    initConfiguration('abcdef.0123456789abcdef', '1.2.3.4', 'node', null),
    clusterConfiguration('1.33.0'),
  ],
  'join-defaults': () => [
    {
      apiVersion: API_VERSION,
      caCertPath: '/etc/kubernetes/pki/ca.crt',
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: 'kube-apiserver:6443',
          token: 'abcdef.0123456789abcdef',
          unsafeSkipCAVerification: true,
        },
        tlsBootstrapToken: 'abcdef.0123456789abcdef',
      },
      kind: 'JoinConfiguration',
      nodeRegistration: registration('node', null),
      timeouts: TIMEOUTS,
    },
  ],
  'reset-defaults': () => [
    {
      apiVersion: API_VERSION,
      certificatesDir: '/etc/kubernetes/pki',
      criSocket: SOCKET,
      kind: 'ResetConfiguration',
      timeouts: TIMEOUTS,
    },
  ],
  'upgrade-defaults': () => [
    {
      apiVersion: API_VERSION,
      apply: renewing,
      diff: {},
      kind: 'UpgradeConfiguration',
      node: renewing,
      plan: { etcdUpgrade: true },
      timeouts: TIMEOUTS,
    },
  ],
};

export const printDocuments = (documents: Document[]): string =>
  documents.map((document) => emitYaml(document)).join('---\n');

/** Fields that each kind has. Source: kubeadm/app/apis/kubeadm/v1beta4/types.go. */
const FIELDS: Record<string, string> = {
  ClusterConfiguration:
    'etcd networking kubernetesVersion controlPlaneEndpoint apiServer controllerManager scheduler dns proxy certificatesDir imageRepository featureGates clusterName encryptionAlgorithm certificateValidityPeriod caCertificateValidityPeriod',
  InitConfiguration:
    'bootstrapTokens dryRun nodeRegistration localAPIEndpoint certificateKey skipPhases patches timeouts',
  JoinConfiguration: 'dryRun nodeRegistration caCertPath discovery controlPlane skipPhases patches timeouts',
  ResetConfiguration:
    'certificatesDir cleanupTmpDir criSocket dryRun force ignorePreflightErrors skipPhases unmountFlags timeouts',
  UpgradeConfiguration: 'apply diff node plan timeouts',
};

/** Reads a configuration file of kubeadm; throws KubeadmError for one that cannot be read, or has a field that it does not know. */
export async function readConfiguration(host: NodeHost, path: string): Promise<Document[]> {
  let text: string;
  try {
    text = host.files.read(path);
  } catch {
    throw new KubeadmError(`open ${path}: no such file or directory`);
  }
  const documents: Document[] = [];
  for (const part of text.split(/^---\s*$/m).filter((piece) => piece.trim()))
    documents.push((await parseYaml(part)) as Document);
  for (const document of documents) {
    const [group = '', version = ''] = String(document.apiVersion ?? '').split('/');
    const kind = String(document.kind);
    const known = FIELDS[kind];
    if (!known || version !== 'v1beta4') continue;
    const unknown = Object.keys(document).find((field) => !['apiVersion', 'kind', ...known.split(' ')].includes(field));
    if (unknown)
      throw new KubeadmError(
        `error unmarshaling configuration schema.GroupVersionKind{Group:${JSON.stringify(group)}, Version:${JSON.stringify(version)}, Kind:${JSON.stringify(kind)}}: strict decoding error: unknown field ${JSON.stringify(unknown)}`,
      );
  }
  return documents;
}

/** The document of a kind among those of a file. */
export const ofKind = (documents: Document[], kind: string): Document | undefined =>
  documents.find((document) => document.kind === kind);

/** Arguments of a component as v1beta4 lists them; older versions had a map. */
function extraArgs(component: unknown): unknown {
  const { extraArgs: given, ...rest } = (component ?? {}) as { extraArgs?: Record<string, string> | unknown[] };
  if (!given) return rest;
  const list = Array.isArray(given) ? given : Object.entries(given).map(([name, value]) => ({ name, value }));
  return { extraArgs: list, ...rest };
}

/** A configuration as the newest version of kubeadm's API has it, with all defaults. */
export function migrated(host: NodeHost, documents: Document[], token: string): Document[] {
  const cluster = ofKind(documents, 'ClusterConfiguration') ?? {};
  const init = ofKind(documents, 'InitConfiguration') ?? {};
  const { apiVersion: _, kind: __, apiServer, controllerManager, scheduler, networking, ...own } = cluster;
  const { apiVersion: ___, kind: ____, ...ownInit } = init;
  const base = clusterConfiguration(host.record().kubeletVersion);
  const taint = { effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' };
  return [
    { ...initConfiguration(token, host.record().internalIP, host.name, [taint]), ...ownInit },
    {
      ...base,
      ...own,
      apiServer: extraArgs(apiServer),
      controllerManager: extraArgs(controllerManager),
      scheduler: extraArgs(scheduler),
      networking: { ...(base.networking as object), ...(networking as object) },
    },
  ];
}
