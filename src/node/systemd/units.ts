import type { State } from '../../store/section.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { JournalEntry, NodeHost, UnitFacts } from '../host.ts';
import type { Ailment } from './kubelet-health.ts';

/** A service as its unit file describes it. */
export interface UnitDefinition {
  description: string;
  docs: string;
  /** The program that runs, as /proc shows it: the command line depends on the machine. */
  program: string;
  command(host: NodeHost): string;
  /** Drop-in files, by folder. */
  dropIns?: { folder: string; files: string[] };
  triggeredBy?: string;
  /** Who may run it. */
  onlyWith?: 'docker' | 'containerd';
  /** What the unit file says. */
  text(host: NodeHost): string;
}

/** What a unit is at the moment: section `units`, by `node/unit`. */
export interface UnitState extends UnitFacts {
  active: 'active' | 'inactive' | 'failed' | 'activating';
  /** Why it does not do its work, though it was started. */
  ailment?: Ailment;
  since: number;
  enabled: boolean;
  /** It cannot be started at all. */
  masked?: boolean;
  /** What was started, as ps shows it, where it is not the definition's. */
  command?: string;
  /** How often systemd has started it again by itself. */
  restarts?: number;
  exitCode?: number;
}

const MEGABYTE = 1024 * 1024;

/** The kubelet's flags on a kubeadm node; docker's nodes (before 1.24) have those of dockershim. */
export function kubeletFlags(host: NodeHost): string[] {
  return (
    host.machine.kubeletFlags ?? [
      '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
      '--config=/var/lib/kubelet/config.yaml',
      '--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock',
      '--pod-infra-container-image=registry.k8s.io/pause:3.10',
    ]
  );
}

/** A service of the operating system, of which little is asked. */
const system = (description: string, docs: string, program: string, command: string): UnitDefinition => ({
  description,
  docs,
  program,
  command: () => command,
  text: () =>
    `[Unit]\nDescription=${description}\nDocumentation=${docs}\n\n[Service]\nExecStart=${command}\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n`,
});

/** The services of a node. A new one is an entry here. Source: the packages' own unit files. */
export const UNITS: Record<string, UnitDefinition> = {
  kubelet: {
    description: 'kubelet: The Kubernetes Node Agent',
    docs: 'https://kubernetes.io/docs/home/',
    program: 'kubelet',
    command: (host) => ['/usr/bin/kubelet', ...kubeletFlags(host)].join(' '),
    dropIns: { folder: 'kubelet.service.d', files: ['10-kubeadm.conf'] },
    text: () =>
      [
        '[Unit]',
        'Description=kubelet: The Kubernetes Node Agent',
        'Documentation=https://kubernetes.io/docs/',
        'Wants=network-online.target',
        'After=network-online.target',
        '',
        '[Service]',
        'ExecStart=/usr/bin/kubelet',
        'Restart=always',
        'StartLimitInterval=0',
        'RestartSec=10',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
        '',
      ].join('\n'),
  },
  containerd: {
    description: 'containerd container runtime',
    docs: 'https://containerd.io',
    program: 'containerd',
    command: () => '/usr/bin/containerd',
    text: () =>
      [
        '[Unit]',
        'Description=containerd container runtime',
        'Documentation=https://containerd.io',
        'After=network.target local-fs.target',
        '',
        '[Service]',
        'ExecStartPre=-/sbin/modprobe overlay',
        'ExecStart=/usr/bin/containerd',
        'Type=notify',
        'Delegate=yes',
        'KillMode=process',
        'Restart=always',
        'RestartSec=5',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
        '',
      ].join('\n'),
  },
  docker: {
    description: 'Docker Application Container Engine',
    docs: 'https://docs.docker.com',
    program: 'dockerd',
    command: () => '/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock',
    triggeredBy: 'docker.socket',
    onlyWith: 'docker',
    text: () =>
      [
        '[Unit]',
        'Description=Docker Application Container Engine',
        'Documentation=https://docs.docker.com',
        'After=network-online.target firewalld.service containerd.service',
        'Requires=docker.socket containerd.service',
        '',
        '[Service]',
        'Type=notify',
        'ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock',
        'Restart=always',
        'RestartSec=2',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
        '',
      ].join('\n'),
  },
  ssh: {
    description: 'OpenBSD Secure Shell server',
    docs: 'man:sshd(8)',
    program: 'sshd',
    command: () => 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups',
    text: () =>
      '[Unit]\nDescription=OpenBSD Secure Shell server\n\n[Service]\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n\n[Install]\nWantedBy=multi-user.target\n',
  },
  cron: system('Regular background program processing daemon', 'man:cron(8)', 'cron', '/usr/sbin/cron -f -P'),
  dbus: system(
    'D-Bus System Message Bus',
    'man:dbus-daemon(1)',
    'dbus-daemon',
    '@dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only',
  ),
  rsyslog: system('System Logging Service', 'man:rsyslogd(8)', 'rsyslogd', '/usr/sbin/rsyslogd -n -iNONE'),
  'systemd-journald': system(
    'Journal Service',
    'man:systemd-journald.service(8)',
    'systemd-journal',
    '/usr/lib/systemd/systemd-journald',
  ),
  'systemd-logind': system(
    'User Login Management',
    'man:systemd-logind.service(8)',
    'systemd-logind',
    '/usr/lib/systemd/systemd-logind',
  ),
  'systemd-networkd': system(
    'Network Configuration',
    'man:systemd-networkd.service(8)',
    'systemd-network',
    '/usr/lib/systemd/systemd-networkd',
  ),
  'systemd-resolved': system(
    'Network Name Resolution',
    'man:systemd-resolved.service(8)',
    'systemd-resolve',
    '/usr/lib/systemd/systemd-resolved',
  ),
  'systemd-timesyncd': system(
    'Network Time Synchronization',
    'man:systemd-timesyncd.service(8)',
    'systemd-timesyn',
    '/usr/lib/systemd/systemd-timesyncd',
  ),
  'systemd-udevd': system(
    'Rule-based Manager for Device Events and Files',
    'man:systemd-udevd.service(8)',
    'systemd-udevd',
    '/usr/lib/systemd/systemd-udevd',
  ),
};

