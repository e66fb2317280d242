import { readJsonAsset } from '../../base/assets.ts';
import { Quantity } from '../../base/quantity.ts';
import type { ContainerRecord, SandboxRecord } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { cgroupLimits } from '../cgroup.ts';
import type { NodeHost } from '../host.ts';

/** fixtures/node/runtime-spec.json: what containerd gives every container and every sandbox. */
interface Defaults {
  capabilities: string[];
  readonlyPaths: string[];
  container: { maskedPaths: string[]; mounts: object[] };
  sandbox: { maskedPaths: string[]; mounts: object[]; seccomp: object };
}

export const runtimeDefaults = (): Defaults => readJsonAsset<Defaults>('fixtures/node/runtime-spec.json');

const STATE = '/run/containerd/io.containerd.grpc.v1.cri/sandboxes';
const ROOT = '/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes';

/** What the kubelet sets of the kernel's limits for a container. Source: kuberuntime's generateLinuxContainerResources. */
export const limitsOf = (host: NodeHost, c: ContainerRecord) => {
  const { requests, limits } = (c.resources ?? {}) as Record<'requests' | 'limits', Record<string, string> | undefined>;
  return { ...cgroupLimits(c), oomScore: oomScore(host, c, requests?.memory ?? limits?.memory) };
};

/** Source: pkg/kubelet/qos GetContainerOOMScoreAdjust. */
function oomScore(host: NodeHost, c: ContainerRecord, request: string | undefined): number {
  const pod = host.get('pods', c.pod.namespace, c.pod.name) as Pod | undefined;
  const qos = pod?.status?.qosClass ?? 'BestEffort';
  if (pod?.spec?.priorityClassName?.startsWith('system-node-critical')) return -997;
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const capacity = Quantity.parse(host.record().capacity.memory ?? '1Gi').toNumber();
  const score = 1000 - Math.floor((1000 * Quantity.parse(request ?? '0').toNumber()) / capacity);
  return Math.min(999, Math.max(3, score));
}

const bind = (destination: string, source: string, options: string[]) => ({
  destination,
  options,
  source,
  type: 'bind',
});

const identity = (sandbox: SandboxRecord) => ({
  'io.kubernetes.cri.sandbox-id': sandbox.id,
  'io.kubernetes.cri.sandbox-name': sandbox.pod.name,
  'io.kubernetes.cri.sandbox-namespace': sandbox.pod.namespace,
  'io.kubernetes.cri.sandbox-uid': sandbox.pod.uid,
});

const rule = { access: 'rwm', allow: false };

/** A container's mounts, with the two files that the kubelet keeps for each. */
export const mountsOf = (c: ContainerRecord): { containerPath: string; hostPath: string; readOnly: boolean }[] => {
  const folder = `/var/lib/kubelet/pods/${c.pod.uid}`;
  return [
    ...c.mounts,
    { containerPath: '/etc/hosts', hostPath: `${folder}/etc-hosts`, readOnly: false },
    {
      containerPath: c.annotations['io.kubernetes.container.terminationMessagePath'] ?? '/dev/termination-log',
      hostPath: `${folder}/containers/${c.name}/${c.id.slice(0, 8)}`,
      readOnly: false,
    },
  ];
};

