/**
 * What a node's container runtime remembers: the records behind `crictl`, kept in the state by the kubelets and read by
 * everything that looks at a node from inside. Times are cluster time in ms.
 */
import type { Container } from './objects.ts';

/** Names of the sections, so that rooms that may not import each other agree on them. */
export const RUNTIME_SECTIONS = {
  /** MachineRecord by node name. */
  machines: 'machines',
  /** SandboxRecord by `NODE/ID`. */
  sandboxes: 'cri/sandboxes',
  /** ContainerRecord by `NODE/ID`. */
  containers: 'cri/containers',
  /** ImageRecord by `NODE/ID`. */
  images: 'cri/images',
  /** LogRecord by container id. */
  logs: 'cri/logs',
  /** The main process of a running container by container id. */
  processes: 'cri/processes',
  /** One file of a container's writable layer or of a volume: `LAYER:PATH`, the layer being a container id or a volume's key. */
  files: 'cri/files',
  /** SeenManifest by `NODE/FILE`: what kubelets saw of the files of their static pods. */
  manifests: 'kubelet/manifests',
  /** ManifestProblem[] by node: what its kubelet found wrong with manifests of static pods. */
  manifestProblems: 'kubelet/manifest-problems',
  /** Whether a component of the control plane runs, by `COMPONENT/NODE`: see runtime/control-plane.ts. */
  controlPlane: 'control-plane',
} as const;

/** What of a machine can be filled up. */
export type Fillable = 'memory' | 'disk';

/** A machine with a kubelet: what the cluster's configuration says of it, and whether it is alive. */
export interface MachineRecord {
  name: string;
  internalIP: string;
  roles: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
  /** The machine's name at its cloud. */
  providerID?: string;
  osImage: string;
  kernelVersion: string;
  containerRuntimeVersion: string;
  kubeletVersion: string;
  capacity: Record<string, string>;
  allocatable?: Record<string, string>;
  machineID: string;
  systemUUID: string;
  bootID: string;
  bootedAt: number;
  /** Whether the kubelet runs and can talk to the API server, and since when it does or does not. */
  kubelet: { active: boolean; since: number };
  /** It is switched off; with `until` (ms) it boots, and is back then. */
  off?: { until?: number };
  /** Its kubelet ends its pods before the machine goes off, or boots anew so many ms later. */
  shutdown?: { since: number; boot?: number };
  /** How long its kubelet has for that, ms: shutdownGracePeriod, and the part of it that critical pods have. */
  shutdownGrace?: { whole: number; critical: number };
  /** It is cut off from the network; what its kubelet was before. */
  cut?: { kubelet: MachineRecord['kubelet'] };
  /** Bytes that somebody left of what it has, and what its pods used then. */
  filled?: Partial<Record<Fillable, { left: number; used: number }>>;
  kubeletPort?: number;
  /** False for a machine that kubeadm has not yet joined to the cluster, or has reset. */
  joined?: boolean;
  /** What is installed of kubeadm, where it is not of the kubelet's version. */
  kubeadmVersion?: string;
  /** The kubelet's static pod folder on the node. */
  staticPodPath?: string;
  /** Kernel parameters that its kubelet lets pods set beside the safe ones: names, or patterns that end with `*`. */
  allowedUnsafeSysctls?: string[];
}

/** A manifest that no pod was made of. Times in ms. */
export interface ManifestProblem {
  path: string;
  /** As the kubelet says it. */
  error: string;
  since: number;
  /** When the file was mended or removed. */
  until?: number;
}

export interface PodReference {
  name: string;
  namespace: string;
  uid: string;
}

export interface SandboxRecord {
  id: string;
  node: string;
  pod: PodReference;
  attempt: number;
  state: 'ready' | 'notready';
  createdAt: number;
  ip: string;
  hostNetwork: boolean;
  hostname: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  runtimeHandler: string;
  logDirectory: string;
  pid: number;
}

export interface MountRecord {
  volume: string;
  containerPath: string;
  hostPath: string;
  readOnly: boolean;
  /** Where its files are: a layer of the section `files`, or a folder of the node. */
  source: { layer: string; path: string } | { node: string; path: string };
}

export interface ContainerRecord {
  id: string;
  node: string;
  sandbox: string;
  pod: PodReference;
  name: string;
  kind: 'init' | 'regular' | 'ephemeral';
  /** The restart count. */
  attempt: number;
  /** As the pod's spec names it. */
  image: string;
  /** ImageRecord.id. */
  imageID: string;
  /** `docker.io/library/nginx:1.27`, as the runtime reports it. */
  imageName: string;
  /** `docker.io/library/nginx@sha256:…` */
  imageRef: string;
  state: 'created' | 'running' | 'exited';
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  signal?: number;
  reason?: string;
  message?: string;
  pid: number;
  /** The number of its first process inside, where it shares the numbers of others; otherwise 1. */
  innerPid?: number;
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  user: string;
  /** What its first process began as, where the runtime tells it. */
  identity?: { uid: number; gid: number; supplementalGroups: number[] };
  mounts: MountRecord[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  logPath: string;
  tty: boolean;
  stopSignal?: string;
  resources?: Container['resources'];
  securityContext?: Container['securityContext'];
}

/** A file of a static pod as its kubelet saw it last. */
export interface SeenManifest {
  mtime: number;
  /** The static pod that it means. */
  hash?: string;
  /** `NAMESPACE/NAME` of the pod that it describes. */
  pod?: string;
  /** When the folder is read as a whole again (ms), where the file cannot be read: until then its pod stays. */
  rereadAt?: number;
}

export interface ImageRecord {
  id: string;
  node: string;
  repoTags: string[];
  repoDigests: string[];
  size: number;
  user: string;
  pulledAt: number;
  pinned?: boolean;
}

/** A container's log: its last lines, and how much was dropped before them. */
export interface LogRecord {
  /** [time in ms, stream, text without its newline, 1 if the newline never came] */
  lines: [at: number, stream: 'stdout' | 'stderr', text: string, partial?: 1][];
  /** Text of a line that is not complete yet. */
  pending: { stdout?: string; stderr?: string };
  droppedLines: number;
  /** Bytes of message text kept in `lines`. */
  bytes: number;
}
