import { isControlPlane } from '../api-server.ts';
import type { NodeHost } from '../host.ts';
import { cniFiles } from './cni.ts';
import { etcFiles } from './etc.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { logFiles } from './logs.ts';
import { pkiFiles } from './pki.ts';
import { procFiles } from './proc.ts';
import type { FileSource } from './rendered.ts';
import { sysFiles } from './sys.ts';

/** A file that is made when it is read. */
export type Rendered = () => string;

/** Files of a machine by absolute path; a value that begins with `->` is a symbolic link. */
export type FileTable = Record<string, Rendered>;

/** What a kubelet makes for itself and its plugins. */
const KUBELET_FOLDERS = ['checkpoints', 'device-plugins', 'plugins', 'plugins_registry', 'pod-resources', 'pods'].map(
  (name) => `/var/lib/kubelet/${name}`,
);

/** Who makes what is on a machine's disk before anybody has changed it: the operating system, systemd and Kubernetes. */
export function nodeSources(host: NodeHost): FileSource[] {
  const units = [host.machine.unitFolder, '/etc/systemd/system'];
  const own = isControlPlane(host);
  const kubernetes = [
    '/etc/kubernetes/manifests',
    '/var/lib/kubelet',
    ...KUBELET_FOLDERS,
    ...(own ? ['/var/lib/etcd'] : []),
  ];
  const pki = ['/etc/kubernetes', '/var/lib/kubelet/pki', ...(own ? ['/root/.kube'] : [])];
  return [
    { folders: ['/', ...units], files: () => etcFiles(host) },
    { folders: ['/etc/cni'], files: () => cniFiles(host) },
    { folders: [...kubernetes, ...units], files: () => kubernetesFiles(host) },
    { folders: ['/var/log'], files: () => logFiles(host) },
    { folders: pki, files: () => pkiFiles(host) },
    { folders: ['/proc'], files: () => procFiles(host) },
    { folders: ['/sys'], files: () => sysFiles(host) },
  ];
}

/** All of it in one table. */
export const nodeFiles = (host: NodeHost): FileTable =>
  Object.assign({}, ...nodeSources(host).map(({ files }) => files())) as FileTable;
