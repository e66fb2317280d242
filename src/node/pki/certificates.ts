/** The certificates that kubeadm 1.33 keeps on a control-plane machine. Source: cmd/kubeadm/app/phases/certs and phases/kubeconfig. */

export const PKI = '/etc/kubernetes/pki';
export const KUBERNETES = '/etc/kubernetes';

export interface AuthorityDefinition {
  name: string;
  /** Below PKI, without its extension. */
  base: string;
  commonName: string;
}

export const AUTHORITIES: AuthorityDefinition[] = [
  { name: 'ca', base: 'ca', commonName: 'kubernetes' },
  { name: 'etcd-ca', base: 'etcd/ca', commonName: 'etcd-ca' },
  { name: 'front-proxy-ca', base: 'front-proxy-ca', commonName: 'front-proxy-ca' },
];

export interface CertificateDefinition {
  /** As `kubeadm certs` calls it. */
  name: string;
  /** What `kubeadm certs renew` says of it. */
  what: string;
  authority: string;
  /** Below PKI, without its extension; a kubeconfig's name below /etc/kubernetes when it ends so. */
  base: string;
  /** `{node}` stands for the machine's name. */
  commonName: string;
  organizations?: string[];
  server?: boolean;
  client?: boolean;
}

/** In the order in which kubeadm lists them. */
export const CERTIFICATES: CertificateDefinition[] = [
  {
    name: 'admin.conf',
    what: 'embedded in the kubeconfig file for the admin to use and for kubeadm itself',
    authority: 'ca',
    base: 'admin.conf',
    commonName: 'kubernetes-admin',
    organizations: ['kubeadm:cluster-admins'],
    client: true,
  },
  {
    name: 'apiserver',
    what: 'for serving the Kubernetes API',
    authority: 'ca',
    base: 'apiserver',
    commonName: 'kube-apiserver',
    server: true,
  },
  {
    name: 'apiserver-etcd-client',
    what: 'the apiserver uses to access etcd',
    authority: 'etcd-ca',
    base: 'apiserver-etcd-client',
    commonName: 'kube-apiserver-etcd-client',
    client: true,
  },
  {
    name: 'apiserver-kubelet-client',
    what: 'for the API server to connect to kubelet',
    authority: 'ca',
    base: 'apiserver-kubelet-client',
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['kubeadm:cluster-admins'],
    client: true,
  },
  {
    name: 'controller-manager.conf',
    what: 'embedded in the kubeconfig file for the controller manager to use',
    authority: 'ca',
    base: 'controller-manager.conf',
    commonName: 'system:kube-controller-manager',
    client: true,
  },
  {
    name: 'etcd-healthcheck-client',
    what: 'for liveness probes to healthcheck etcd',
    authority: 'etcd-ca',
    base: 'etcd/healthcheck-client',
    commonName: 'kube-etcd-healthcheck-client',
    client: true,
  },
  {
    name: 'etcd-peer',
    what: 'for etcd nodes to communicate with each other',
    authority: 'etcd-ca',
    base: 'etcd/peer',
    commonName: '{node}',
    server: true,
    client: true,
  },
  {
    name: 'etcd-server',
    what: 'for serving etcd',
    authority: 'etcd-ca',
    base: 'etcd/server',
    commonName: '{node}',
    server: true,
    client: true,
  },
  {
    name: 'front-proxy-client',
    what: 'for the front proxy client',
    authority: 'front-proxy-ca',
    base: 'front-proxy-client',
    commonName: 'front-proxy-client',
    client: true,
  },
  {
    name: 'scheduler.conf',
    what: 'embedded in the kubeconfig file for the scheduler manager to use',
    authority: 'ca',
    base: 'scheduler.conf',
    commonName: 'system:kube-scheduler',
    client: true,
  },
  {
    name: 'super-admin.conf',
    what: 'embedded in the kubeconfig file for the super-admin',
    authority: 'ca',
    base: 'super-admin.conf',
    commonName: 'kubernetes-super-admin',
    organizations: ['system:masters'],
    client: true,
  },
];

export const isKubeconfig = ({ base }: CertificateDefinition): boolean => base.endsWith('.conf');

/** Where a certificate is kept: a kubeconfig, or a PEM file. */
export const certificatePath = (definition: CertificateDefinition): string =>
  isKubeconfig(definition) ? `${KUBERNETES}/${definition.base}` : `${PKI}/${definition.base}.crt`;
