import { parseTime } from '../../../base/time.ts';
import { dialFailure } from '../../api-server.ts';
import { readingConfiguration } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { failPreflight } from './init.ts';
import { authorityHash, tokensOf } from './token.ts';

const isToken = (text: string): boolean => /^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(text);

const refused = (problems: string[]): KubeadmError =>
  new KubeadmError(problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]!, 3);

/** Refuses what kubeadm's validation of a JoinConfiguration refuses. */
function validate(call: Call, endpoint: string | undefined, token: string): void {
  const file = call.text('discovery-file');
  if (!file && !endpoint) throw refused(['discovery: Invalid value: "": bootstrapToken or file must be set']);
  if (file) return;
  const problems: string[] = [];
  const field = 'discovery.bootstrapToken';
  if (!call.list('discovery-token-ca-cert-hash') && !call.given('discovery-token-unsafe-skip-ca-verification'))
    problems.push(
      `${field}.caCertHashes: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue`,
    );
  if (!isToken(token))
    problems.push(`${field}.token: Invalid value: ${JSON.stringify(token)}: the bootstrap token is invalid`);
  if (!endpoint!.includes(':'))
    problems.push(
      `${field}.apiServerEndpoint: Invalid value: ${JSON.stringify(endpoint)}: address ${endpoint}: missing port in address`,
    );
  if (!isToken(call.text('tls-bootstrap-token') ?? token))
    problems.push(
      `discovery.tlsBootstrapToken: Invalid value: ${JSON.stringify(call.text('tls-bootstrap-token') ?? token)}: the bootstrap token is invalid`,
    );
  if (problems.length > 0) throw refused(problems);
}

/** Finds the cluster as a token's holder does; throws what kubeadm says in the end of one that it cannot trust. */
function discover(call: Call, endpoint: string, token: string): void {
  const { host } = call;
  const identity = "error execution phase preflight: couldn't validate the identity of the API Server:";
  const failure = dialFailure(host, `https://${endpoint}`);
  if (failure)
    throw new KubeadmError(
      `${identity} failed to request the cluster-info ConfigMap: Get "https://${endpoint}/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": ${failure}`,
    );
  const [id] = token.split('.');
  const known = tokensOf(call).find((one) => one.token.startsWith(`${id}.`));
  const valid = known && (!known.expires || parseTime(known.expires) > host.now());
  if (!valid)
    throw new KubeadmError(
      `${identity} could not find a JWS signature in the cluster-info ConfigMap for token ID ${JSON.stringify(id)}`,
    );
  if (known.token !== token)
    throw new KubeadmError(
      `${identity} failed to verify JWS signature of received cluster info object, can't trust this API Server`,
    );
  const hashes = call.list('discovery-token-ca-cert-hash');
  if (hashes && !hashes.includes(authorityHash(call)))
    throw new KubeadmError(
      `${identity} cluster CA found in cluster-info ConfigMap is invalid: none of the public keys ${JSON.stringify(authorityHash(call))} are pinned`,
    );
}

/** What kubeadm and the kubelet's bootstrap write on a machine that joins. */
function writeFiles({ host }: Call): void {
  const { shipped, files } = host;
  for (const path of Object.keys(shipped).filter((each) =>
    /^\/var\/lib\/kubelet\/|^\/etc\/kubernetes\/(kubelet\.conf|pki\/ca\.crt)$/.test(each),
  )) {
    const text = shipped[path]!();
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!files.stat(folder)) files.makeDir(folder);
    if (files.stat(path)) continue;
    if (text.startsWith('->')) files.symlink(text.slice(2), path);
    else files.write(path, text);
  }
}

/** Refuses a command line that joins nothing; answers where the cluster is, and the token. */
function discovery(call: Call): { endpoint: string | undefined; token: string } {
  const [endpoint] = call.args;
  const token = call.text('discovery-token') ?? call.text('token') ?? '';
  validate(call, endpoint, token);
  return { endpoint, token };
}

function preflight(call: Call): void {
  const { host } = call;
  const { endpoint, token } = discovery(call);
  if (call.given('control-plane'))
    throw new KubeadmError(
      "error execution phase preflight: \nOne or more conditions for hosting a new control plane instance is not satisfied.\n\nunable to add a new control plane instance to a cluster that doesn't have a stable controlPlaneEndpoint address\n\nPlease ensure that:\n* The cluster has a stable controlPlaneEndpoint address.\n* The certificates that must be shared among control plane instances are provided.\n\n",
    );
  call.out('[preflight] Running pre-flight checks');
  const there = (path: string) =>
    host.files.stat(path) ? [`\t[ERROR FileAvailable-${path.replaceAll('/', '-')}]: ${path} already exists`] : [];
  failPreflight(call, [
    ...there('/etc/kubernetes/kubelet.conf'),
    ...(host.record().kubelet.active ? ['\t[ERROR Port-10250]: Port 10250 is in use'] : []),
    ...there('/etc/kubernetes/pki/ca.crt'),
  ]);
  if (endpoint) discover(call, endpoint, token);
  readingConfiguration(call, 'preflight');
}

