import { noise } from '../../base/noise.ts';
import { BINARY_MARK } from '../../sh/evaluator/commands.ts';
import { unlines } from '../../sh/tools/tool.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { UNITS, unitsOf } from '../systemd/units.ts';
import type { FileTable } from './index.ts';

/** `Ubuntu 22.04.5 LTS` → the lines of /etc/os-release. */
function osRelease(image: string): string {
  const [, name = 'Linux', version = ''] = /^([A-Za-z][A-Za-z/ ]*?) ?(\d[\w.]*)?(?: .*)?$/.exec(image) ?? [];
  const id = /ubuntu/i.test(image) ? 'ubuntu' : /debian/i.test(image) ? 'debian' : name.toLowerCase().split(/[ /]/)[0];
  const short = id === 'ubuntu' ? version.split('.').slice(0, 2).join('.') : version;
  return [
    `PRETTY_NAME="${image}"`,
    `NAME="${name.trim()}"`,
    `VERSION_ID="${short}"`,
    `VERSION="${image.slice(name.length).trim()}"`,
    `ID=${id}`,
    ...(id === 'ubuntu' ? ['ID_LIKE=debian'] : []),
    '',
  ].join('\n');
}

/** Programs of a machine that have a file: those that people look for. */
const PROGRAMS = [
  'kubeadm',
  'kubectl',
  'kubelet',
  'ctr',
  'containerd',
  'runc',
  'etcdctl',
  'etcdutl',
  'systemctl',
  'journalctl',
  'openssl',
  'curl',
  'jq',
  'tree',
  'file',
];

const SYSTEM_PROGRAMS = ['ip', 'iptables', 'iptables-save', 'ss', 'sysctl', 'modprobe', 'ufw'];

/** What the package kubernetes-cni installs. */
const PLUGINS = [
  'bandwidth',
  'bridge',
  'dhcp',
  'dummy',
  'firewall',
  'host-device',
  'host-local',
  'ipvlan',
  'loopback',
  'macvlan',
  'portmap',
  'ptp',
  'sbr',
  'static',
  'tap',
  'tuning',
  'vlan',
  'vrf',
];

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
  'sys:x:3:3:sys:/dev:/usr/sbin/nologin',
  'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  'systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin',
  'sshd:x:109:65534::/run/sshd:/usr/sbin/nologin',
  'ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash',
  '',
];

const GROUP = [
  ...['root:x:0:', 'daemon:x:1:', 'bin:x:2:', 'sys:x:3:', 'adm:x:4:syslog,ubuntu', 'tty:x:5:', 'sudo:x:27:ubuntu'],
  ...['www-data:x:33:', 'shadow:x:42:', 'nogroup:x:65534:', 'systemd-network:x:998:', 'ubuntu:x:1000:', ''],
];

const IPV6_NAMES = [
  '::1\tip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** Whom a machine knows by name: a cloud's own nobody, a container itself, one that somebody has set up the other nodes as well. */
function hostsFile(host: NodeHost): string {
  const { providerID = '', internalIP } = host.record();
  if (providerID.startsWith('azure'))
    return unlines([
      '127.0.0.1\tlocalhost',
      '',
      '# The following lines are desirable for IPv6 capable hosts',
      ...IPV6_NAMES,
      'ff02::3\tip6-allhosts',
    ]);
  if (providerID.startsWith('kind'))
    return unlines(['127.0.0.1\tlocalhost', ...IPV6_NAMES, `${internalIP}\t${host.name}`]);
  const machines = host.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const others = machines.keys().filter((name) => name !== host.name);
  return unlines([
    '127.0.0.1\tlocalhost',
    `${internalIP}\t${host.name}`,
    ...others.map((name) => `${machines.get(name)!.internalIP}\t${name}`),
    '',
    '::1\tip6-localhost ip6-loopback',
  ]);
}

/** /etc of the operating system, and the unit files of systemd. */
export function etcFiles(host: NodeHost): FileTable {
  const record = host.record();
  const { unitFolder } = host.machine;
  const files: FileTable = {
    '/etc/hostname': () => `${host.name}\n`,
    '/etc/hosts': () => hostsFile(host),
    '/etc/os-release': () => osRelease(record.osImage),
    '/etc/passwd': () => PASSWD.join('\n'),
    '/etc/group': () => GROUP.join('\n'),
    '/etc/shadow': () => PASSWD.map((row) => (row ? `${row.split(':')[0]}:*:20179:0:99999:7:::` : '')).join('\n'),
    '/etc/apt/sources.list.d/kubernetes.list': () =>
      `deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] https://pkgs.k8s.io/core:/stable:/${record.kubeletVersion.replace(/\.\d+[^.]*$/, '')}/deb/ /\n`,
    '/etc/resolv.conf': () => 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n',
    // The servers behind systemd-resolved: what pods with `dnsPolicy: Default` get.
    '/run/systemd/resolve/resolv.conf': () =>
      `nameserver ${record.providerID?.startsWith('azure') ? '168.63.129.16' : '8.8.8.8'}\nsearch .\n`,
    '/etc/crictl.yaml': () => {
      const endpoint = `unix://${
        record.containerRuntimeVersion.startsWith('docker://')
          ? '/var/run/cri-dockerd.sock'
          : '/run/containerd/containerd.sock'
      }`;
      return `runtime-endpoint: ${endpoint}\nimage-endpoint: ${endpoint}\n`;
    },
    '/dev/urandom': () => noise(`${host.name}/${host.now()}`),
    '/dev/random': () => noise(`${host.name}/${host.now()}`),
    '/etc/fstab': () =>
      'LABEL=cloudimg-rootfs\t/\t ext4\tdiscard,commit=30,errors=remount-ro\t0 1\nLABEL=UEFI\t/boot/efi\tvfat\tumask=0077\t0 1\n',
    '/etc/modules-load.d/k8s.conf': () => 'overlay\nbr_netfilter\n',
    '/etc/sysctl.d/k8s.conf': () =>
      'net.bridge.bridge-nf-call-iptables  = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward                 = 1\n',
    '/etc/machine-id': () => `${record.machineID}\n`,
    '/etc/containerd/config.toml': () =>
      'version = 2\n\n[plugins]\n  [plugins."io.containerd.grpc.v1.cri"]\n    sandbox_image = "registry.k8s.io/pause:3.10"\n    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n      runtime_type = "io.containerd.runc.v2"\n      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n        SystemdCgroup = true\n',
  };
  files['/usr/local/bin/crictl'] = () => `${BINARY_MARK}crictl`;
  for (const name of PROGRAMS) files[`/usr/bin/${name}`] = () => `${BINARY_MARK}${name}`;
  for (const name of SYSTEM_PROGRAMS) files[`/usr/sbin/${name}`] = () => `${BINARY_MARK}${name}`;
  for (const name of PLUGINS) files[`/opt/cni/bin/${name}`] = () => `${BINARY_MARK}${name}`;
  for (const name of unitsOf(host)) {
    files[`${unitFolder}/${name}.service`] = () => UNITS[name]!.text(host);
    files[`/etc/systemd/system/multi-user.target.wants/${name}.service`] = () => `->${unitFolder}/${name}.service`;
  }
  return files;
}
