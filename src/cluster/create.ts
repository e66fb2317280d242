import { readJsonAsset } from '../base/assets.ts';
import { wallClock } from '../base/clock.ts';
import { freshSeed } from '../base/random.ts';
import { formatMicroTime, parseTime } from '../base/time.ts';
import type { User } from '../kubectl/kubeconfig/config.ts';
import { STATIC_POD_SPEC } from '../node/kubeadm/manifests.ts';
import type { MemoryState } from '../store/state.ts';
import { StateFile } from '../store/state-file.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject, Pod, Taint } from '../types/objects.ts';
import { administratorOf, admitAdministrator, certifyAdministrator } from './administrator.ts';
import { clusterVariables, fillIn, type Variables, writeBootstrapObjects } from './bootstrap.ts';
import { Cluster } from './cluster.ts';
import { ClusterClock } from './cluster-clock.ts';
import { type ClusterConfig, type NodeConfig, nodesOf, perCommandOf } from './config.ts';
import { giveHistory } from './history.ts';
import { loadTemplate } from './template.ts';

/** When a cluster on a manual clock begins unless its configuration says. */
const MANUAL_EPOCH = '2026-01-01T00:00:00Z';
/** A new cluster has been up for this long, ms: everything in it has come to rest. */
const WARM_UP = 5 * 60_000;

/** What fixtures/addons holds: see control-plane.yaml. */
interface Addon {
  staticPods?: Pick<Pod, 'metadata' | 'spec'>[];
  objects?: KubeObject[];
}

const DEFAULT_NODE = {
  osImage: 'Ubuntu 24.04.3 LTS',
  kernelVersion: '6.8.0-79-generic',
  containerRuntimeVersion: 'containerd://1.7.27',
  capacity: {
    cpu: '2',
    memory: '4015104Ki',
    'ephemeral-storage': '40470732Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: '110',
  },
};

const CONTROL_PLANE_TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

export interface CreateOptions {
  config: ClusterConfig;
  /** Where its state file will be. */
  path: string;
  /** The preset that `config` is, unchanged but for its name and clock: then it need not be brought up from nothing. */
  preset?: string;
}

/** Makes a cluster in a new state file, at rest; resolves with how its administrator proves who that is. */
export async function createCluster({ path, ...made }: CreateOptions): Promise<User> {
  const file = StateFile.create(path);
  file.lock.acquire();
  try {
    const at = await fillState(file.state, made);
    file.save({ command: 'kubemu create cluster', at });
    return administratorOf(file.state.section('cluster'));
  } finally {
    file.lock.release();
  }
}

/** Puts a cluster at rest into an empty state; resolves with its time, ms. */
export async function fillState(state: MemoryState, { config, preset }: Omit<CreateOptions, 'path'>): Promise<number> {
  const { spec, metadata } = config;
  const seed = spec.seed ?? freshSeed();
  const epoch = handOver(config);
  const ready = preset !== undefined && loadTemplate(state, preset, epoch);
  const section = state.section<unknown>('cluster');
  section.set('spec', { ...spec, seed, nodes: nodesOf(spec), pool: undefined });
  section.set('name', metadata.name);
  section.set('random', seed);
  const start = ready ? epoch : epoch - WARM_UP;
  ClusterClock.initialise(state, spec.clock.mode, start, perCommandOf(spec), wallClock);
  const cluster = new Cluster(state, { wall: wallClock });
  admitAdministrator(cluster, section);
  if (!ready) {
    await populate(cluster);
    await cluster.simulation.runUntil(epoch);
    cluster.clock.skip(WARM_UP);
    giveHistory(spec.objects ?? [], {
      store: cluster.store,
      state: cluster.state,
      resourceOf: cluster.wiring.resourceOf,
    });
  }
  certifyAdministrator(cluster, section, epoch);
  await cluster.flush();
  return epoch;
}

/** Cluster time at which the new cluster is handed over. */
function handOver({ spec }: ClusterConfig): number {
  const { mode, epoch } = spec.clock;
  if (epoch) return parseTime(epoch);
  return mode === 'manual' ? parseTime(MANUAL_EPOCH) : wallClock.now();
}

/** How long kubelets get to register their nodes before anything is created that names one, ms. */
const REGISTRATION = 2_000;

