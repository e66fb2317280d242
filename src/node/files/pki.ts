import { createPublicKey } from 'node:crypto';
import { readAsset } from '../../base/assets.ts';
import { isControlPlane } from '../api-server.ts';
import type { NodeHost } from '../host.ts';
import { AUTHORITIES, CERTIFICATES, certificatePath, isKubeconfig, PKI } from '../pki/certificates.ts';
import { authorityCertificate, authorityKey, issue, issueDefined, leafKey } from '../pki/issue.ts';
import { kubeletKubeconfig, userKubeconfig } from '../pki/kubeconfig.ts';
import type { FileTable } from './index.ts';

/** The certificates, keys and kubeconfigs that kubeadm and the kubelet keep on a machine. */
export function pkiFiles(host: NodeHost): FileTable {
  const at = host.record().bootedAt;
  const client = () =>
    issue({
      authority: 'ca',
      commonName: `system:node:${host.name}`,
      organizations: ['system:nodes'],
      client: true,
      at,
    });
  const dated = `kubelet-client-${new Date(at).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '-')}.pem`;
  return {
    [`${PKI}/ca.crt`]: () => authorityCertificate('ca', at),
    '/etc/kubernetes/kubelet.conf': () => kubeletKubeconfig(host),
    '/var/lib/kubelet/pki/kubelet-client-current.pem': () => `->/var/lib/kubelet/pki/${dated}`,
    [`/var/lib/kubelet/pki/${dated}`]: () => client() + leafKey(),
    '/var/lib/kubelet/pki/kubelet.crt': () =>
      issue({
        authority: 'ca',
        commonName: `${host.name}@${Math.floor(at / 1000)}`,
        server: true,
        dns: [host.name],
        at,
      }),
    '/var/lib/kubelet/pki/kubelet.key': leafKey,
    ...(isControlPlane(host) && controlPlaneFiles(host, at)),
  };
}

function controlPlaneFiles(host: NodeHost, at: number): FileTable {
  const files: FileTable = {
    [`${PKI}/sa.key`]: () => readAsset('fixtures/pki/sa.key'),
    [`${PKI}/sa.pub`]: () =>
      String(createPublicKey(readAsset('fixtures/pki/sa.key')).export({ type: 'spki', format: 'pem' })),
  };
  for (const { name, base } of AUTHORITIES) {
    files[`${PKI}/${base}.crt`] = () => authorityCertificate(name, at);
    files[`${PKI}/${base}.key`] = () => authorityKey(name);
  }
  for (const definition of CERTIFICATES) {
    const certificate = () => issueDefined(host, definition, at);
    if (isKubeconfig(definition))
      files[certificatePath(definition)] = () => userKubeconfig(host, definition.commonName, certificate());
    else {
      files[certificatePath(definition)] = certificate;
      files[`${PKI}/${definition.base}.key`] = leafKey;
    }
  }
  files['/root/.kube/config'] = () => files['/etc/kubernetes/admin.conf']!();
  return files;
}
