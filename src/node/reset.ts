import { RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { NodeHost } from './host.ts';

const FOLDERS = ['/etc/kubernetes/manifests', '/etc/kubernetes/pki', '/var/lib/kubelet', '/var/lib/etcd'];
const KUBECONFIGS = ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler'];

/** What `kubeadm reset` leaves of a machine: no kubelet, no containers, none of kubeadm's files. */
export function dropMachine(host: NodeHost): void {
  const { files, state } = host;
  for (const folder of FOLDERS) {
    if (files.stat(folder)?.type !== 'directory') continue;
    for (const name of files.list(folder)) files.remove(`${folder}/${name}`, { recursive: true });
  }
  for (const name of KUBECONFIGS)
    if (files.stat(`/etc/kubernetes/${name}.conf`)) files.remove(`/etc/kubernetes/${name}.conf`);
  host.setRecord({ joined: false, kubelet: { active: false, since: host.now() } });
  for (const name of [RUNTIME_SECTIONS.containers, RUNTIME_SECTIONS.sandboxes]) {
    const section = state.section(name);
    for (const key of section.keys(`${host.name}/`)) section.delete(key);
  }
  host.changed('reset');
}