/** A container as the OCI runtime was told to run it. */
export function containerSpec(host: NodeHost, c: ContainerRecord, sandbox: SandboxRecord): Record<string, unknown> {
  const { capabilities, readonlyPaths, container } = runtimeDefaults();
  const limits = limitsOf(host, c);
  const privileged = c.securityContext?.privileged ?? false;
  const mounts = mountsOf(c).map((m) =>
    bind(m.containerPath, m.hostPath, ['rbind', 'rprivate', m.readOnly ? 'ro' : 'rw']),
  );
  const isVolume = ({ destination }: { destination: string }) =>
    !/^\/(etc\/hosts|dev\/termination-log)$/.test(destination);
  const [uid = 0] = /^\d+/.exec(c.user)?.map(Number) ?? [];
  return {
    annotations: {
      'io.kubernetes.cri.container-name': c.name,
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.image-name': c.imageName,
      ...identity(sandbox),
    },
    linux: {
      cgroupsPath: `/k8s.io/${c.id}`,
      ...(!privileged && { maskedPaths: container.maskedPaths }),
      namespaces: [
        { type: 'pid' },
        { path: `/proc/${sandbox.pid}/ns/ipc`, type: 'ipc' },
        { path: `/proc/${sandbox.pid}/ns/uts`, type: 'uts' },
        { type: 'mount' },
        ...(sandbox.hostNetwork ? [] : [{ path: `/proc/${sandbox.pid}/ns/net`, type: 'network' }]),
      ],
      ...(!privileged && { readonlyPaths }),
      resources: {
        cpu: { period: limits.period, ...(limits.quota && { quota: limits.quota }), shares: limits.shares },
        devices: privileged ? [{ access: 'rwm', allow: true }] : [rule],
        memory: limits.memory ? { limit: limits.memory, swap: limits.memory } : {},
      },
    },
    mounts: [
      ...container.mounts,
      ...mounts.filter((m) => !isVolume(m)),
      bind('/etc/hostname', `${ROOT}/${sandbox.id}/hostname`, ['rbind', 'rprivate', 'rw']),
      bind('/etc/resolv.conf', `${ROOT}/${sandbox.id}/resolv.conf`, ['rbind', 'rprivate', 'rw']),
      bind('/dev/shm', `${STATE}/${sandbox.id}/shm`, ['rbind', 'rprivate', 'rw']),
      ...mounts.filter(isVolume),
    ],
    ociVersion: '1.0.2-dev',
    process: {
      args: c.argv,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      cwd: c.cwd,
      env: processEnv(c, sandbox),
      oomScoreAdj: limits.oomScore,
      user: { additionalGids: [0], gid: 0, uid },
    },
    root: { path: 'rootfs' },
  };
}

/** PATH and the image's variables first, then the host's name, then the pod's. */
function processEnv(c: ContainerRecord, sandbox: SandboxRecord): string[] {
  const { PATH, HOSTNAME: _, HOME: __, ...rest } = c.env;
  const line = ([name, value]: [string, string]) => `${name}=${value}`;
  return [...(PATH ? [`PATH=${PATH}`] : []), `HOSTNAME=${sandbox.hostname}`, ...Object.entries(rest).map(line)];
}

/** A pod's sandbox as the OCI runtime was told to run it. */
export function sandboxSpec(host: NodeHost, s: SandboxRecord): Record<string, unknown> {
  const { capabilities, readonlyPaths, sandbox } = runtimeDefaults();
  return {
    annotations: {
      'io.kubernetes.cri.container-type': 'sandbox',
      'io.kubernetes.cri.sandbox-cpu-period': '100000',
      'io.kubernetes.cri.sandbox-cpu-quota': '0',
      'io.kubernetes.cri.sandbox-cpu-shares': '2',
      'io.kubernetes.cri.sandbox-log-directory': s.logDirectory,
      'io.kubernetes.cri.sandbox-memory': '0',
      ...identity(s),
    },
    hostname: s.hostNetwork ? host.name : s.hostname,
    linux: {
      cgroupsPath: `/k8s.io/${s.id}`,
      maskedPaths: sandbox.maskedPaths,
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        ...(s.hostNetwork ? [] : [{ path: networkNamespace(s), type: 'network' }]),
      ],
      readonlyPaths,
      resources: { cpu: { shares: 2 }, devices: [rule] },
      seccomp: sandbox.seccomp,
    },
    mounts: [
      ...sandbox.mounts,
      bind('/dev/shm', `${STATE}/${s.id}/shm`, ['rbind', 'ro']),
      bind('/etc/resolv.conf', `${ROOT}/${s.id}/resolv.conf`, ['rbind', 'ro']),
    ],
    ociVersion: '1.0.2-dev',
    process: {
      args: ['/pause'],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      cwd: '/',
      env: ['PATH=/bin:/usr/bin'],
      noNewPrivileges: true,
      oomScoreAdj: 0,
      user: { gid: 0, uid: 0 },
    },
    root: { path: 'rootfs', readonly: true },
  };
}

/** `/var/run/netns/cni-…`, named steadily by the sandbox. */
export function networkNamespace(s: SandboxRecord): string {
  const [, a, b, c, d, e] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(s.id) ?? [];
  return `/var/run/netns/cni-${[a, b, c, d, e].join('-')}`;
}
