import { readJsonAsset } from '../../base/assets.ts';
import type { Daemon, FileSystem } from '../../sh/process.ts';
import { apiServerConfigurationError } from './api-server-configuration.ts';
import { flag } from './flag.ts';

/** How a server of the cluster was started: what it reads decides whether it can run. */
export interface Start {
  argv: string[];
  /** As the container sees them. */
  files: FileSystem;
  /** Whether something listens on this machine at that port. */
  listening(port: number): boolean;
  /** `192.168.50.10:6443` */
  apiServer: string;
}

/** What a server does instead of its work. */
export interface Fault {
  daemon: Daemon;
}

const KLOG = 'E{klog}       1';

/** Says why, and ends. */
const ends = (text: string, code = 1, after = 200): Fault => ({
  daemon: { logs: [{ text }], ports: [], exit: { after, code }, signals: { TERM: { code: 0 }, INT: { code: 0 } } },
});

const failed = (error: string): Fault => ends(`${KLOG} run.go:72] "command failed" err=${JSON.stringify(error)}`);

const exists = (files: FileSystem, path: string): boolean => {
  try {
    files.read(path);
    return true;
  } catch {
    return false;
  }
};

function unknownFlag({ argv }: Start): Fault | undefined {
  const { controlPlane } = readJsonAsset<{ controlPlane: string[] }>('fixtures/node/flags.json');
  const word = argv
    .slice(1)
    .find((text) => text.startsWith('--') && !controlPlane.includes(text.slice(2).split('=')[0]!));
  return word === undefined ? undefined : ends(`Error: unknown flag: ${word.split('=')[0]}`);
}

/** Flags whose value is a file that must be there. */
const FILES =
  /^--((?:client|root|requestheader-client|etcd)-?ca-?file|client-ca-file|etcd-(?:ca|cert|key)file|tls-(?:cert|private-key)-file|kubelet-client-(?:certificate|key)|proxy-client-(?:cert|key)-file|service-account-(?:key|signing-key|private-key)-file|cluster-signing-(?:cert|key)-file|(?:peer-)?(?:cert|key|trusted-ca)-file|audit-policy-file|encryption-provider-config|admission-control-config-file)=(.+)$/;

const noFile = (path: string): string => `open ${path}: no such file or directory`;

/** What stands before, or around, the words of the file system. */
const READING: Record<string, (path: string) => string> = {
  'audit-policy-file': (path) =>
    `loading audit policy file: failed to read file path ${JSON.stringify(path)}: ${noFile(path)}`,
  'encryption-provider-config': (path) =>
    `error while parsing file: error reading encryption provider configuration file ${JSON.stringify(path)}: ${noFile(path)}`,
  'admission-control-config-file': (path) =>
    `failed to read plugin config: unable to read admission control configuration from ${JSON.stringify(path)} [${noFile(path)}]`,
};

/** What a component says of the first file of its flags that is not there. */
export function missingFile({ argv, files }: Pick<Start, 'argv' | 'files'>): string | undefined {
  for (const word of argv) {
    const [, name = '', path] = FILES.exec(word) ?? [];
    if (path !== undefined && !exists(files, path)) return (READING[name] ?? noFile)(path);
  }
  return undefined;
}

