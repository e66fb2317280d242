import { UserError } from '../../base/user-error.ts';

/** A place in a lab's file, for messages: `fixtures/labs/ckad/probes.md:12`. */
export interface Place {
  file: string;
  line: number;
}

/** A fenced block that is more than text. */
export interface Block extends Place {
  kind: 'manifest' | 'commands' | 'file';
  /** Of a `file`: its name in the workstation's home folder. */
  name?: string;
  text: string;
  /** Of a setup: it comes after the cluster was broken. */
  after?: boolean;
}

export type Comparison = 'is' | 'not' | 'contains' | 'matches' | 'atLeast' | 'atMost';
export type Comparisons = Partial<Record<Comparison, string | number | boolean>>;

interface CheckBase extends Place {
  /** True when it passes; what stands behind ✓ and ✗. */
  check: string;
  /** What the learner reads when it fails. */
  otherwise: string;
  weight: number;
  /** Where its objects are, if not in the lab's own namespace. */
  namespace?: string;
}

/** An object's state: that it is there, is not, looks like this, or has this at a path. */
export interface ObjectCheck extends CheckBase {
  kind: 'object';
  /** `deployment/web`, `deployments.apps/web` */
  object: string;
  /** Partial YAML. */
  looksLike?: unknown;
  jsonpath?: string;
  /** Of what the path finds. */
  comparisons: Comparisons;
  absent?: boolean;
}

/** How many objects there are that look like this. */
export interface CountCheck extends CheckBase {
  kind: 'objects';
  objects: string;
  selector?: string;
  count: Pick<Comparisons, 'is' | 'atLeast' | 'atMost'>;
  looksLike?: unknown;
}

/** What a command line shows. */
export interface RunCheck extends CheckBase {
  kind: 'run';
  run: string;
  /** A node, as root; without it, the workstation. */
  on?: string;
  shows?: string;
  exit: number | 'any';
}

/** What answers at an address, seen from a pod or a node. */
export interface ReachCheck extends CheckBase {
  kind: 'reach';
  reach: string;
  from: string;
  answers: number | 'open' | 'refused' | 'timeout' | 'unknown-host';
  shows?: string;
}

/** An object that is still the very one that it was when the task began. */
export interface KeptCheck extends CheckBase {
  kind: 'kept';
  kept: string;
}

export type Check = ObjectCheck | CountCheck | RunCheck | ReachCheck | KeptCheck;

/** A way through a task: a right one, or a mistake that must not pass. */
export interface Way extends Place {
  title: string;
  /** The Markdown of its section, for the learner. */
  text: string;
  blocks: Block[];
}

export interface Task extends Place {
  title: string;
  /** Of an exam's task, where it is not the whole exam's. */
  topic?: string;
  text: string;
  setup: Block[];
  checks: Check[];
  hints: string[];
  solutions: Way[];
  mistakes: Way[];
}

export const LEVELS = ['beginner', 'intermediate', 'advanced'] as const;
export const PRESETS = ['kubeadm', 'aks', 'kind', 'minikube', 'mangodairy'] as const;

/** What the lab's cluster is: a preset with changes, or a whole configuration. */
export interface LabCluster {
  preset?: (typeof PRESETS)[number];
  nodes?: number;
  seed?: number;
  addons?: string[];
  kubernetesVersion?: string;
  clock?: 'real' | 'manual';
  /** kubemu.dev/v1alpha1 Cluster, checked when the cluster is made. */
  config?: unknown;
}

export interface Lab {
  id: string;
  /** guided, ckad, cka, aks, broken, exams; of a file elsewhere: `own`. */
  series: string;
  file: string;
  title: string;
  level: (typeof LEVELS)[number];
  minutes: number;
  topic: string;
  version: number;
  namespace: string;
  cluster: LabCluster;
  /** fixtures/labs/broken/NAME.yaml breaks the cluster. */
  broken?: string;
  /** Where it comes from; such a lab may have no solutions. */
  imported?: string;
  /** Per cent that pass. */
  exam?: { pass: number };
  story: string;
  tasks: Task[];
  afterwards?: string;
  /** The whole file, whose digest says which lab a receipt is of. */
  source: string;
}

/** A lab that cannot be: one line for each wrong place, `FILE:LINE: WHAT IS WRONG: WHAT TO DO`. */
export class LabError extends UserError {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

export const placeOf = ({ file, line }: Place): string => `${file}:${line}`;