async function populate(cluster: Cluster): Promise<void> {
  const { spec, clock, random, store, state, simulation } = cluster;
  const variables = clusterVariables(spec, clock.now(), random);
  writeBootstrapObjects(store, variables, random);
  const machines = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  for (const node of spec.nodes) {
    machines.set(node.name, machineOf(node, cluster));
    simulation.timers.wake('kubelet', node.name, clock.now());
  }
  await simulation.runUntil(clock.now() + REGISTRATION);
  const { create, resourceOf } = await cluster.wire();
  for (const name of spec.addons)
    for (const [object, manager] of addonObjects(name, cluster, variables)) create(object, manager);
  for (const object of spec.objects ?? []) {
    const { namespace = '', name = '' } = object.metadata;
    // Of what is there already, the configuration tells only the past.
    if (!store.get(resourceOf(object), namespace, name)) create(fillIn(object, variables));
  }
}

/** The objects of an addon, and who makes those that kubeadm does not. */
function addonObjects(name: string, cluster: Cluster, variables: Variables): [object: KubeObject, manager?: string][] {
  const addon = readJsonAsset<Addon>(`dist/data/addons/${name}.json`);
  const controlPlanes = cluster.spec.nodes.filter(
    (node) => isControlPlane(node) && cluster.store.get('nodes', '', node.name),
  );
  const mirrors = controlPlanes.flatMap((node) =>
    (addon.staticPods ?? []).map((pod): [KubeObject, string] => [mirrorPod(pod, node, cluster, variables), 'kubelet']),
  );
  return [...mirrors, ...(addon.objects ?? []).map((object): [KubeObject] => [fillIn(object, variables)])];
}

/** The mirror of a static pod, as the kubelet of its node would create it. */
function mirrorPod(
  pod: Pick<Pod, 'metadata' | 'spec'>,
  node: NodeConfig,
  { store, random, clock }: Cluster,
  variables: Variables,
): KubeObject {
  const { metadata, spec } = fillIn(pod, { ...variables, nodeName: node.name, nodeIP: node.internalIP });
  const hash = random.hex(32);
  const uid = store.get('nodes', '', node.name)?.metadata.uid ?? '';
  const mirror: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${metadata.name}-${node.name}`,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.seen': formatMicroTime(clock.now()),
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid, controller: true }],
    },
    spec: {
      ...spec!,
      nodeName: node.name,
      ...STATIC_POD_SPEC,
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
    },
  };
  return mirror;
}

const isControlPlane = (node: NodeConfig): boolean => node.roles?.includes('control-plane') ?? false;

const defaultTaints = (node: NodeConfig, nodes: number): Taint[] =>
  isControlPlane(node) && !(node.untaintedAlone && nodes === 1) ? [CONTROL_PLANE_TAINT] : [];

function machineOf(node: NodeConfig, { spec, random, clock }: Cluster): MachineRecord {
  const now = clock.now();
  const variables = { nodeName: node.name, nodeIP: node.internalIP };
  const machineID = random.hex(32);
  const kernelVersion = node.kernelVersion ?? DEFAULT_NODE.kernelVersion;
  return {
    name: node.name,
    internalIP: node.internalIP,
    roles: node.roles ?? [],
    labels: node.labels,
    annotations: node.annotations && fillIn(node.annotations, variables),
    ...(node.providerID && { providerID: fillIn(node.providerID, variables) }),
    taints: node.taints ?? defaultTaints(node, spec.nodes.length),
    osImage: node.osImage ?? DEFAULT_NODE.osImage,
    kernelVersion,
    containerRuntimeVersion: node.containerRuntimeVersion ?? DEFAULT_NODE.containerRuntimeVersion,
    kubeletVersion: spec.kubernetesVersion,
    capacity: node.capacity ?? DEFAULT_NODE.capacity,
    allocatable: node.allocatable,
    machineID,
    // A Firecracker machine has no DMI to read a uuid from: the kubelet takes the machine's id.
    systemUUID: kernelVersion.includes('-fc-') ? machineID : random.uuid(),
    bootID: random.uuid(),
    bootedAt: now,
    kubelet: { active: true, since: now },
  };
}
