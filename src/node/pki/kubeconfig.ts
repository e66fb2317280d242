import { readAsset } from '../../base/assets.ts';
import { emitYaml } from '../../base/yaml/emit.ts';
import type { NodeHost } from '../host.ts';
import { authorityCertificate, leafKey } from './issue.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig as kubeadm writes it: one cluster, one user with an embedded certificate (PEM). */
export function userKubeconfig(host: NodeHost, user: string, certificate: string, cluster = 'kubernetes'): string {
  return emitYaml({
    apiVersion: 'v1',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': base64(authorityCertificate('ca', 0)),
          server: host.apiServer().url,
        },
        name: cluster,
      },
    ],
    contexts: [{ context: { cluster, user }, name: `${user}@${cluster}` }],
    'current-context': `${user}@${cluster}`,
    kind: 'Config',
    preferences: {},
    users: [
      { name: user, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(leafKey()) } },
    ],
  });
}

/** The kubelet's own kubeconfig, whose certificate is in a file that it renews. */
export function kubeletKubeconfig(host: NodeHost): string {
  const pem = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  return emitYaml({
    apiVersion: 'v1',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': base64(readAsset('fixtures/pki/ca.crt')),
          server: host.apiServer().url,
        },
        name: 'default-cluster',
      },
    ],
    contexts: [
      { context: { cluster: 'default-cluster', namespace: 'default', user: 'default-auth' }, name: 'default-context' },
    ],
    'current-context': 'default-context',
    kind: 'Config',
    preferences: {},
    users: [{ name: 'default-auth', user: { 'client-certificate': pem, 'client-key': pem } }],
  });
}
