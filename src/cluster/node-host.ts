import { type LayerEntry, LayerFiles } from '../kubelet/files/layer.ts';
import { MountTree } from '../kubelet/files/mount-tree.ts';
import { machineSockets, nodeRuntime, POD_FOLDERS, podFolders } from '../kubelet/index.ts';
import type { Platform } from '../kubelet/platform.ts';
import { nodeFiles, nodeSources } from '../node/files/index.ts';
import { RenderedFiles } from '../node/files/rendered.ts';
import type { MachineFacts, NodeHost } from '../node/host.ts';
import { departureOf } from '../node/processes/enter.ts';
import { killProcess } from '../node/processes/kill.ts';
import { openAt } from '../node/processes/sockets.ts';
import { processesOf } from '../node/processes/table.ts';
import { nodePrograms } from '../node/programs/index.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import { apiServerUp } from '../runtime/control-plane.ts';
import type { Machine } from '../sh/process.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { ClusterSpec } from './config.ts';
import { nodesOf } from './config.ts';

/** Where kube-proxy tells of itself, on loopback. */
const PROXY_METRICS = 10_249;

/** Section with what was changed on the disks of the nodes: `node:PATH`. */
const NODE_FILES = 'files/nodes';

/** Folders whose changes the kubelet and the runtime notice, and after how long, ms. */
const WATCHED = ['/etc/kubernetes/', '/etc/cni/', '/var/lib/kubelet/'];
const NOTICE = 1000;

/** By the operating system's name: the version of its systemd, and where its packages put units. */
const SYSTEMS: [pattern: RegExp, facts: MachineFacts][] = [
  [/Ubuntu 20\.04/, { systemd: 245, unitFolder: '/lib/systemd/system' }],
  [/Ubuntu 22\.04/, { systemd: 249, unitFolder: '/lib/systemd/system' }],
  [/Ubuntu 24\.04/, { systemd: 255, unitFolder: '/usr/lib/systemd/system' }],
  [/.*/, { systemd: 252, unitFolder: '/lib/systemd/system' }],
];

/** What a configuration says of the machines of its nodes, by name: read once. */
const configured = new WeakMap<ClusterSpec, Map<string, Partial<MachineFacts> | undefined>>();

function machineFacts(spec: ClusterSpec, { name, osImage }: MachineRecord): MachineFacts {
  let facts = configured.get(spec);
  if (!facts) {
    facts = new Map(nodesOf(spec).map((node) => [node.name, node.machine]));
    configured.set(spec, facts);
  }
  return { ...SYSTEMS.find(([pattern]) => pattern.test(osImage))![1], ...facts.get(name) };
}

/** A node as the programs on it see it; undefined for a machine that the cluster does not have. */
export function nodeHost(world: ActorWorld, platform: Platform, spec: ClusterSpec, name: string): NodeHost | undefined {
  const records = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const record = records.get(name);
  if (!record) return undefined;
  const host: NodeHost = {
    name,
    node: () => world.client.get('nodes', '', name),
    get machine() {
      return machineFacts(spec, record);
    },
    record: () => records.get(name)!,
    // A getter: the files are made from what the host knows.
    get files() {
      return nodeFileSystem(world, platform, host);
    },
    get shipped() {
      return nodeFiles(host);
    },
    runtime: nodeRuntime(world, platform, name),
    proxyMode() {
      const access = platform.network(world, { namespace: '', ip: record.internalIP, node: name });
      const asked = { method: 'GET', host: '127.0.0.1', port: PROXY_METRICS, path: '/proxyMode', headers: {} };
      const answer = access.http(asked);
      return 'body' in answer ? answer.body : undefined;
    },
    apiServer: () => ({ url: spec.apiServer, answers: apiServerUp(world.state) }),
    state: world.state,
    now: () => world.now(),
    get: (resource, namespace, object) => world.client.get(resource, namespace, object),
    list: (resource, namespace) => world.client.list(resource, namespace),
    get etcd() {
      return platform.etcd!();
    },
    client: world.client,
    random: world.random,
    setRecord: (change) => {
      records.set(name, { ...records.get(name)!, ...change });
      world.wake(name, world.now(), 'kubelet');
    },
    changed: () => world.wake(name, world.now(), 'kubelet'),
  };
  return host;
}

/** The disk of a node: what its system, its services and Kubernetes put there, and what was changed since. */
export function nodeFileSystem(world: ActorWorld, platform: Platform, host: NodeHost): MountTree {
  const base = new RenderedFiles(nodeSources(host), host.record().bootedAt);
  const noticed = (path: string) => {
    const { staticPodPath } = host.record();
    const watched = staticPodPath ? [...WATCHED, `${staticPodPath}/`] : WATCHED;
    if (watched.some((folder) => path.startsWith(folder))) world.wake(host.name, world.now() + NOTICE, 'kubelet');
  };
  const layer = new LayerFiles(
    world.state.section<LayerEntry>(NODE_FILES),
    host.name,
    () => world.now(),
    base,
    noticed,
  );
  const pods = { path: POD_FOLDERS, files: podFolders(world, platform, host.name), root: '/', readOnly: false };
  return new MountTree(layer, [pods], false);
}

/** The machine that a shell on a node runs on. */
export function nodeMachine(world: ActorWorld, platform: Platform, host: NodeHost): Machine {
  return {
    hostname: host.name,
    files: host.files,
    now: () => world.now(),
    network: platform.network(world, {
      namespace: '',
      ip: host.record().internalIP,
      node: host.name,
    }),
    commands: nodePrograms(host),
    processes: () => processesOf(host),
    kill: (pid, signal) => killProcess(host, pid, signal),
    leave: (argv) => departureOf(host, argv, () => nodeMachine(world, platform, host)),
    sockets: () => openAt(host, machineSockets(world, platform, host.record())),
    flavour: 'bash',
  };
}
