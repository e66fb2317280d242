import { BINARY_MARK } from '../../sh/evaluator/commands.ts';
import type { NodeHost } from '../host.ts';

/** A package that is installed on a machine. */
export interface InstalledPackage {
  name: string;
  version: string;
  architecture: 'amd64' | 'all';
  summary: string;
  section: string;
  /** KiB. */
  size: number;
  files?: string[];
}

/** Packages of Kubernetes whose version can be chosen. */
export const CHOSEN = ['kubeadm', 'kubectl', 'kubelet'];

/** Versions that somebody installed, by `NODE/PACKAGE`, without their `v`. */
const VERSIONS = 'apt/versions';

/** Notes that another version of a package is installed. */
export const noteVersion = (host: NodeHost, name: string, version: string): void =>
  host.state.section<string>(VERSIONS).set(`${host.name}/${name}`, version);

const stock = ({ kubeletVersion }: { kubeletVersion: string }): string => kubeletVersion.replace(/^v|-.*$/g, '');

/** The version of one of the packages of Kubernetes that is on the disk: `1.33.13`. */
export const versionOnDisk = (host: NodeHost, name: string): string =>
  host.state.section<string>(VERSIONS).get(`${host.name}/${name}`) ??
  (name === 'kubeadm' ? host.record().kubeadmVersion?.replace(/^v/, '') : undefined) ??
  stock(host.record());

type Row = [
  name: string,
  version: string,
  summary: string,
  section: string,
  size: number,
  files?: string[],
  all?: 'all',
];

const OTHERS: Row[] = [
  ['apt', '2.8.3', 'commandline package manager', 'admin', 4_092, ['/usr/bin/apt', '/usr/bin/apt-get']],
  ['bash', '5.2.21-2ubuntu4', 'GNU Bourne Again SHell', 'shells', 1_963, ['/usr/bin/bash']],
  ['ca-certificates', '20240203', 'Common CA certificates', 'misc', 400, [], 'all'],
  ['conntrack', '1:1.4.8-1ubuntu1', 'Program to modify the conntrack tables', 'net', 111, ['/usr/sbin/conntrack']],
  ['coreutils', '9.4-3ubuntu6.1', 'GNU core utilities', 'utils', 7_208, ['/usr/bin/ls', '/usr/bin/cat']],
  [
    'curl',
    '8.5.0-2ubuntu10.6',
    'command line tool for transferring data with URL syntax',
    'web',
    520,
    ['/usr/bin/curl'],
  ],
  [
    'iproute2',
    '6.1.0-1ubuntu6.2',
    'networking and traffic control tools',
    'net',
    3_560,
    ['/usr/sbin/ip', '/usr/bin/ss'],
  ],
  [
    'iptables',
    '1.8.10-3ubuntu2',
    'administration tools for packet filtering and NAT',
    'net',
    2_433,
    ['/usr/sbin/iptables'],
  ],
  [
    'openssh-server',
    '1:9.6p1-3ubuntu13.14',
    'secure shell (SSH) server, for secure access from remote machines',
    'net',
    2_059,
    ['/usr/sbin/sshd'],
  ],
  [
    'openssl',
    '3.0.13-0ubuntu3.5',
    'Secure Sockets Layer toolkit - cryptographic utility',
    'utils',
    2_112,
    ['/usr/bin/openssl'],
  ],
  [
    'systemd',
    '255.4-1ubuntu8.10',
    'system and service manager',
    'admin',
    11_900,
    ['/usr/bin/systemctl', '/usr/bin/journalctl'],
  ],
  ['ufw', '0.36.2-6', 'program for managing a Netfilter firewall', 'admin', 869, ['/usr/sbin/ufw'], 'all'],
];

const KUBERNETES: Record<string, [summary: string, size: number]> = {
  kubeadm: ['Command-line utility for administering a Kubernetes cluster', 71_124],
  kubectl: ['Command-line utility for interacting with a Kubernetes cluster', 57_716],
  kubelet: ['Node agent for Kubernetes clusters', 78_052],
};

/** What may be installed beyond: the programs that it brings, by name. */
const MORE: Row[] = [
  ['ipvsadm', '1:1.31-1build3', 'Linux Virtual Server support programs', 'net', 138, ['/usr/sbin/ipvsadm']],
  ['ipset', '7.19-1ubuntu2', 'administration tool for kernel IP sets', 'net', 144, ['/usr/sbin/ipset']],
  [
    'nftables',
    '1.0.9-1build1',
    'Program to control packet filtering rules by Netfilter project',
    'net',
    183,
    ['/usr/sbin/nft'],
  ],
];

const isThere = (host: NodeHost, [, , , , , files = []]: Row): boolean =>
  files.every((file) => host.files.stat(file) !== undefined);

/** Installs a package that the machine does not have; undefined if there is no such one. */
export function addPackage(host: NodeHost, name: string): InstalledPackage | undefined {
  const row = MORE.find(([own]) => own === name);
  // The mark names the program by its path: without the file nobody finds it.
  for (const file of row?.[5] ?? []) host.files.write(file, `${BINARY_MARK}${file}`, { mode: 0o755 });
  return row && packageOf(row);
}

/** Removes a package that somebody installed; undefined for one that the machine came with. */
export function removePackage(host: NodeHost, name: string): InstalledPackage | undefined {
  const row = MORE.find((own) => own[0] === name && isThere(host, own));
  for (const file of row?.[5] ?? []) host.files.remove(file);
  return row && packageOf(row);
}

const packageOf = ([name, version, summary, section, size, files, all]: Row): InstalledPackage => ({
  name,
  version,
  architecture: all ?? 'amd64',
  summary,
  section,
  size,
  ...(files && { files }),
});

/** What is installed on a machine, by name. */
export function installedPackages(host: NodeHost): InstalledPackage[] {
  const [, runtime = ''] = host.record().containerRuntimeVersion.split('://');
  const [, minor = '33'] = versionOnDisk(host, 'kubelet').split('.');
  const more: Row[] = [
    [
      'containerd.io',
      `${runtime}-1`,
      'An open and reliable container runtime',
      'devel',
      124_372,
      ['/usr/bin/containerd', '/usr/bin/ctr', '/usr/bin/runc'],
    ],
    [
      'cri-tools',
      `1.${minor}.0-1.1`,
      'Command-line utility for interacting with a container runtime',
      'admin',
      40_360,
      ['/usr/bin/crictl'],
    ],
    [
      'kubernetes-cni',
      '1.6.0-1.1',
      'Binaries required to provision kubernetes container networking',
      'admin',
      91_000,
      ['/opt/cni/bin/bridge', '/opt/cni/bin/loopback'],
    ],
  ];
  const kubernetes = CHOSEN.map((name): Row => {
    const [summary, size] = KUBERNETES[name]!;
    return [name, `${versionOnDisk(host, name)}-1.1`, summary, 'admin', size, [`/usr/bin/${name}`]];
  });
  return [...OTHERS, ...more, ...kubernetes, ...MORE.filter((row) => isThere(host, row))]
    .map(packageOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
