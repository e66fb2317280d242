/** A flag of kubeadm: its type (booleans have none), default as help shows it, and what it is for. */
export interface Flag {
  short?: string;
  type?: 'string' | 'strings' | 'int32' | 'duration' | 'Level';
  default?: string;
  usage: string;
}

/** Every flag by name: a command lists the names of its own. Source: cmd/kubeadm/app/cmd. */
export const FLAGS: Record<string, Flag> = {
  'add-dir-header': { usage: 'Put the directory of the source into the header of log messages' },
  'allow-experimental-upgrades': { usage: 'Offer versions that are not stable, such as alphas and betas' },
  'allow-missing-template-keys': { default: 'true', usage: 'Ignore fields that a template names and the output lacks' },
  'allow-release-candidate-upgrades': { usage: 'Offer release candidates' },
  'apiserver-advertise-address': { type: 'string', usage: 'The address that the API server tells others to use' },
  'apiserver-extra-args': { type: 'string', usage: 'More flags of the API server: <flagname>=<value>' },
  'apiserver-bind-port': { type: 'int32', default: '6443', usage: 'The port of the API server' },
  'apiserver-cert-extra-sans': { type: 'strings', usage: "More names for the API server's certificate" },
  'cert-dir': { type: 'string', default: '"/etc/kubernetes/pki"', usage: 'Where certificates are kept' },
  'certificate-key': { type: 'string', usage: 'The key that the shared certificates are encrypted with' },
  'certificate-renewal': { default: 'true', usage: 'Renew the certificates of the components that change' },
  'cleanup-tmp-dir': { usage: 'Empty /etc/kubernetes/tmp' },
  'client-name': { type: 'string', usage: 'The name of the user: the CN of the certificate' },
  config: { type: 'string', usage: 'A kubeadm configuration file' },
  'controller-manager-extra-args': {
    type: 'string',
    usage: 'More flags of the controller manager: <flagname>=<value>',
  },
  'control-plane': { usage: 'Make this node one more of the control plane' },
  'control-plane-endpoint': { type: 'string', usage: 'A stable address or name of the control plane' },
  'cri-socket': { type: 'string', usage: "The runtime's socket, where there are several" },
  description: { type: 'string', usage: 'What the token is for' },
  'discovery-file': { type: 'string', usage: 'A file or URL with what is known of the cluster' },
  'discovery-token': { type: 'string', usage: 'The token by which the cluster is recognised' },
  'discovery-token-ca-cert-hash': {
    type: 'strings',
    usage: "Hashes that the cluster's authority must have (<type>:<value>)",
  },
  'discovery-token-unsafe-skip-ca-verification': { usage: 'Take any authority' },
  'dry-run': { usage: 'Change nothing, tell what would be done' },
  'etcd-upgrade': { default: 'true', usage: 'Upgrade etcd too' },
  'feature-gates': { type: 'string', usage: 'Features to switch: key=value pairs' },
  force: { short: 'f', usage: 'Ask nothing' },
  groups: {
    type: 'strings',
    default: '[system:bootstrappers:kubeadm:default-node-token]',
    usage: 'Groups of whoever uses the token',
  },
  help: { short: 'h', usage: 'help for {command}' },
  'ignore-preflight-errors': { type: 'strings', usage: 'Checks that only warn: Swap, NumCPU, all' },
  'image-repository': { type: 'string', default: '"registry.k8s.io"', usage: 'Where the images come from' },
  kubeconfig: {
    type: 'string',
    default: '"/etc/kubernetes/admin.conf"',
    usage: 'The kubeconfig to talk to the cluster with',
  },
  'kubeconfig-dir': { type: 'string', default: '"/etc/kubernetes"', usage: 'Where the kubeconfig files are kept' },
  'kubernetes-version': { type: 'string', default: '"stable-1"', usage: 'The version of the control plane' },
  'new-config': { type: 'string', usage: 'Where the new configuration is written' },
  'node-name': { type: 'string', usage: 'The name of this node' },
  'old-config': { type: 'string', usage: 'The configuration to convert' },
  'component-configs': { type: 'strings', usage: 'Configurations of components to print too' },
  org: { type: 'strings', usage: 'Groups of the user: the O of the certificate' },
  output: { short: 'o', type: 'string', default: '"text"', usage: 'text, json, yaml, a template or a jsonpath' },
  patches: { type: 'string', usage: 'A folder with patches of what kubeadm makes' },
  'pod-network-cidr': { type: 'string', usage: 'The addresses of pods' },
  'print-config': { usage: 'Print the configuration that is used' },
  'print-manifest': { usage: 'Print the manifests of the add-on, and install nothing' },
  'print-join-command': { usage: 'Print the whole command that joins a node' },
  rootfs: { type: 'string', usage: 'The root of the real host, to chroot into' },
  'scheduler-extra-args': { type: 'string', usage: 'More flags of the scheduler: <flagname>=<value>' },
  'service-cidr': { type: 'string', default: '"10.96.0.0/12"', usage: 'The addresses of services' },
  'service-dns-domain': { type: 'string', default: '"cluster.local"', usage: 'The domain of services' },
  'show-managed-fields': { usage: 'Keep managedFields in JSON and YAML' },
  'skip-certificate-key-print': { usage: 'Do not print the key of the shared certificates' },
  'skip-headers': { usage: 'Leave out the header of log messages' },
  'skip-phases': { type: 'strings', usage: 'Phases to leave out' },
  'skip-token-print': { usage: 'Do not print the token' },
  'tls-bootstrap-token': { type: 'string', usage: 'The token by which the node is let in' },
  token: { type: 'string', usage: 'The token for discovery and for the node' },
  'token-ttl': { type: 'duration', default: '24h0m0s', usage: 'How long the token is valid; 0 is for ever' },
  ttl: { type: 'duration', default: '24h0m0s', usage: 'How long the token is valid; 0 is for ever' },
  'upload-certs': { usage: 'Keep the certificates of the control plane in a secret' },
  usages: { type: 'strings', default: '[signing,authentication]', usage: 'What the token is good for' },
  v: { short: 'v', type: 'Level', usage: 'How much is logged' },
  'validity-period': { type: 'duration', default: '8760h0m0s', usage: 'How long the certificate is valid' },
  yes: { short: 'y', usage: 'Ask nothing' },
};

/** Flags that every command has. */
export const GLOBAL_FLAGS = ['add-dir-header', 'rootfs', 'skip-headers', 'v'];
