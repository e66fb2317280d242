import { parseDuration } from '../base/duration.ts';
import { formatIp, parseIp } from '../base/ip.ts';
import { UserError } from '../base/user-error.ts';
import type { MachineFacts } from '../node/host.ts';
import type { ImageFixture } from '../sh/images/family.ts';
import type { KubeObject, Taint } from '../types/objects.ts';
import { CLUSTER_SHAPE } from './config-shape.ts';
import { wholeImages } from './images-shape.ts';
import { checkShape } from './shape.ts';

export interface NodeConfig {
  name: string;
  internalIP: string;
  roles?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: Taint[];
  /** A control plane that has no taint while it is the only node, as kind makes it. */
  untaintedAlone?: boolean;
  hostname?: string;
  osImage?: string;
  kernelVersion?: string;
  containerRuntimeVersion?: string;
  architecture?: string;
  providerID?: string;
  capacity?: Record<string, string>;
  allocatable?: Record<string, string>;
  /** What the machine itself shows: systemd, units, the kubelet's flags. */
  machine?: Partial<MachineFacts>;
}

/** How a pool's names say the instance's number; the address counts up with it. */
const NUMBERS: Record<string, (number: number) => string> = {
  '{i}': String,
  /** In base 36, six digits: a scale set's. */
  '{i36}': (number) => number.toString(36).padStart(6, '0'),
  '{i02}': (number) => String(number).padStart(2, '0'),
  /** The first has none: kind's. */
  '{i2+}': (number) => (number < 2 ? '' : String(number)),
};

/** Nodes alike; their names hold one of NUMBERS. */
export interface NodePool {
  name: string;
  count: number;
  first?: number;
  internalIP: string;
  /** Distance of two neighbours' addresses. */
  step?: number;
  node?: Omit<NodeConfig, 'name' | 'internalIP'>;
}

/** What a pull finds, where a configuration limits that. */
export interface ImageConfig {
  name: string;
  tags?: string[];
  behaviour?: string;
  logs?: string[];
}

/** What a pull finds beside the images that ship with kubemu. */
export interface RegistryConfig {
  /** As in fixtures/images: what they are made of and what their servers do. */
  add?: ImageFixture[];
  /** A pull of an image that nobody described succeeds; it runs and says nothing. */
  pullUnknown?: boolean;
}

export interface ClusterSpec {
  kubernetesVersion: string;
  clock: { mode: 'real' | 'manual'; perCommand?: string; epoch?: string };
  seed?: number;
  /** `https://192.168.50.10:6443` */
  apiServer: string;
  network: {
    podCIDR: string;
    serviceCIDR: string;
    clusterDNS?: string;
    clusterDomain?: string;
    /** The cloud makes load balancers, with addresses of these networks; without it services wait for one. */
    loadBalancers?: { cidr: string; internalCIDR?: string };
    /** Pods through which alone the control plane reaches the nodes; without it, it reaches them by itself. */
    konnectivity?: { namespace: string; selector: Record<string, string> };
  };
  /** Names of fixtures/addons. */
  addons: string[];
  nodeDefaults?: Omit<NodeConfig, 'name' | 'internalIP' | 'roles'>;
  nodes: NodeConfig[];
  pool?: NodePool;
  images?: ImageConfig[];
  registry?: RegistryConfig;
  /** More objects that the cluster begins with. */
  objects?: KubeObject[];
}

/** The content of `kubemu create cluster --config FILE`, and of the presets in fixtures/clusters. */
export interface ClusterConfig {
  apiVersion: 'kubemu.dev/v1alpha1';
  kind: 'Cluster';
  metadata: { name: string };
  spec: ClusterSpec;
}

/** The versions whose answers were recorded, by what may be asked for. */
const VERSIONS: Record<string, RegExp> = {
  'v1.33.13': /^v?1\.33(\.13)?$/,
  'v1.21.1': /^v?1\.21(\.1)?$/,
};

/** A configuration that cannot be: one line for each wrong field, with its path and what is allowed. */
export class ConfigError extends UserError {}

/** The version that `wanted` (`1.33`, `v1.33.13`) names; refuses those whose answers nobody recorded. */
export function resolveVersion(wanted: string): string {
  const found = Object.entries(VERSIONS).find(([, pattern]) => pattern.test(wanted));
  if (found) return found[0];
  throw new ConfigError(
    `Kubernetes ${wanted} is not supported: its answers were never recorded, and guessed ones would teach falsehoods\nsupported: ${Object.keys(VERSIONS).join(', ')}`,
  );
}

/** Checks a configuration as it was read from YAML or JSON. Throws ConfigError naming every wrong field. */
export function validateConfig(value: unknown, source: string): ClusterConfig {
  const problems = checkShape(value, CLUSTER_SHAPE, '');
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${source}: ${problem}`).join('\n'));
  const config = value as ClusterConfig;
  const names = nodesOf(config.spec).map((node) => node.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new ConfigError(`${source}: spec.nodes: ${twice} is there twice: every node has a name of its own`);
  if (names.length === 0) throw new ConfigError(`${source}: spec.nodes: a cluster has at least one node`);
  const { registry, kubernetesVersion } = config.spec;
  return {
    ...config,
    spec: {
      ...config.spec,
      kubernetesVersion: resolveVersion(kubernetesVersion),
      ...(registry && { registry: { ...registry, ...(registry.add && { add: registry.add.map(wholeImages) }) } }),
    },
  };
}

/** All nodes in order, those of the pool included, with the defaults filled in. */
export function nodesOf(spec: ClusterSpec, instances?: number[]): NodeConfig[] {
  const { pool, nodeDefaults } = spec;
  const numbers = instances ?? Array.from({ length: pool?.count ?? 0 }, (_, index) => (pool?.first ?? 0) + index);
  const withDefaults = <N extends Partial<NodeConfig>>(node: N) => ({
    ...nodeDefaults,
    ...node,
    labels: { ...nodeDefaults?.labels, ...node.labels },
    annotations: { ...nodeDefaults?.annotations, ...node.annotations },
  });
  const pooled = pool ? numbers.map((number) => poolNode(pool, withDefaults(pool.node ?? {}), number)) : [];
  return [...spec.nodes.map(withDefaults), ...pooled];
}

function poolNode(pool: NodePool, node: Omit<NodeConfig, 'name' | 'internalIP'>, number: number): NodeConfig {
  const distance = (number - (pool.first ?? 0)) * (pool.step ?? 1);
  const numbered = (text: string) => text.replace(/\{i[^}]*\}/g, (form) => NUMBERS[form]?.(number) ?? form);
  return {
    ...node,
    ...(node.providerID && { providerID: numbered(node.providerID) }),
    name: numbered(pool.name),
    internalIP: shiftAddress(pool.internalIP, distance),
  };
}

/** What a command takes on a manual clock, ms. */
export function perCommandOf(spec: ClusterSpec): number {
  return parseDuration(spec.clock.perCommand ?? '100ms');
}

function shiftAddress(address: string, distance: number): string {
  const ip = parseIp(address)!;
  return formatIp({ ...ip, bits: ip.bits + BigInt(distance) });
}