function apiServer(start: Start): Fault | undefined {
  const unknown = unknownFlag(start);
  if (unknown) return unknown;
  const missing = missingFile(start);
  if (missing) return failed(missing);
  const refused = apiServerConfigurationError(start);
  if (refused !== undefined) return failed(refused);
  const servers = flag(start.argv, 'etcd-servers');
  if (!servers) return failed('--etcd-servers must be specified');
  for (const server of servers.split(',')) {
    const address = server.replace(/^https?:\/\//, '');
    const port = Number(address.split(':')[1] ?? 2379);
    if (server.startsWith('https://') && start.listening(port)) continue;
    const dial = `dial tcp ${address}: connect: connection refused`;
    const warning = `W{klog}       1 logging.go:55] [core] [Channel #1 SubChannel #3]grpc: addrConn.createTransport failed to connect to {Addr: "${address}", ServerName: "${address}", }. Err: connection error: desc = "transport: Error while dialing: ${dial}"`;
    return {
      daemon: {
        logs: [
          { text: 'I{klog}       1 options.go:249] external host was not specified, using the advertise address' },
          { text: warning },
          { text: warning, after: 1000 },
          {
            text: 'F{klog}       1 instance.go:226] Error creating leases: error creating storage factory: context deadline exceeded',
            after: 19_000,
          },
        ],
        ports: [],
        exit: { after: 20_100, code: 255 },
        signals: { TERM: { code: 0 } },
      },
    };
  }
  const port = Number(flag(start.argv, 'secure-port') ?? 6443);
  const own = Number(start.apiServer.split(':')[1]);
  if (port !== own) return { daemon: { ports: [port], signals: { TERM: { code: 0 } } } };
  return undefined;
}

/** A component that talks to the API server with a kubeconfig. */
function client(start: Start, component: string): Fault | undefined {
  const unknown = unknownFlag(start);
  if (unknown) return unknown;
  const missing = missingFile(start);
  if (missing) return failed(missing);
  const path = ['authentication-kubeconfig', 'authorization-kubeconfig', 'kubeconfig']
    .map((name) => flag(start.argv, name))
    .find((value) => value !== undefined && !exists(start.files, value));
  if (path) return failed(`stat ${path}: no such file or directory`);
  const kubeconfig = flag(start.argv, 'kubeconfig');
  const server = kubeconfig && /^\s*server:\s*https?:\/\/(\S+)/m.exec(start.files.read(kubeconfig))?.[1];
  if (!server)
    return failed(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    );
  if (server !== start.apiServer) {
    const text = `${KLOG} leaderelection.go:436] error retrieving resource lock kube-system/${component}: Get "https://${server}/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${component}?timeout=5s": dial tcp ${server}: connect: connection refused`;
    return { daemon: { logs: [{ text }], ports: [], signals: { TERM: { code: 0 } } } };
  }
  return undefined;
}

function etcd(start: Start): Fault | undefined {
  const missing = missingFile(start);
  const fatal = (error: string) =>
    ends(
      `{"level":"fatal","ts":"{micros}","caller":"etcdmain/etcd.go:204","msg":"discovery failed","error":${JSON.stringify(error)}}`,
    );
  if (missing) return fatal(missing);
  const urls = flag(start.argv, 'listen-client-urls') ?? '';
  const ports = [...urls.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
  if (ports.length > 0 && !ports.includes(2379))
    return { daemon: { ports: [...ports, 2380, 2381], signals: { TERM: { code: 0 } } } };
  return undefined;
}

function kubeProxy({ argv, files }: Start): Fault | undefined {
  const path = flag(argv, 'config');
  // Where nothing is mounted for its configuration, the cluster's author left it out.
  if (path === undefined || !files.stat(path.slice(0, path.lastIndexOf('/')))) return undefined;
  if (!exists(files, path)) return failed(`failed complete: ${noFile(path)}`);
  const text = files.read(path);
  if (!/^kind:\s*KubeProxyConfiguration\s*$/m.test(text))
    return failed(`failed complete: failed to decode: Object 'Kind' is missing in '${text.split('\n')[0]}'`);
  const kubeconfig = /^\s*kubeconfig:\s*"?([^"\s]+)"?\s*$/m.exec(text)?.[1];
  if (kubeconfig && !exists(files, kubeconfig)) return failed(`stat ${kubeconfig}: no such file or directory`);
  const mode = /^mode:\s*"?([^"\s]*)"?\s*$/m.exec(text)?.[1];
  if (mode && !['iptables', 'ipvs', 'nftables'].includes(mode))
    return failed(
      `failed validate: KubeProxyConfiguration.Mode: Invalid value: ${JSON.stringify(mode)}: must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])`,
    );
  return undefined;
}

const CHECKS: Record<string, (start: Start) => Fault | undefined> = {
  'kube-apiserver': apiServer,
  'kube-controller-manager': (start) => client(start, 'kube-controller-manager'),
  'kube-scheduler': (start) => client(start, 'kube-scheduler'),
  etcd,
  'kube-proxy': kubeProxy,
};

/** The name under which a program's faults are known: `/usr/local/bin/kube-proxy` → `kube-proxy`. */
const nameOf = (argv: string[]): string => argv[0]?.split('/').at(-1) ?? '';

/** Whether a program is one whose start is looked at. */
export const isChecked = (argv: string[]): boolean => CHECKS[nameOf(argv)] !== undefined;

/** What is wrong with how a server was started; undefined if it can do its work. */
export const faultOf = (start: Start): Fault | undefined => CHECKS[nameOf(start.argv)]?.(start);

/** What a faulty server does, by its program's name: see Machine.daemons. */
export function faultyDaemons(start: Start): Record<string, Daemon> | undefined {
  const fault = faultOf(start);
  return fault && { [nameOf(start.argv)]: fault.daemon };
}