function startKubelet(call: Call): void {
  const { host } = call;
  call.out('[kubelet-start] Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"');
  call.out('[kubelet-start] Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"');
  call.out('[kubelet-start] Starting the kubelet');
  call.out('[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s');
  call.out('[kubelet-check] The kubelet is healthy after 501.216ms');
  call.out('[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap');
  writeFiles(call);
  host.setRecord({ joined: true, kubelet: { active: true, since: host.now() } });
  host.changed('unit/kubelet');
}

const DISCOVERY = [
  'config',
  'discovery-file',
  'discovery-token',
  'discovery-token-ca-cert-hash',
  'discovery-token-unsafe-skip-ca-verification',
  'dry-run',
  'tls-bootstrap-token',
  'token',
];
const ADVERTISED = ['apiserver-advertise-address', 'apiserver-bind-port'];

/** A phase; those of a control plane do nothing on a worker. */
const leaf = (name: string, short: string, flags: string[], run: Command['run'], use?: string): Command => ({
  name,
  short,
  flags,
  run,
  ...(use && { use }),
  maxArgs: use ? 1 : 0,
});
const onlyChecks = (call: Call): void => void discovery(call);
const ENDPOINT = '[api-server-endpoint] [flags]';
const PREPARE: [name: string, short: string, flags: string[], use?: string][] = [
  [
    'all',
    'Prepare the machine for serving a control plane',
    [...DISCOVERY, ...ADVERTISED, 'certificate-key', 'control-plane', 'node-name', 'patches'],
    ENDPOINT,
  ],
  [
    'certs',
    'Generate the certificates for the new control plane components',
    [...DISCOVERY, 'apiserver-advertise-address', 'control-plane', 'node-name'],
    ENDPOINT,
  ],
  [
    'control-plane',
    'Generate the manifests for the new control plane components',
    [...ADVERTISED, 'config', 'control-plane', 'dry-run', 'patches'],
  ],
  [
    'download-certs',
    'Download certificates shared among control-plane nodes from the kubeadm-certs Secret',
    [...DISCOVERY, 'certificate-key', 'control-plane'],
    ENDPOINT,
  ],
  [
    'kubeconfig',
    'Generate the kubeconfig for the new control plane components',
    [...DISCOVERY, 'certificate-key', 'control-plane'],
    ENDPOINT,
  ],
];
const JOINED = ['config', 'control-plane', 'dry-run', 'node-name'];

const phase: Command = {
  name: 'phase',
  short: 'Use this command to invoke single phase of the "join" workflow',
  commands: [
    {
      name: 'control-plane-join',
      short: 'Join a machine as a control plane instance',
      commands: [
        leaf('all', 'Join a machine as a control plane instance', [...JOINED, ...ADVERTISED, 'patches'], onlyChecks),
        leaf('etcd', 'Add a new local etcd member', [...JOINED, 'apiserver-advertise-address', 'patches'], onlyChecks),
        leaf('mark-control-plane', 'Mark a node as a control-plane', JOINED, onlyChecks),
      ],
    },
    {
      name: 'control-plane-prepare',
      short: 'Prepare the machine for serving a control plane',
      commands: PREPARE.map(([name, short, flags, use]) => leaf(name, short, flags, onlyChecks, use)),
    },
    leaf(
      'etcd-join',
      '[EXPERIMENTAL] Join etcd for control plane nodes (only used when feature gate ControlPlaneKubeletLocalMode is enabled)',
      [...JOINED, 'apiserver-advertise-address', 'patches'],
      onlyChecks,
    ),
    leaf(
      'kubelet-start',
      'Write kubelet settings, certificates and (re)start the kubelet',
      [...DISCOVERY, 'cri-socket', 'node-name', 'patches'],
      (call) => {
        discovery(call);
        startKubelet(call);
      },
      ENDPOINT,
    ),
    leaf(
      'preflight',
      'Run join pre-flight checks',
      [
        ...DISCOVERY,
        ...ADVERTISED,
        'certificate-key',
        'control-plane',
        'cri-socket',
        'ignore-preflight-errors',
        'node-name',
      ],
      preflight,
      ENDPOINT,
    ),
    leaf('wait-control-plane', 'EXPERIMENTAL: Wait for the control plane to start', [], onlyChecks),
  ],
};

export const join: Command = {
  name: 'join',
  short: 'Run this on any machine you wish to join an existing cluster',
  use: '[api-server-endpoint] [flags]',
  flags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'certificate-key',
    'config',
    'control-plane',
    'cri-socket',
    'discovery-file',
    'discovery-token',
    'discovery-token-ca-cert-hash',
    'discovery-token-unsafe-skip-ca-verification',
    'dry-run',
    'ignore-preflight-errors',
    'node-name',
    'patches',
    'skip-phases',
    'tls-bootstrap-token',
    'token',
  ],
  commands: [phase],
  maxArgs: 1,
  run(call) {
    preflight(call);
    startKubelet(call);
    call.out('\nThis node has joined the cluster:');
    call.out('* Certificate signing request was sent to apiserver and a response was received.');
    call.out('* The Kubelet was informed of the new secure connection details.\n');
    call.out("Run 'kubectl get nodes' on the control-plane to see this node join the cluster.\n");
  },
};
