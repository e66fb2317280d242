import { Quantity } from '../../base/quantity.ts';
import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { recordsOn } from '../records.ts';
import { commandOf, readUnit, type UnitState, unitsOf } from '../systemd/units.ts';
import { titled } from './titles.ts';

/** A process of a machine. */
export interface ProcessRow {
  pid: number;
  ppid: number;
  user: string;
  /** ms since the epoch. */
  started: number;
  /** Resident memory, KiB; 0 for the kernel's own. */
  rss: number;
  state: string;
  command: string;
  /** Its terminal: `pts/0`. */
  tty?: string;
  /** Its cgroup, as `ps -o cgroup` shows it. */
  cgroup?: string;
  /** What it belongs to: whoever kills it, ends that. */
  of?: { unit: string } | { container: ContainerRecord; inside: number } | { sandbox: SandboxRecord };
}

const KERNEL_THREADS = [
  'kthreadd',
  'pool_workqueue_release',
  'kworker/R-rcu_g',
  'kworker/R-slub_',
  'kworker/0:0H-events_highpri',
  'ksoftirqd/0',
  'rcu_preempt',
  'migration/0',
  'kswapd0',
  'jbd2/sda1-8',
];

/** Memory of well-known programs, KiB. */
const SIZES: Record<string, number> = {
  'kube-apiserver': 281_204,
  'kube-controller-manager': 104_648,
  'kube-scheduler': 61_312,
  etcd: 68_120,
  'kube-proxy': 43_008,
  coredns: 47_616,
  flanneld: 34_816,
  'metrics-server': 40_448,
};

/** A process's own name, as `/proc/PID/comm` has it: 15 characters. */
export function commOf({ command }: Pick<ProcessRow, 'command'>): string {
  if (command.startsWith('[')) return command.slice(1, -1);
  if (command === '/sbin/init') return 'systemd';
  return command.split(' ')[0]!.split('/').at(-1)!.replace(/:$/, '').replace(/^[-@]/, '').slice(0, 15);
}

const row = (pid: number, ppid: number, command: string, started: number, more: Partial<ProcessRow>): ProcessRow => ({
  pid,
  ppid,
  user: 'root',
  started,
  rss: 0,
  state: 'Ss',
  command,
  ...more,
});

function services(host: NodeHost): ProcessRow[] {
  return unitsOf(host).flatMap((name) => {
    const unit: UnitState = readUnit(host, name);
    if (unit.active !== 'active') return [];
    return [
      row(unit.pid, 1, commandOf(host, name, unit), unit.since, {
        user: USERS[name] ?? 'root',
        rss: Math.floor(unit.memory / 1024),
        state: unit.tasks > 1 ? 'Ssl' : 'Ss',
        cgroup: `0::/system.slice/${name}.service`,
        of: { unit: name },
      }),
    ];
  });
}

const USERS: Record<string, string> = {
  dbus: 'message+',
  rsyslog: 'syslog',
  'systemd-networkd': 'systemd+',
  'systemd-resolved': 'systemd+',
  'systemd-timesyncd': 'systemd+',
};

/** A pod's processes: its shim, its pause and its containers, with what these have started. */
function podProcesses(host: NodeHost, sandbox: SandboxRecord, containers: ContainerRecord[]): ProcessRow[] {
  const cpus = Quantity.parse(host.record().capacity.cpu ?? '1').toNumber();
  const shim = sandbox.pid - 21;
  const slice = `0::/kubepods.slice/kubepods-pod${sandbox.pod.uid.replaceAll('-', '_')}.slice/cri-containerd-`;
  return [
    row(
      shim,
      1,
      `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${sandbox.id} -address /run/containerd/containerd.sock`,
      sandbox.createdAt,
      { rss: 13_824, state: 'Sl', cgroup: '0::/system.slice/containerd.service', of: { sandbox } },
    ),
    row(sandbox.pid, shim, '/pause', sandbox.createdAt, {
      user: '65535',
      rss: 680,
      cgroup: `${slice}${sandbox.id}.scope`,
      of: { sandbox },
    }),
    ...containers.flatMap((container) => {
      const started = container.startedAt ?? container.createdAt;
      const user = container.user.split(':')[0] || 'root';
      const cgroup = `${slice}${container.id}.scope`;
      const { command, children } = titled(container.argv, cpus);
      const inside = host.runtime.processes(container.id).filter(({ pid }) => pid !== 1);
      const rss = SIZES[commOf({ command })] ?? 8192;
      return [
        row(container.pid, shim, command, started, {
          user,
          rss,
          state: rss > 30_000 ? 'Ssl' : 'Ss',
          cgroup,
          of: { container, inside: 1 },
        }),
        ...children.map((child, i) =>
          row(container.pid + 29 + i, container.pid, child.command, started, {
            user: child.user ?? user,
            rss: 3_584,
            state: 'S',
            cgroup,
            of: { container, inside: 29 + i },
          }),
        ),
        ...inside.map((child) =>
          row(
            container.pid + child.pid,
            container.pid + (child.ppid > 1 ? child.ppid : 0),
            child.command,
            child.started,
            {
              user: child.user.split(':')[0] || 'root',
              rss: 1_536,
              state: 'S',
              cgroup,
              of: { container, inside: child.pid },
            },
          ),
        ),
      ];
    }),
  ];
}

/** Everything that runs on a machine: init, its services, and the processes of its containers below their shims. */
export function processesOf(host: NodeHost): ProcessRow[] {
  const boot = host.record().bootedAt;
  const sandboxes = recordsOn<SandboxRecord>(host.state, RUNTIME_SECTIONS.sandboxes, host.name).filter(
    (s) => s.state === 'ready',
  );
  const containers = recordsOn<ContainerRecord>(host.state, RUNTIME_SECTIONS.containers, host.name).filter(
    (c) => c.state === 'running',
  );
  return [
    row(1, 0, '/sbin/init', boot, { rss: 11_264, cgroup: '0::/init.scope' }),
    ...KERNEL_THREADS.map((name, i) =>
      row(i + 2, i ? 2 : 0, `[${name}]`, boot, { state: name.startsWith('kworker') ? 'I<' : 'S' }),
    ),
    row(615, 1, '/sbin/agetty -o -p -- \\u --noclear - linux', boot, { rss: 1_920, state: 'Ss+', tty: 'tty1' }),
    ...services(host),
    ...sandboxes.flatMap((sandbox) =>
      podProcesses(
        host,
        sandbox,
        containers.filter((container) => container.sandbox === sandbox.id),
      ),
    ),
  ].sort((a, b) => a.pid - b.pid);
}