/** Typical sizes of the services, for machines whose facts nobody recorded. */
const USUAL: Record<string, { pid: number; tasks: number; memory: number }> = {
  kubelet: { pid: 812, tasks: 13, memory: 42.6 * MEGABYTE },
  containerd: { pid: 643, tasks: 58, memory: 96.3 * MEGABYTE },
  docker: { pid: 711, tasks: 45, memory: 147.4 * MEGABYTE },
  ssh: { pid: 598, tasks: 1, memory: 5.2 * MEGABYTE },
  cron: { pid: 561, tasks: 1, memory: 0.9 * MEGABYTE },
  dbus: { pid: 562, tasks: 1, memory: 2.3 * MEGABYTE },
  rsyslog: { pid: 571, tasks: 4, memory: 2.7 * MEGABYTE },
  'systemd-journald': { pid: 287, tasks: 1, memory: 21.4 * MEGABYTE },
  'systemd-logind': { pid: 573, tasks: 1, memory: 3.6 * MEGABYTE },
  'systemd-networkd': { pid: 489, tasks: 1, memory: 4.1 * MEGABYTE },
  'systemd-resolved': { pid: 412, tasks: 1, memory: 6.8 * MEGABYTE },
  'systemd-timesyncd': { pid: 424, tasks: 2, memory: 3.1 * MEGABYTE },
  'systemd-udevd': { pid: 331, tasks: 1, memory: 8.2 * MEGABYTE },
};

/** A name without its suffix: `kubelet.service` → `kubelet`. */
export const unitName = (given: string): string => given.replace(/\.service$/, '');

/** What systemd calls a unit in its own lines. */
export const calledBySystemd = (host: NodeHost, name: string): string =>
  host.machine.systemd >= 252 ? `${name}.service - ${UNITS[name]!.description}` : UNITS[name]!.description;

/** The command line of a unit that runs. */
export const commandOf = (host: NodeHost, name: string, unit: UnitState): string =>
  unit.command ?? UNITS[name]!.command(host);

/** The units that this machine has: docker only where it is the runtime. */
export function unitsOf(host: NodeHost): string[] {
  const runtime = host.record().containerRuntimeVersion;
  return Object.keys(UNITS).filter((name) => !UNITS[name]?.onlyWith || runtime.startsWith(`${UNITS[name]?.onlyWith}:`));
}

/** The unit that runs this machine's containers; undefined where none of ours does. */
export function runtimeUnit(host: NodeHost): string | undefined {
  const runtime = host.record().containerRuntimeVersion.split(':')[0]!;
  return unitsOf(host).find((name) => name === runtime);
}

/** Since when a machine's container runtime does not run, ms; undefined while it does. */
export function runtimeDownSince(state: State, { name, containerRuntimeVersion }: MachineRecord): number | undefined {
  const unit = state.section<UnitState>('units').get(`${name}/${containerRuntimeVersion.split(':')[0]}`);
  return unit && unit.active !== 'active' ? unit.since : undefined;
}

const millis = (time: number | string): number => (typeof time === 'number' ? time : Date.parse(time));

/** A unit's state: what was saved, or what it has been since the machine started. */
export function readUnit(host: NodeHost, name: string): UnitState {
  const saved = host.state.section<UnitState>('units').get(`${host.name}/${name}`);
  if (saved) return saved;
  const { kubelet } = host.record();
  const facts = {
    ...USUAL[name]!,
    tasksLimit: 4558,
    journal: [] as JournalEntry[],
    since: bootTime(host),
    ...host.machine.units?.[name],
  };
  // What is said of a time that is still to come is not so yet.
  const since = millis(facts.since) > host.now() ? bootTime(host) : millis(facts.since);
  const journal = facts.journal.filter(({ at }) => millis(at) <= host.now());
  const state: UnitState = { ...facts, journal, since, active: 'active', enabled: true };
  return name === 'kubelet' && !kubelet.active ? { ...state, active: 'inactive', since: kubelet.since } : state;
}

/** When the machine came up. */
export const bootTime = (host: NodeHost): number => host.record().bootedAt;

/** Keeps a unit's new state and tells the cluster of it. */
export function writeUnit(host: NodeHost, name: string, state: UnitState): void {
  host.state.section<UnitState>('units').set(`${host.name}/${name}`, state);
  if (name === 'kubelet') {
    const record = {
      ...host.record(),
      kubelet: { active: state.active === 'active' && !state.ailment, since: host.now() },
    };
    host.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(host.name, record);
  }
  host.changed(`unit/${name}`);
}
