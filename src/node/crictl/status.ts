import type { ContainerRecord, ImageRecord, SandboxRecord } from '../../types/node-runtime.ts';
import { bridgeOf, cniConfiguration } from '../cni.ts';
import type { NodeHost } from '../host.ts';
import { containerSpec, limitsOf, mountsOf, networkNamespace, runtimeDefaults, sandboxSpec } from './runtime-spec.ts';

const time = (ms: number | undefined): string =>
  ms ? new Date(Math.floor(ms)).toISOString().replace('Z', '000000Z') : '0001-01-01T00:00:00Z';

const PID_NAMESPACE = { pid: 1, userns_options: { mode: 2 } };

/** What the kubelet asked the runtime for: ContainerConfig of the CRI. */
function containerConfig(host: NodeHost, c: ContainerRecord): Record<string, unknown> {
  const limits = limitsOf(host, c);
  const { readonlyPaths, container } = runtimeDefaults();
  const pod = host.get('pods', c.pod.namespace, c.pod.name);
  const spec = [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].find(
    ({ name }) => name === c.name,
  );
  const image = host.runtime.imageConfig(c.imageID);
  const ownEnv = Object.entries(c.env).filter(
    ([name]) => name !== 'HOSTNAME' && name !== 'HOME' && image?.env[name] === undefined,
  );
  const privileged = c.securityContext?.privileged ?? false;
  return {
    annotations: c.annotations,
    ...(spec?.args && { args: spec.args }),
    ...(spec?.command && { command: spec.command }),
    envs: ownEnv.map(([key, value]) => ({ key, value })),
    image: { image: c.imageID },
    labels: c.labels,
    linux: {
      resources: {
        cpu_period: limits.period,
        ...(limits.quota && { cpu_quota: limits.quota }),
        cpu_shares: limits.shares,
        hugepage_limits: [{ page_size: '2MB' }, { page_size: '1GB' }],
        ...(limits.memory && { memory_limit_in_bytes: limits.memory }),
        oom_score_adj: limits.oomScore,
      },
      security_context: {
        ...(privileged ? { privileged } : { masked_paths: container.maskedPaths }),
        namespace_options: PID_NAMESPACE,
        ...(!privileged && { readonly_paths: readonlyPaths }),
        run_as_user: {},
        seccomp: { profile_type: 1 },
      },
    },
    log_path: c.logPath.split('/').slice(-2).join('/'),
    metadata: { ...(c.attempt && { attempt: c.attempt }), name: c.name },
    mounts: mountsOf(c).map((m) => ({
      container_path: m.containerPath,
      host_path: m.hostPath,
      ...(m.readOnly && { readonly: true }),
    })),
    ...(c.tty && { tty: true }),
  };
}

/** A container as ContainerStatus answers it; `info` only when it is asked to be verbose. */
export function containerStatus(
  host: NodeHost,
  sandboxes: SandboxRecord[],
  c: ContainerRecord,
): Record<string, unknown> {
  const limits = limitsOf(host, c);
  const sandbox = sandboxes.find(({ id }) => id === c.sandbox);
  return {
    info: {
      config: containerConfig(host, c),
      pid: c.state === 'running' ? c.pid : 0,
      removing: false,
      runtimeOptions: {},
      ...(sandbox && { runtimeSpec: containerSpec(host, c, sandbox) }),
      runtimeType: 'io.containerd.runc.v2',
      sandboxID: c.sandbox,
      snapshotKey: c.id,
      snapshotter: 'overlayfs',
    },
    status: {
      annotations: c.annotations,
      createdAt: time(c.createdAt),
      exitCode: c.exitCode ?? 0,
      finishedAt: time(c.finishedAt),
      id: c.id,
      image: { annotations: {}, image: c.imageName, imageRef: '', runtimeHandler: '', userSpecifiedImage: '' },
      imageId: '',
      imageRef: c.imageRef,
      labels: c.labels,
      logPath: c.logPath,
      message: c.message ?? '',
      metadata: { attempt: c.attempt, name: c.name },
      mounts: mountsOf(c).map((m) => ({
        containerPath: m.containerPath,
        gidMappings: [],
        hostPath: m.hostPath,
        imageSubPath: '',
        propagation: 'PROPAGATION_PRIVATE',
        readonly: m.readOnly,
        recursiveReadOnly: false,
        selinuxRelabel: false,
        uidMappings: [],
      })),
      reason: c.reason ?? '',
      resources: {
        linux: {
          cpuPeriod: String(limits.period),
          cpuQuota: String(limits.quota),
          cpuShares: String(limits.shares),
          cpusetCpus: '',
          cpusetMems: '',
          hugepageLimits: [],
          memoryLimitInBytes: String(limits.memory),
          memorySwapLimitInBytes: String(limits.memory),
          oomScoreAdj: String(limits.oomScore),
          unified: {},
        },
      },
      startedAt: time(c.startedAt),
      state: `CONTAINER_${c.state.toUpperCase()}`,
      stopSignal: 'RUNTIME_DEFAULT',
      user: null,
    },
  };
}

/** A hardware address, made steadily of an id. */
const mac = (id: string, at: number): string =>
  ['0a', ...Array.from({ length: 5 }, (_, i) => id.slice(at + 2 * i, at + 2 * i + 2))].join(':');

