import { noise } from '../base/noise.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { Demand, FileSystem, Machine, Owner, ProcessState } from '../sh/process.ts';
import {
  type ContainerRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { faultyDaemons, isChecked, type Start } from './daemon-faults/index.ts';
import { podDns, resolvConf } from './dns.ts';
import { KernelLayer } from './files/kernel-layer.ts';
import { type LayerEntry, LayerFiles } from './files/layer.ts';
import { type Credentials, type Mount, MountTree } from './files/mount-tree.ts';
import { PayloadFiles } from './files/payload.ts';
import { volumeFiles } from './files/volume-files.ts';
import { WithFiles } from './files/with-files.ts';
import { kernelFiles } from './kernel-files.ts';
import { mountTable } from './mount-table.ts';
import { isLimited } from './node/local-storage.ts';
import { nodeFile } from './node-file.ts';
import { visibleProcesses } from './pid-namespace.ts';
import type { Platform, RegistryImage } from './platform.ts';
import { isListeningOn } from './ports.ts';
import { credentialsOf } from './process-identity.ts';
import { openSockets } from './sockets.ts';
import { TIMING } from './timing.ts';
import { PAYLOADS, type PayloadRecord } from './volumes.ts';

/** A running container's main process, beside what the runtime knows of it. */
export interface ProcessRecord {
  process: ProcessState;
  wakeAt?: number;
  /** It left the container: it runs on the node. */
  host?: true;
  /** It repeats itself: it is run on only when somebody looks. */
  steady?: true;
  demand?: Demand;
  /** How often it was woken: a loop shows itself by it. */
  wakes: number;
}

const HOSTS = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'fe00::\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

export function hostsFile(world: ActorWorld, platform: Platform, pod: Pod | undefined, sandbox: SandboxRecord): string {
  const { hostname, subdomain } = { subdomain: pod?.spec?.subdomain, ...sandbox };
  const whole = `${hostname}.${subdomain}.${sandbox.pod.namespace}.svc.${platform.settings.clusterDomain}`;
  const lines = sandbox.hostNetwork
    ? ['# Kubernetes-managed hosts file (host network).', ...nodeFile(world, platform, sandbox.node, ['/etc/hosts'])]
    : [...HOSTS, `${sandbox.ip}\t${subdomain ? `${whole}\t` : ''}${hostname}`];
  const aliases = pod?.spec?.hostAliases ?? [];
  if (aliases.length > 0) {
    lines.push(
      '',
      '# Entries added by HostAliases.',
      ...aliases.map((alias) => [alias.ip, ...(alias.hostnames ?? [])].join('\t')),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** What runs in a container: its main process and those below it. */
export function ownProcesses(
  world: ActorWorld,
  platform: Platform,
  record: ContainerRecord,
): ReturnType<NonNullable<Machine['processes']>> {
  const entry = world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes).get(record.id);
  const own = entry && platform.programs.processes?.(entry.process);
  const started = record.startedAt ?? record.createdAt;
  return own ?? [{ pid: record.innerPid ?? 1, ppid: 0, user: record.user, command: record.argv.join(' '), started }];
}

/** What is mounted apart from a root that may not be written. */
const ALWAYS_WRITABLE = ['/dev', '/etc/hosts'];

const ROOT = new Set(['', 'root', '0']);

/** The folders that an image's own user has in it. */
function homeOf({ user, cwd }: RegistryImage, files: FileSystem): Record<string, Owner> {
  if (ROOT.has(user)) return {};
  const { uid, gids } = credentialsOf(user, files);
  if (uid === 0) return {};
  const home =
    files.stat('/etc/passwd') &&
    files
      .read('/etc/passwd')
      .split('\n')
      .find((line) => line.split(':')[2] === String(uid))
      ?.split(':')[5];
  const owner = { uid, gid: gids[0] ?? 0 };
  return Object.fromEntries([cwd, home].flatMap((path) => (path && path !== '/' ? [[path, owner]] : [])));
}

/** What a container sees as its files: the image, its own layer over it, its volumes. */
export function containerFiles(
  world: ActorWorld,
  platform: Platform,
  record: ContainerRecord,
  sandbox: SandboxRecord,
  pod: Pod | undefined,
  changed?: () => void,
): FileSystem {
  const { programs } = platform;
  const section = world.state.section<LayerEntry>(RUNTIME_SECTIONS.files);
  const now = () => world.now();
  const manifest = programs.image(record.imageID, record.imageName)!;
  const below = programs.files(manifest);
  let known: Credentials | undefined;
  const credentials = () => {
    known ??= credentialsOf(record.user, below);
    return known;
  };
  const machine = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).get(record.node)!;
  const kernel = () =>
    kernelFiles({
      record,
      credentials,
      main: () => ownProcesses(world, platform, record)[0]?.command ?? '',
      mounts: () => mountTable(record, pod, machine.capacity.memory ?? '0'),
      machine,
      sysctls: pod?.spec?.securityContext?.sysctls ?? [],
      ip: sandbox.hostNetwork ? '' : sandbox.ip,
    });
  const image = new WithFiles(
    new KernelLayer(below, kernel),
    {
      '/etc/hostname': `${sandbox.hostname}\n`,
      '/etc/hosts': () => hostsFile(world, platform, pod, sandbox),
      '/etc/resolv.conf': () => resolvConf(podDns(world, platform, pod, sandbox)),
      '/dev/termination-log': '',
      get '/dev/urandom'() {
        return noise(`${record.id}/${world.now()}`);
      },
    },
    { '/dev/termination-log': { mode: 0o666 }, ...homeOf(manifest, below) },
  );
  // What is written may be more than the pod is allowed: the kubelet sees it with its next statistics.
  const isCounted = pod && isLimited(pod);
  const written = (after: number) =>
    changed || isCounted
      ? () => {
          changed?.();
          if (isCounted) world.wake(record.node, now() + after, 'kubelet');
        }
      : undefined;
  const fsGroup = pod?.spec?.securityContext?.fsGroup;
  const mounts = record.mounts.map((mount): Mount => {
    const { source } = mount;
    const base = { path: mount.containerPath, root: source.path, readOnly: mount.readOnly };
    if ('node' in source) return { ...base, files: platform.hostFiles(world, source.node) };
    if (!source.layer.startsWith('@'))
      return {
        ...base,
        files: volumeFiles(section, source.layer, pod, now, sandbox.createdAt, written(TIMING.volumeStats)),
      };
    const projected = world.state.section<PayloadRecord>(PAYLOADS).get(source.layer.slice(1)) ?? { payload: {}, at: 0 };
    const files = new PayloadFiles(projected.payload, projected.at, fsGroup);
    // A single file mounted by subPath is the file itself: it does not follow later updates' links.
    const root = source.path === '/' ? '/' : `${files.stat('/..data')!.target!.replace(/^/, '/')}${source.path}`;
    return { ...base, files, root, readOnly: true };
  });
  const root = new LayerFiles(section, record.id, now, image, written(TIMING.eviction));
  if (!record.securityContext?.readOnlyRootFilesystem) return new MountTree(root, mounts, false, credentials());
  const writable = ALWAYS_WRITABLE.filter((path) => !mounts.some((mount) => mount.path === path));
  const apart = writable.map((path): Mount => ({ path, files: root, root: path, readOnly: false }));
  return new MountTree(root, [...mounts, ...apart], true, credentials());
}

/** How a server of the cluster was started. */
export function startOf(world: ActorWorld, platform: Platform, record: ContainerRecord, files: FileSystem): Start {
  const { host, port } = platform.settings.apiServer;
  return {
    argv: record.argv,
    files,
    apiServer: `${host}:${port}`,
    listening: (wanted) => isListeningOn(world, platform, record.node, wanted),
  };
}

/** What a process may have of its own. */
export interface Around {
  /** Its time, where it runs ahead of the cluster's. */
  at?: () => number;
  /** Told when it changes files. */
  changed?: () => void;
}

/** The machine around a container's processes. */
export function containerMachine(
  world: ActorWorld,
  platform: Platform,
  record: ContainerRecord,
  sandbox: SandboxRecord,
  pod: Pod | undefined,
  options: Around & Pick<Machine, 'kill' | 'leave'> = {},
): Machine {
  const own = platform.programs.image(record.imageID, record.imageName);
  const { flavour = 'busybox', busybox, packages } = own ?? {};
  const files = containerFiles(world, platform, record, sandbox, pod, options.changed);
  return {
    hostname: sandbox.hostname,
    files,
    // A getter: looking is worth it only when the program runs on.
    get daemons() {
      return isChecked(record.argv) ? faultyDaemons(startOf(world, platform, record, files)) : undefined;
    },
    now: options.at ?? (() => world.now()),
    network: platform.network(world, {
      namespace: sandbox.pod.namespace,
      ip: sandbox.ip,
      node: sandbox.node,
    }),
    get commands() {
      return own ? (platform.commands?.(world, platform.programs.files(own)) ?? {}) : {};
    },
    flavour,
    ...(busybox && { busybox }),
    ...(packages && { packages }),
    processes: () => visibleProcesses(world, platform, record),
    sockets: () => openSockets(world, platform, sandbox),
    ...(options.kill && { kill: options.kill }),
    ...(options.leave && { leave: options.leave }),
  };
}
