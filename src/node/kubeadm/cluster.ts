import { dialFailure } from '../api-server.ts';
import { type Call, KubeadmError } from './cobra.ts';

const ADMIN = '/etc/kubernetes/admin.conf';

/** The server that a kubeconfig on the machine names. Throws KubeadmError in kubeadm's words when it cannot be read. */
export function kubeconfigServer({ host }: Pick<Call, 'host'>, path: string): string {
  let text: string;
  try {
    text = host.files.read(path);
  } catch {
    throw new KubeadmError(`failed to load admin kubeconfig: open ${path}: no such file or directory`);
  }
  return /^\s*server:\s*(\S+)/m.exec(text)?.[1] ?? host.apiServer().url;
}

/** The kubeconfig that a command talks to the cluster with: the one given, kubeadm's own, or the user's. */
export function chosenKubeconfig(call: Call): string {
  const given = call.text('kubeconfig');
  if (given) return given;
  return call.host.files.stat(ADMIN) ? ADMIN : `${call.context.env.HOME ?? '/root'}/.kube/config`;
}

/** Checks that the cluster can be reached; `asking` is the request that fails otherwise: `GET /api/v1/…`. */
export function connect(call: Call, asking: string, path = chosenKubeconfig(call)): void {
  const server = kubeconfigServer(call, path);
  const failure = dialFailure(call.host, server);
  const [verb = '', target = ''] = asking.split(' ');
  if (failure) throw new KubeadmError(`${verb[0]}${verb.slice(1).toLowerCase()} "${server}${target}": ${failure}`);
}

/** kubeadm's own version on the machine. */
export const kubeadmVersion = ({ host }: Pick<Call, 'host'>): string =>
  host.record().kubeadmVersion ?? host.record().kubeletVersion;

/** The version of the control plane: that of its API server's manifest. */
export function clusterVersion({ host }: Pick<Call, 'host'>): string {
  const pod = host.list('pods', 'kube-system').find(({ metadata }) => metadata.labels?.component === 'kube-apiserver');
  return pod?.spec?.containers[0]?.image?.split(':').at(-1) ?? host.record().kubeletVersion;
}

/** `v1.33.13` → [1, 33, 13]; undefined if it is no version. */
export function versionParts(text: string): [number, number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-[\w.]+)?$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** The version that a configuration or flag asks for, as `v1.33.0`. Throws KubeadmError for what kubeadm cannot deploy. */
export function wantedVersion(call: Call, text: string | undefined, converting = false): string {
  if (text === undefined || /^stable/.test(text)) return kubeadmVersion(call);
  const parts = versionParts(text);
  if (!parts)
    throw new KubeadmError(
      `version ${JSON.stringify(text)} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    );
  const [, own = 0] = versionParts(kubeadmVersion(call)) ?? [];
  if (parts[0] !== 1 || parts[1] < own - 1) {
    const message = `this version of kubeadm only supports deploying clusters with the control plane version >= 1.${own - 1}.0. Current version: ${text}`;
    throw new KubeadmError(converting ? `could not convert cfg to an internal cfg: ${message}` : message);
  }
  return `v${parts.join('.')}`;
}

/** Images of a control plane of that version, in kubeadm's order. */
export function imagesOf(version: string, repository = 'registry.k8s.io'): string[] {
  const minor = versionParts(version)?.[1] ?? 33;
  const [coredns, pause, etcd] = minor >= 34 ? ['v1.12.1', '3.10.1', '3.6.5-0'] : ['v1.12.0', '3.10', '3.5.24-0'];
  const own = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'];
  const dns = repository === 'registry.k8s.io' ? 'coredns/coredns' : 'coredns';
  return [...own.map((name) => `${name}:${version}`), `${dns}:${coredns}`, `pause:${pause}`, `etcd:${etcd}`].map(
    (name) => `${repository}/${name}`,
  );
}

/** The two lines with which a phase tells that it looks for kubeadm's configuration. */
export function readingConfiguration(call: Call, phase: string): void {
  call.out(`[${phase}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...`);
  call.out(`[${phase}] Use 'kubeadm init phase upload-config --config your-config-file' to re-upload it.`);
}

/** Whether kubeadm's configuration is in the cluster. */
export const hasConfiguration = ({ host }: Pick<Call, 'host'>): boolean =>
  host.get('configmaps', 'kube-system', 'kubeadm-config') !== undefined;