/** What the network's plugins answered when a pod was connected. */
function cniResult(host: NodeHost, s: SandboxRecord): Record<string, unknown> {
  const netns = networkNamespace(s);
  const gateway = s.ip.replace(/\.\d+$/, '.1');
  const address = (ip: string, via = '') => ({ Gateway: via, IP: ip });
  const host0 = { IPConfigs: null, Sandbox: '' };
  return {
    DNS: [{}, {}],
    Interfaces: {
      [bridgeOf(cniConfiguration(host))]: {
        ...host0,
        Mac: mac(host.name.padEnd(12, '0'), 0).replace(/[^0-9a-f:]/g, '6'),
      },
      eth0: { IPConfigs: [address(s.ip, gateway)], Mac: mac(s.id, 8), Sandbox: netns },
      lo: { IPConfigs: [address('127.0.0.1'), address('::1')], Mac: '00:00:00:00:00:00', Sandbox: netns },
      [`veth${s.id.slice(0, 8)}`]: { ...host0, Mac: mac(s.id, 20) },
    },
    Routes: [{ dst: '0.0.0.0/0' }],
  };
}

/** PodSandboxConfig of the CRI. */
function sandboxConfig(host: NodeHost, s: SandboxRecord): Record<string, unknown> {
  const pod = host.get('pods', s.pod.namespace, s.pod.name);
  const policy = pod?.spec?.dnsPolicy ?? 'ClusterFirst';
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !s.hostNetwork);
  const dns = host.get('services', 'kube-system', 'kube-dns')?.spec?.clusterIP ?? '10.96.0.10';
  return {
    annotations: s.annotations,
    dns_config: cluster
      ? {
          options: ['ndots:5'],
          searches: [`${s.pod.namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'],
          servers: [dns],
        }
      : { servers: ['127.0.0.53'] },
    ...(!s.hostNetwork && { hostname: s.hostname }),
    labels: s.labels,
    linux: {
      overhead: {},
      resources: { cpu_period: 100_000, cpu_shares: 2 },
      security_context: {
        namespace_options: { ...(s.hostNetwork && { network: 2 }), ...PID_NAMESPACE },
        seccomp: {},
      },
    },
    log_directory: s.logDirectory,
    metadata: {
      ...(s.attempt && { attempt: s.attempt }),
      name: s.pod.name,
      namespace: s.pod.namespace,
      uid: s.pod.uid,
    },
  };
}

/** A sandbox as PodSandboxStatus answers it. */
export function sandboxStatus(host: NodeHost, s: SandboxRecord): Record<string, unknown> {
  const ready = s.state === 'ready';
  return {
    info: {
      ...(!s.hostNetwork && { cniResult: cniResult(host, s) }),
      config: sandboxConfig(host, s),
      image: 'registry.k8s.io/pause:3.10',
      netNamespaceClosed: !ready,
      pid: ready ? s.pid : 0,
      processStatus: ready ? 'running' : 'deleted',
      runtimeHandler: s.runtimeHandler,
      runtimeOptions: {},
      runtimeSpec: sandboxSpec(host, s),
      runtimeType: 'io.containerd.runc.v2',
      snapshotKey: s.id,
      snapshotter: 'overlayfs',
    },
    status: {
      annotations: s.annotations,
      createdAt: time(s.createdAt),
      id: s.id,
      labels: s.labels,
      linux: {
        namespaces: {
          options: { ipc: 'POD', network: s.hostNetwork ? 'NODE' : 'POD', pid: 'CONTAINER', targetId: '' },
        },
      },
      metadata: { attempt: s.attempt, name: s.pod.name, namespace: s.pod.namespace, uid: s.pod.uid },
      network: { additionalIps: [], ip: s.hostNetwork ? '' : s.ip },
      runtimeHandler: s.runtimeHandler,
      state: `SANDBOX_${s.state.toUpperCase()}`,
    },
  };
}

/** An image as ImageStatus answers it. */
export function imageStatus(host: NodeHost, i: ImageRecord): Record<string, unknown> {
  const config = host.runtime.imageConfig(i.id);
  const chain = `sha256:${[...i.id.replace('sha256:', '')].reverse().join('')}`;
  return {
    info: {
      chainID: chain,
      imageSpec: {
        architecture: 'amd64',
        config: {
          ...(config?.cmd.length && { Cmd: config.cmd }),
          ...(config?.entrypoint.length && { Entrypoint: config.entrypoint }),
          Env: Object.entries(config?.env ?? { PATH: '/bin:/usr/bin' }).map(([name, value]) => `${name}=${value}`),
          ...(config && config.cwd !== '/' && { WorkingDir: config.cwd }),
          ...(i.user && { User: i.user }),
        },
        history: [{ created: '2026-01-01T00:00:00Z' }],
        os: 'linux',
        rootfs: { diff_ids: [chain], type: 'layers' },
      },
    },
    status: {
      id: i.id,
      pinned: i.pinned ?? false,
      repoDigests: i.repoDigests,
      repoTags: i.repoTags,
      size: String(i.size),
      username: i.user,
    },
  };
}
